//! Cells over time: short buckets of entries and exits, from which come the level now, the level at the other end of
//! every declared window, and what is still to come.
//!
//! The only window arithmetic is in [`window`]. Knows neither entities nor predicates; a late movement lands in the
//! past it belongs to.

mod cell_panes;
mod cells;
mod moments;
mod window;

#[cfg(test)]
mod tests;

pub use window::{last_midnight, pane_end, same_midnights, window_start};

use self::cell_panes::CellPanes;
use self::cells::{Cells, Rise};
use self::moments::Moments;
use crate::spec::Lookbacks;
use crate::steps::{Cell, Movement};
use crate::time::EventTime;

/// The levels of one cell: at the board's as-of, then at the moments it looks back to, in the columns of [`Lookbacks`].
pub type Levels = Vec<i64>;

/// All cells of a shard.
pub struct Panes {
    lookbacks: Lookbacks,
    /// No board will be as of an earlier moment.
    frontier: EventTime,
    horizons: Horizons,
    cells: Cells,
}

impl Panes {
    /// Empty panes that will be asked for boards from `frontier` on, which look back so.
    pub fn new(lookbacks: Lookbacks, frontier: EventTime) -> Self {
        let mut panes = Self {
            lookbacks,
            frontier,
            horizons: Horizons { near: frontier, spring: frontier },
            cells: Cells::default(),
        };
        panes.look_ahead();
        panes
    }

    fn look_ahead(&mut self) {
        let near = window::horizon(&self.lookbacks.windows, self.frontier);
        self.horizons = Horizons { near, spring: near.min(window::spring_horizon(self.frontier)) };
    }

    /// Forgets what moved.
    pub fn clear(&mut self) {
        self.cells = Cells::default();
    }

    /// Promises that no later board is as of an earlier moment than this, so that what lies behind it needs no panes of
    /// a second. A promise that goes back changes nothing.
    pub fn advance(&mut self, frontier: EventTime) {
        if frontier > self.frontier {
            self.frontier = frontier;
            self.look_ahead();
        }
    }

    /// Where the pane of a moment ends.
    pub fn pane_of(&self, time: EventTime) -> EventTime {
        pane_end(time, self.frontier)
    }

    /// Takes by how much a cell rose or fell, at a moment or in a pane that ends there.
    pub fn add(&mut self, cell: Cell, time: EventTime, rise: i64) {
        if self.cells.wait(Rise { cell, time, by: rise }) {
            self.apply_waiting();
        }
    }

    fn apply_waiting(&mut self) {
        let Self { lookbacks, frontier, horizons, .. } = self;
        self.cells.apply_waiting(|rise, panes| {
            match rise.time <= horizons.of(rise.cell, lookbacks) {
                true => panes.settle(rise.by),
                false => panes.add(pane_end(rise.time, *frontier), rise.by),
            }
        });
    }

    /// Takes a movement into its pane.
    pub fn apply(&mut self, movement: Movement) {
        let (step, sign) = match movement {
            Movement::Made(step) => (step, 1),
            Movement::TakenBack(step) => (step, -1),
        };
        self.add(step.cell, step.time, sign * step.rise);
    }

    /// The level of every cell at `as_of`, which is not before the frontier, and at the moments it looks back to then.
    pub fn close(&mut self, as_of: EventTime) -> Vec<(Cell, Levels)> {
        self.advance(as_of);
        self.apply_waiting();
        let Self { lookbacks, frontier, horizons, .. } = self;
        self.cells.retain(|cell, panes| {
            panes.coarsen(horizons.of(cell, lookbacks), *frontier);
            !panes.is_empty()
        });
        let (near, far) = (self.moments(), self.spring_moments());
        let all = Moments::of(near.iter().chain(&far).copied());
        let near = Moments::of(near.iter().copied());
        let levels =
            |cell: Cell, panes: &CellPanes| match reaches_last_spring(&self.lookbacks, cell) {
                true => panes.levels(&all),
                false => panes.levels(&near),
            };
        self.cells.iter().map(|(cell, panes)| (*cell, levels(*cell, panes))).collect()
    }

    /// Now, where windows start, and the last midnight.
    fn moments(&self) -> Vec<Option<EventTime>> {
        let starts = self.lookbacks.windows.iter().map(|w| window_start(self.frontier, w.seconds));
        let midnight = last_midnight(self.frontier);
        std::iter::once(self.frontier).chain(starts).chain([midnight]).map(Some).collect()
    }

    /// The same midnight of the spring before, by each alignment.
    fn spring_moments(&self) -> Vec<Option<EventTime>> {
        let same = self
            .lookbacks
            .springs
            .iter()
            .map(|alignment| same_midnights(self.frontier, *alignment));
        same.map(|same| same.map(|[_, then]| then)).collect()
    }
}

/// Up to where cells need no panes.
#[derive(Clone, Copy)]
struct Horizons {
    /// No window of a board that is to come reaches behind this.
    near: EventTime,
    /// Nor does the spring before, of cells that are told of it.
    spring: EventTime,
}

impl Horizons {
    fn of(self, cell: Cell, lookbacks: &Lookbacks) -> EventTime {
        if reaches_last_spring(lookbacks, cell) { self.spring } else { self.near }
    }
}

/// What is broken out is not told of the spring before.
fn reaches_last_spring(lookbacks: &Lookbacks, cell: Cell) -> bool {
    cell.slice().is_none() && lookbacks.is_seasonal(cell.measure())
}
