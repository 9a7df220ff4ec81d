//! Where an area counts that is no more, or was not yet.

use std::iter;

use super::id::AreaId;
use super::lifetime::Lifetime;
use super::tree::AreaTree;
use crate::time::EventTime;

/// By the map of which day figures are rolled up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Boundaries {
    /// Today's: what was merged into another area counts there, however long ago it was told. So two springs are of the same
    /// ground.
    Now,
    /// That of the moment that is looked at: an area that was merged later still counts by itself, and one that was made
    /// later counts in what it was made of.
    Then,
}

impl AreaTree {
    /// The areas in which another one counts at a moment: from itself, or from where its ground was on that map, up to the
    /// country.
    pub fn counts_in(
        &self,
        id: AreaId,
        boundaries: Boundaries,
        as_of: EventTime,
    ) -> impl Iterator<Item = AreaId> {
        let standing = move |id| match boundaries {
            Boundaries::Now => self.last(id, |lifetime| lifetime.after),
            Boundaries::Then => self.standing_at(id, as_of),
        };
        iter::successors(Some(standing(id)), move |id| self.parent(*id).map(standing))
    }

    /// The area itself, or else the one in which its ground lay at a moment.
    fn standing_at(&self, id: AreaId, moment: EventTime) -> AreaId {
        let later = |lifetime: &Lifetime| {
            lifetime.after.filter(|_| lifetime.until.is_none_or(|until| until <= moment))
        };
        let earlier = |lifetime: &Lifetime| {
            lifetime.before.filter(|_| lifetime.since.is_some_and(|since| since > moment))
        };
        let forward = self.last(id, later);
        if forward == id { self.last(id, earlier) } else { forward }
    }

    /// Where steps from area to area end. The table never leads back to where it came from.
    fn last(&self, id: AreaId, step: impl Fn(&Lifetime) -> Option<AreaId>) -> AreaId {
        let next = |id: &AreaId| self.lifetimes.get(id).and_then(&step);
        iter::successors(Some(id), next).last().unwrap_or(id)
    }
}
