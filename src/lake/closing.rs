//! What is said of a midnight, and said otherwise when facts of before it come late or are called off.
//!
//! The figures of a day are those of the midnight that ends it. The first board behind a midnight says what the last board
//! before it could not know; every later one restates what has changed of it since. Knows no tables: a row that is to be said
//! is a figure with its revision.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use crate::area::Boundaries;
use crate::board::{Board, FigureKey};
use crate::panes::last_midnight;
use crate::spec::Pipeline;
use crate::steps::Cell;
use crate::time::EventTime;

/// The figures of the last midnight as they were said last.
#[derive(Default, Debug)]
pub struct Closing {
    /// `None` where nothing is known of any.
    midnight: Option<EventTime>,
    figures: HashMap<FigureKey, AtMidnight>,
}

/// A figure of a midnight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AtMidnight {
    /// Numerator and denominator.
    pub counts: (i64, i64),
    /// How often it has been restated; `None` where it never was said.
    pub revision: Option<i64>,
}

impl AtMidnight {
    /// The same figure said otherwise.
    fn restated(self, counts: (i64, i64)) -> Self {
        Self { counts, revision: Some(self.revision.map_or(0, |revision| revision + 1)) }
    }
}

/// What stands of a figure of which there is no row: nobody counted.
const NOBODY: AtMidnight = AtMidnight { counts: (0, 0), revision: Some(0) };

/// What a board knows of a midnight, and was not known before.
pub struct Closed {
    /// Which.
    pub midnight: EventTime,
    figures: Vec<(FigureKey, AtMidnight, IsSaid)>,
}

/// Whether something is a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IsSaid {
    Anew,
    /// The row before it says the same, or nobody has ever been told of that midnight.
    Not,
}

/// What the table says of a row besides its figure.
#[derive(Clone, Copy, Default)]
pub struct Revision {
    /// How often the figure of this moment has been restated; `None` where the moment is no midnight that was closed.
    pub number: Option<i64>,
    /// Why it was restated.
    pub reason: Option<&'static str>,
}

impl Closing {
    /// Of what the table says that was known at a midnight.
    pub fn of(midnight: EventTime, figures: HashMap<FigureKey, AtMidnight>) -> Self {
        Self { midnight: Some(midnight), figures }
    }

    /// What a board knows anew of the midnight before it, given the figures that were published last, of which moment.
    pub fn after(
        &self,
        board: &Board,
        published: &HashMap<FigureKey, (i64, i64)>,
        published_as_of: Option<EventTime>,
    ) -> Closed {
        let midnight = last_midnight(board.as_of);
        let figures = match self.midnight {
            Some(closed) if closed >= midnight => self.restated(board),
            // Nobody had been told anything by then.
            None if published_as_of.is_none_or(|as_of| as_of > midnight) => {
                let unsaid =
                    |(key, counts)| (key, AtMidnight { counts, revision: None }, IsSaid::Not);
                told_by(board).map(unsaid).collect()
            }
            _ => closed(board, published),
        };
        Closed { midnight, figures }
    }

    /// Most of the time nothing is: each figure is looked up once, and nothing is put in order but what is restated.
    fn restated(&self, board: &Board) -> Vec<(FigureKey, AtMidnight, IsSaid)> {
        let mut still_there = 0;
        let mut restated: Vec<_> = told_by(board)
            .filter_map(|(key, counts)| {
                let said = self.figures.get(&key).copied();
                still_there += usize::from(said.is_some());
                let said = said.unwrap_or(NOBODY);
                (counts != said.counts).then(|| (key, said.restated(counts), IsSaid::Anew))
            })
            .collect();
        if still_there < self.figures.len() {
            let lost = self
                .figures
                .iter()
                .filter(|(key, said)| said.counts != (0, 0) && board.at_midnight(**key) == (0, 0));
            restated.extend(lost.map(|(key, said)| (*key, said.restated((0, 0)), IsSaid::Anew)));
        }
        restated.sort_unstable_by_key(|(key, ..)| *key);
        restated.dedup_by_key(|(key, ..)| *key);
        restated
    }

    /// Takes in what has been said.
    pub fn remember(&mut self, closed: Closed) {
        if self.midnight.is_none_or(|midnight| midnight < closed.midnight) {
            *self = Self { midnight: Some(closed.midnight), figures: HashMap::new() };
        }
        self.figures.extend(closed.figures.into_iter().map(|(key, at, _)| (key, at)));
    }
}

impl Closed {
    /// The rows.
    pub fn said(&self) -> impl Iterator<Item = (FigureKey, AtMidnight)> {
        let said = self.figures.iter().filter(|(.., is_said)| *is_said == IsSaid::Anew);
        said.map(|(key, at, _)| (*key, *at))
    }
}

