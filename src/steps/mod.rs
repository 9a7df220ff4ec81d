//! A timeline into the steps of every measure, and what moves when the timeline changes.
//!
//! A measure over time is a step function: each time an entity enters or leaves a [`Cell`], or brings more or less to it, is
//! a [`Step`]. Every step is a function of the set of facts alone, so a new fact moves exactly the difference between the
//! steps before and after it (STEPS). Knows nothing of panes, boards or the present.

mod amounts;
mod cell;
mod clocked;
mod moved;
mod questions;
mod standing;
mod stepper;

#[cfg(test)]
mod tests;

pub use cell::Cell;
pub use moved::{Movement, moved};
pub use standing::standing;
pub use stepper::Stepper;

use crate::time::EventTime;

/// The level of a cell rises or falls, because an entity enters or leaves it, or what it brings along changes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Step {
    /// When. It may lie in the future, where a measure counts only what has held for some time, or only for some time.
    pub time: EventTime,
    /// Which cell.
    pub cell: Cell,
    /// By how much the level rises, never zero: 1 and -1 where entities are counted, an amount where a column is summed.
    pub rise: i64,
}
