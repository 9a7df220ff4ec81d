//! The board: an immutable snapshot of all rates for all areas at one as-of, which every surface shows (ONEBOARD).
//!
//! A pure function of the committed facts and an as-of time that its caller names. Knows no clock, no lake and no
//! exporter; whoever publishes it swaps it whole.

mod across;
mod figures;
mod moved;
mod ranking;
mod rollup;
mod row;
mod slot;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use across::joined;
pub use moved::{Moved, Part, moved};
pub use ranking::{Ranked, ranking};
pub use row::{Counts, Row, rows};
pub use slot::Boards;

use crate::area::{AreaId, Boundaries};
use crate::panes::Levels;
use crate::spec::{Pipeline, Rate, SliceId};
use crate::steps::Cell;
use crate::time::EventTime;

/// All rates of a pipeline at one moment.
#[derive(Debug)]
pub struct Board {
    /// The pipeline whose rates they are.
    pub pipeline: Arc<Pipeline>,
    /// The moment: nothing later is counted.
    pub as_of: EventTime,
    /// The ledger's version whose facts it counts; `None` before the first commit.
    pub ledger_version: Option<u64>,
    /// The figures, by rate, area and dimension value.
    pub figures: Vec<Figure>,
    /// Numerator and denominator at the last midnight where nobody counts any more, sorted by key.
    pub gone: Vec<(FigureKey, (i64, i64))>,
}

/// One rate of one area, in total or for one dimension value.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// Which figure it is.
    pub key: FigureKey,
    /// How many count, or what they add up to in last decimals.
    pub numerator: i64,
    /// Out of how many, or out of what; zero where the rate has no denominator.
    pub denominator: i64,
    /// The ratio now less the ratio at the start of each of the rate's windows; `None` where either has no denominator. Of a
    /// rate without one, the numerator now less the numerator then.
    pub change: Vec<Option<f64>>,
    /// Numerator and denominator at the last midnight before the board, or at its moment where that is one.
    pub at_midnight: (i64, i64),
    /// The same at that midnight of the spring before, of the totals of a rate with a season, where anybody counted then.
    pub last_spring: Option<(i64, i64)>,
}

/// Which figure of a board.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FigureKey {
    /// Index into the pipeline's rates.
    pub rate: u16,
    /// The area.
    pub area: AreaId,
    /// The dimension value; `None` is the total.
    pub slice: Option<SliceId>,
}

impl Board {
    /// Rolls the cells of all shards up the tree, by the map of a day, and divides.
    pub fn assemble(
        pipeline: Arc<Pipeline>,
        boundaries: Boundaries,
        as_of: EventTime,
        ledger_version: Option<u64>,
        cells: impl IntoIterator<Item = (Cell, Levels)>,
    ) -> Self {
        let levels = rollup::roll_up(pipeline.areas, (boundaries, as_of), cells);
        let (figures, gone) = figures::figures(&pipeline, &levels);
        Self { pipeline, as_of, ledger_version, figures, gone }
    }

    /// The board of a pipeline about which nothing is known.
    pub fn empty(pipeline: Arc<Pipeline>, as_of: EventTime) -> Self {
        Self::bare(pipeline, as_of, None, Vec::new())
    }

    /// A board of figures that were told by somebody else, sorted by key; what was at midnight is not known beyond them.
    pub fn bare(
        pipeline: Arc<Pipeline>,
        as_of: EventTime,
        ledger_version: Option<u64>,
        figures: Vec<Figure>,
    ) -> Self {
        Self { pipeline, as_of, ledger_version, figures, gone: Vec::new() }
    }

    /// The rate that a figure of this board is of.
    pub fn rate(&self, figure: &Figure) -> &Rate {
        &self.pipeline.rates[usize::from(figure.key.rate)]
    }

    /// The ratio of a figure of this board, unless there is nothing to divide by.
    pub fn ratio(&self, figure: &Figure) -> Option<f64> {
        self.rate(figure).ratio(figure.numerator, figure.denominator)
    }

    /// Numerator and denominator at the last midnight, zeros where nobody counted.
    pub fn at_midnight(&self, key: FigureKey) -> (i64, i64) {
        let gone = || self.gone.binary_search_by_key(&key, |(key, _)| *key).ok();
        match self.figure(key) {
            Some(figure) => figure.at_midnight,
            None => gone().map_or((0, 0), |at| self.gone[at].1),
        }
    }

    /// One figure, if anybody is counted there.
    pub fn figure(&self, key: FigureKey) -> Option<&Figure> {
        self.figures
            .binary_search_by_key(&key, |figure| figure.key)
            .ok()
            .map(|at| &self.figures[at])
    }
}
