//! Cells over time: short buckets of entries and exits, from which come the level now, the level at the other end of
//! every declared window, and what is still to come.
//!
//! The only window arithmetic is in [`window`]. Knows neither entities nor predicates; a late movement lands in the
//! past it belongs to.

mod cell_panes;
mod window;

#[cfg(test)]
mod tests;

use hashbrown::HashMap;

pub use window::{pane_end, window_start};

use self::cell_panes::CellPanes;
use crate::spec::Window;
use crate::steps::{Cell, Movement};
use crate::time::EventTime;

/// The levels of one cell: at the board's as-of, then at the start of each declared window, shortest first.
pub type Levels = Vec<i64>;

/// All cells of a shard.
pub struct Panes {
    windows: Vec<Window>,
    /// No board will be as of an earlier moment.
    frontier: EventTime,
    /// No window of such a board reaches behind this.
    horizon: EventTime,
    cells: HashMap<Cell, CellPanes>,
}

impl Panes {
    /// Empty panes that will be asked for boards from `frontier` on, with these windows.
    pub fn new(windows: Vec<Window>, frontier: EventTime) -> Self {
        let horizon = window::horizon(&windows, frontier);
        Self { windows, frontier, horizon, cells: HashMap::new() }
    }

    /// Forgets what moved.
    pub fn clear(&mut self) {
        self.cells.clear();
    }

    /// Promises that no later board is as of an earlier moment than this, so that what lies behind it needs no panes of
    /// a second. A promise that goes back changes nothing.
    pub fn advance(&mut self, frontier: EventTime) {
        if frontier > self.frontier {
            self.frontier = frontier;
            self.horizon = window::horizon(&self.windows, frontier);
        }
    }

    /// Where the pane of a moment ends.
    pub fn pane_of(&self, time: EventTime) -> EventTime {
        pane_end(time, self.frontier)
    }

    /// Takes what moved in a cell, at a moment or in a pane that ends there.
    pub fn add(&mut self, cell: Cell, time: EventTime, entries: i64, exits: i64) {
        let panes = self.cells.entry(cell).or_default();
        match time <= self.horizon {
            true => panes.settle(entries - exits),
            false => panes.add(pane_end(time, self.frontier), entries, exits),
        }
    }

    /// Takes a movement into its pane.
    pub fn apply(&mut self, movement: Movement) {
        let (step, sign) = match movement {
            Movement::Made(step) => (step, 1),
            Movement::TakenBack(step) => (step, -1),
        };
        let (entries, exits) = match step.rise {
            rise @ 1.. => (sign * rise, 0),
            fall => (0, sign * -fall),
        };
        self.add(step.cell, step.time, entries, exits);
    }

    /// The level of every cell at `as_of`, which is not before the frontier, and at the start of each window then.
    pub fn close(&mut self, as_of: EventTime) -> Vec<(Cell, Levels)> {
        self.advance(as_of);
        let starts: Vec<EventTime> =
            self.windows.iter().map(|window| window_start(self.frontier, window.seconds)).collect();
        self.cells.retain(|_, cell| {
            cell.coarsen(self.horizon, self.frontier);
            !cell.is_empty()
        });
        let levels = |cell: &CellPanes| {
            let at = std::iter::once(&self.frontier).chain(&starts);
            at.map(|moment| cell.level(*moment)).collect::<Levels>()
        };
        self.cells.iter().map(|(cell, panes)| (*cell, levels(panes))).collect()
    }
}
