//! When people are called. What they are told, and how Prometheus is asked, is `generate`'s business.

use super::Window;
use crate::area::Level;

/// An alert on a rate of every area.
#[derive(Debug)]
pub struct Alert {
    /// Its name.
    pub name: String,
    /// Index into [`Pipeline::rates`](super::Pipeline::rates).
    pub rate: usize,
    /// When it fires.
    pub condition: Condition,
    /// Not before this day of the season; 1 is 正月初一.
    pub from_day: Option<i64>,
    /// For areas of these levels; of every level where there are none.
    pub levels: Vec<Level>,
    /// Only after it has been so for this long.
    pub hold: Window,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// Only where the denominator is at least this; the rate's minimum sample unless said.
    pub min_denominator: i64,
}

/// What is wrong with a ratio. Shares are of one: 0.02 is two percentage points.
#[derive(Clone, PartialEq, Debug)]
pub enum Condition {
    /// It fell by more than this within one of the rate's own windows.
    Dropped {
        /// By how much.
        by: f64,
        /// Within what.
        over: Window,
    },
    /// It is less than this.
    Below {
        /// The least that is well.
        least: f64,
    },
    /// It is less than this, and has not risen within one of the rate's own windows.
    Stalled {
        /// What it should come to.
        target: f64,
        /// Within what.
        over: Window,
    },
    /// At the last midnight it was less than on the same day of last spring, by more than this.
    Behind {
        /// By how much.
        by: f64,
    },
}

impl Condition {
    /// The window that it asks about.
    pub fn over(&self) -> Option<&Window> {
        match self {
            Self::Dropped { over, .. } | Self::Stalled { over, .. } => Some(over),
            Self::Below { .. } | Self::Behind { .. } => None,
        }
    }
}
