//! Where an area counts that is no more.

use std::iter;

use super::id::AreaId;
use super::tree::AreaTree;
use crate::time::EventTime;

/// By the map of which day figures are rolled up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Boundaries {
    /// Today's: what was merged into another area counts there, however long ago it was told. So two springs are of the same
    /// ground.
    Now,
    /// That of the moment that is looked at: an area that was merged later still counts by itself.
    Then,
}

/// What an area was merged into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Succession {
    /// From when on; `None` where the table does not know the day: long ago.
    pub(super) since: Option<EventTime>,
    pub(super) successor: AreaId,
}

impl AreaTree {
    /// The areas in which another one counts at a moment: from itself, or from where it went, up to the country.
    pub fn counts_in(
        &self,
        id: AreaId,
        boundaries: Boundaries,
        as_of: EventTime,
    ) -> impl Iterator<Item = AreaId> {
        let standing = move |id| self.standing(id, boundaries, as_of);
        iter::successors(Some(standing(id)), move |id| self.parent(*id).map(standing))
    }

    /// The area itself, or where it went.
    fn standing(&self, id: AreaId, boundaries: Boundaries, as_of: EventTime) -> AreaId {
        let has_gone = |succession: &Succession| match boundaries {
            Boundaries::Now => true,
            Boundaries::Then => succession.since.is_none_or(|since| since <= as_of),
        };
        self.successions.get(&id).filter(|s| has_gone(s)).map_or(id, |s| s.successor)
    }
}
