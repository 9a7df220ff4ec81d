//! The measures that the clock alone moves: those that count only what has held for some time, or only for some time.

use super::questions::bits;
use crate::spec::Pipeline;
use crate::time::EventTime;

/// Where the walk is in the measures that the clock moves.
#[derive(Clone)]
pub struct Clocked {
    /// Which.
    measures: u64,
    /// By measure, when it counts.
    spans: Vec<Span>,
    /// Those whose predicate holds.
    holding: u64,
    /// Since when each of them does.
    since: Vec<EventTime>,
    /// Everything up to here has been told.
    told: EventTime,
}

/// When a measure counts what has held since some moment: from so many seconds after it on, and before so many are over.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Span {
    held_for: i64,
    within: Option<i64>,
}

impl Span {
    fn counts(self, since: EventTime, at: EventTime) -> bool {
        since.plus(self.held_for) <= at && self.ends(since).is_none_or(|end| at < end)
    }

    fn ends(self, since: EventTime) -> Option<EventTime> {
        self.within.map(|within| since.plus(within))
    }

    /// When that changes next after `told`.
    fn changes(self, since: EventTime, told: EventTime) -> Option<EventTime> {
        let ends = self.ends(since);
        [Some(since.plus(self.held_for)), ends].into_iter().flatten().filter(|at| *at > told).min()
    }
}

impl Clocked {
    /// Those of a pipeline.
    pub fn of(pipeline: &Pipeline) -> Self {
        let spans: Vec<Span> = pipeline
            .measures
            .iter()
            .map(|m| Span { held_for: m.held_for_seconds, within: m.within_seconds })
            .collect();
        let always = Span { held_for: 0, within: None };
        let clocked = spans.iter().enumerate().filter(|(_, span)| **span != always);
        let never = EventTime::from_seconds(0);
        Self {
            measures: clocked.fold(0, |all, (measure, _)| all | 1 << measure),
            since: vec![never; spans.len()],
            spans,
            holding: 0,
            told: never,
        }
    }

    /// Is where another one of the same pipeline is.
    pub fn set_to(&mut self, other: &Self) {
        (self.holding, self.told) = (other.holding, other.told);
        self.since.copy_from_slice(&other.since);
    }

    /// Before the first fact.
    pub fn begin(&mut self) {
        self.holding = 0;
    }

    /// Those of the measures that hold from `at` on, until the next fact, which count at `at`.
    pub fn counted_at(&mut self, at: EventTime, hold: u64) -> u64 {
        let clocked = hold & self.measures;
        for measure in bits(u128::from(clocked & !self.holding)) {
            self.since[usize::from(measure)] = at;
        }
        (self.holding, self.told) = (clocked, at);
        hold & !self.measures | self.counting()
    }

    /// The next moment before `until` at which the clock moves a measure, and which are counted from then on, given
    /// those that are counted so far.
    pub fn pass(&mut self, counted: u64, until: Option<EventTime>) -> Option<(EventTime, u64)> {
        let changes = bits(u128::from(self.holding)).filter_map(|measure| {
            let measure = usize::from(measure);
            self.spans[measure].changes(self.since[measure], self.told)
        });
        let at = changes.filter(|at| until.is_none_or(|until| *at < until)).min()?;
        self.told = at;
        Some((at, counted & !self.measures | self.counting()))
    }

    /// Those that the clock moves and that count at the moment up to which everything has been told.
    fn counting(&self) -> u64 {
        let counts = bits(u128::from(self.holding)).filter(|measure| {
            let measure = usize::from(*measure);
            self.spans[measure].counts(self.since[measure], self.told)
        });
        counts.fold(0, |all, measure| all | 1 << measure)
    }
}
