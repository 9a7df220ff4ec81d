//! All cells of a shard, and what is about to move in them.
//!
//! A country has more cells than a cache has room for, and one event moves a dozen of them. Movements therefore wait until there are
//! some, and their cells are looked up one after the other before anything is moved: then the processor waits for many cells
//! at once, where it would wait for each. (A third of what a movement costs; with every county of the country, half.)

use hashbrown::HashMap;

use super::cell_panes::CellPanes;
use crate::steps::Cell;
use crate::time::EventTime;

/// So many movements wait at most.
const WAITING_MOST: usize = 256;

/// A rise that a cell has not been told.
#[derive(Clone, Copy, Debug)]
pub struct Rise {
    pub cell: Cell,
    /// A moment, or where a pane ends.
    pub time: EventTime,
    /// By how much; a fall is less than nothing.
    pub by: i64,
}

/// Cells, and rises that wait.
#[derive(Default, Debug)]
pub struct Cells {
    places: HashMap<Cell, u32>,
    all: Vec<(Cell, CellPanes)>,
    waiting: Vec<Rise>,
    /// Of those that wait.
    found: Vec<u32>,
}

impl Cells {
    /// Lets a rise wait; returns whether it is time to apply what waits.
    #[must_use]
    pub fn wait(&mut self, rise: Rise) -> bool {
        self.waiting.push(rise);
        self.waiting.len() >= WAITING_MOST
    }

    /// Calls `apply` with every rise that waits and its cell, which may be new.
    pub fn apply_waiting(&mut self, mut apply: impl FnMut(Rise, &mut CellPanes)) {
        let Self { places, all, waiting, found } = self;
        found.clear();
        found.extend(waiting.iter().map(|rise| {
            *places.entry(rise.cell).or_insert_with(|| {
                all.push((rise.cell, CellPanes::default()));
                all.len() as u32 - 1
            })
        }));
        found.iter().for_each(|place| all[*place as usize].1.touch());
        for (rise, place) in waiting.drain(..).zip(found.iter()) {
            apply(rise, &mut all[*place as usize].1);
        }
    }

    /// Forgets those that `keep` is false of. Nothing waits any more.
    pub fn retain(&mut self, mut keep: impl FnMut(Cell, &mut CellPanes) -> bool) {
        debug_assert!(self.waiting.is_empty(), "what waits is not kept");
        let before = self.all.len();
        self.all.retain_mut(|(cell, panes)| keep(*cell, panes));
        if self.all.len() < before {
            self.places = (0..).zip(&self.all).map(|(place, (cell, _))| (*cell, place)).collect();
        }
    }

    /// Every cell, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &(Cell, CellPanes)> {
        self.all.iter()
    }
}