/// The figures of a midnight that lies behind what was published last: said where that no longer stood at it.
fn closed(
    board: &Board,
    published: &HashMap<FigureKey, (i64, i64)>,
) -> Vec<(FigureKey, AtMidnight, IsSaid)> {
    let told = told_by(board).map(|(key, _)| key);
    let keys: BTreeSet<FigureKey> = told.chain(published.keys().copied()).collect();
    let close = |key: FigureKey| {
        let now = AtMidnight { counts: board.at_midnight(key), revision: Some(0) };
        let stands = published.get(&key).copied().unwrap_or_default() == now.counts;
        (key, now, if stands { IsSaid::Not } else { IsSaid::Anew })
    };
    keys.into_iter().map(close).collect()
}

/// What a board tells of the midnight before it.
fn told_by(board: &Board) -> impl Iterator<Item = (FigureKey, (i64, i64))> {
    let counted = board.figures.iter().map(|figure| (figure.key, figure.at_midnight));
    counted.chain(board.gone.iter().copied())
}

/// What changed figures of the past.
pub enum Causes {
    /// Something was called off in these cells; whatever else changed came late.
    Known(BTreeSet<Cell>),
    /// Measures or rates say something else than before.
    Recounted,
    /// Nobody has told.
    Unknown,
}

impl Causes {
    /// The causes for every area: what was called off in one was called off in all around it.
    #[must_use]
    pub fn rolled_up(self, pipeline: &Pipeline, as_of: EventTime) -> Self {
        let Self::Known(cells) = self else { return self };
        let around = |cell: Cell| {
            let areas = pipeline.areas.counts_in(cell.area(), Boundaries::Now, as_of);
            areas.map(move |area| cell.in_area(area))
        };
        Self::Known(cells.into_iter().flat_map(around).collect())
    }

    /// The word for it in the table.
    pub fn reason(&self, key: FigureKey, pipeline: &Pipeline) -> &'static str {
        match self {
            Self::Recounted => "recounted",
            Self::Unknown => "restated",
            Self::Known(called_off) => {
                let measures = pipeline.measures_of(&pipeline.rates[usize::from(key.rate)]);
                let cell = |measure| Cell::new(measure, key.area, key.slice);
                match measures.into_iter().any(|measure| called_off.contains(&cell(measure))) {
                    true => "retracted",
                    false => "late",
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::board::Figure;
    use crate::spec::load_text;

    const DAY: i64 = 86_400;
    const PIPELINE: &str = include_str!("../../pipelines/return-to-work.yaml");

    /// What is known of one figure: when it rises and falls, told in some order.
    type Steps = Vec<(EventTime, i64)>;

    fn level(steps: &Steps, at: EventTime) -> i64 {
        steps.iter().filter(|(time, _)| *time <= at).map(|(_, rise)| rise).sum()
    }

    fn board(pipeline: &Arc<Pipeline>, as_of: EventTime, steps: &Steps) -> Board {
        let area = pipeline.areas.country();
        let key = FigureKey { rate: 0, area, slice: None };
        let (now, then) = (level(steps, as_of), level(steps, last_midnight(as_of)));
        let mut board = Board::empty(pipeline.clone(), as_of);
        match (now, then) {
            (0, 0) => {}
            (0, _) => board.gone.push((key, (then, 0))),
            _ => board.figures.push(Figure {
                key,
                numerator: now,
                denominator: 0,
                change: Vec::new(),
                at_midnight: (then, 0),
                last_spring: None,
            }),
        }
        board
    }

    proptest! {
        /// Whoever takes, of every midnight, the last row up to it is told what was known of it when the day behind it ended,
        /// unless nothing had been published by then.
        #[test]
        fn the_last_row_up_to_a_midnight_is_what_is_known_of_it(
            told in prop::collection::vec((-3 * DAY..=0, -2_i64..3, 0..DAY / 2), 1..40),
        ) {
            let pipeline = Arc::new(load_text("p.yaml", PIPELINE).unwrap());
            let (mut steps, mut as_of) = (Steps::new(), EventTime::from_seconds(1_645_400_000));
            let (mut closing, mut published) = (Closing::default(), HashMap::new());
            let mut published_as_of = None;
            // Rows by moment and revision; live ones come first of their moment.
            let mut rows: std::collections::BTreeMap<(EventTime, Option<i64>), i64> = Default::default();
            for (ago, rise, after) in told {
                as_of = as_of.plus(after);
                steps.push((as_of.plus(ago), rise));
                let board = board(&pipeline, as_of, &steps);
                let closed = closing.after(&board, &published, published_as_of);
                for (_, at) in closed.said() {
                    rows.insert((closed.midnight, at.revision), at.counts.0);
                }
                let first = published_as_of.is_none();
                let now = level(&steps, as_of);
                rows.insert((as_of, None), now);
                published.insert(FigureKey { rate: 0, area: pipeline.areas.country(), slice: None }, (now, 0));
                closing.remember(closed);
                published_as_of = Some(as_of);
                let midnight = last_midnight(as_of);
                let stands = rows.range(..=(midnight, Some(i64::MAX))).next_back().map(|(_, level)| *level);
                match stands {
                    Some(stands) => prop_assert_eq!(stands, level(&steps, midnight)),
                    None => prop_assert!(first || rows.keys().all(|(moment, _)| *moment > midnight)),
                }
            }
        }
    }
}
