//! Which earlier moments a board lays beside its own, and in which column of a cell's levels each is found.
//!
//! The first column is the board's own moment, then come the starts of windows and the last midnight; where rates have a
//! season, the same midnight of the spring before. Knows how none of them is reckoned.

use super::{MeasureId, Pipeline, Window};
use crate::season::Alignment;

/// The earlier moments that a pipeline's boards show.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lookbacks {
    /// Every window any rate declares, without repetition, shortest first.
    pub windows: Vec<Window>,
    /// What lays springs side by side, each once.
    pub springs: Vec<Alignment>,
    /// The measures of rates that have a season, as bits by [`MeasureId`]: nothing else is told of the spring before.
    seasonal: u64,
}

impl Lookbacks {
    /// Windows alone.
    pub fn over(windows: Vec<Window>) -> Self {
        Self { windows, ..Self::default() }
    }

    /// Those of a pipeline.
    pub fn of(pipeline: &Pipeline) -> Self {
        let seasonal = pipeline.rates.iter().filter(|rate| rate.season.is_some());
        let mut springs: Vec<Alignment> = seasonal.clone().filter_map(|rate| rate.season).collect();
        springs.sort_unstable();
        springs.dedup();
        let measures = seasonal.flat_map(|rate| pipeline.measures_of(rate));
        let seasonal = measures.fold(0, |all, measure| all | 1 << measure.0);
        Self { windows: pipeline.windows(), springs, seasonal }
    }

    /// Whether a measure is told of the spring before, too.
    pub fn is_seasonal(&self, measure: MeasureId) -> bool {
        self.seasonal & (1 << measure.0) != 0
    }

    /// The column of a window's start.
    pub fn window(&self, seconds: i64) -> Option<usize> {
        self.windows.iter().position(|window| window.seconds == seconds).map(|at| 1 + at)
    }

    /// The column of the last midnight.
    pub fn midnight(&self) -> usize {
        1 + self.windows.len()
    }

    /// The column of the same midnight of the spring before.
    pub fn spring(&self, alignment: Alignment) -> Option<usize> {
        let at = self.springs.iter().position(|known| *known == alignment)?;
        Some(self.midnight() + 1 + at)
    }
}
