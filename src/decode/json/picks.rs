//! The slots of one record.

use std::borrow::Cow;

use super::pointers::PointerTree;
use super::road::Road;
use crate::decode::Picked;

/// The slots of one record, and what is kept from record to record to fill them fast.
#[derive(Default, Debug)]
pub struct Picks<'a> {
    slots: Vec<Picked<'a>>,
    /// The names of unwanted members of the objects being read, innermost last.
    pub(super) names: Vec<Cow<'a, str>>,
    pub(super) road: Road,
}

impl<'a> Picks<'a> {
    /// Empty slots for a tree.
    pub fn of(tree: &PointerTree) -> Self {
        Self { slots: vec![Picked::Absent; tree.slots()], ..Self::default() }
    }

    /// Empties every slot.
    pub fn clear(&mut self) {
        self.slots.fill(Picked::Absent);
        self.names.clear();
        self.road.begin();
    }

    /// What was picked into a slot.
    pub fn get(&self, slot: usize) -> &Picked<'a> {
        self.slots.get(slot).unwrap_or(&Picked::Absent)
    }

    /// Puts a value into a slot.
    pub fn set(&mut self, slot: usize, value: Picked<'a>) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = value;
        }
    }

    /// Takes every value that is there, without borrowing from its record.
    pub fn into_owned(self) -> impl Iterator<Item = (usize, Picked<'static>)> {
        let filled = |(_, value): &(usize, Picked)| *value != Picked::Absent;
        self.slots
            .into_iter()
            .enumerate()
            .filter(filled)
            .map(|(slot, value)| (slot, value.into_owned()))
    }
}
