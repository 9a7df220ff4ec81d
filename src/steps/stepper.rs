//! The walk along one timeline that tells when the entity enters and leaves which cells.

use std::sync::Arc;

use super::questions::{Answers, Questions, Truths, bits};
use super::{Cell, Direction, Step};
use crate::area::{AreaId, AreaTree};
use crate::roster::{FactHead, Layout, State, Timeline};
use crate::spec::{MeasureId, Pipeline, SliceId};
use crate::time::EventTime;

/// Where an entity is counted at some moment: which measures count it, in which area, in which dimension values.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Presence {
    measures: u64,
    area: AreaId,
    slices: u128,
}

/// Walks timelines. Holds scratch space, so one is kept per shard.
pub struct Stepper {
    layout: Arc<Layout>,
    place: Place,
}

/// Where the walk is.
struct Place {
    questions: Questions,
    unassigned: AreaId,
    state: State,
    answers: Answers,
    held: Held,
}

/// The measures that count only what has stayed true for some time.
struct Held {
    /// Which.
    measures: u64,
    /// For how long, by measure.
    seconds: Vec<i64>,
    /// Those whose predicate holds.
    holding: u64,
    /// From when on each of them counts the entity.
    counts_from: Vec<EventTime>,
}

impl Stepper {
    /// A walker of this pipeline's timelines.
    pub fn new(pipeline: Arc<Pipeline>, areas: &AreaTree) -> Self {
        let layout = Arc::new(Layout::of(&pipeline));
        let state = State::new(&layout);
        let held = Held::of(&pipeline);
        let questions = Questions::of(pipeline, &layout);
        let (unassigned, answers) = (areas.unassigned(), questions.at_first());
        Self { layout, place: Place { questions, unassigned, state, answers, held } }
    }

    /// The layout of the pipeline's facts.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Replaces `steps` by all steps of the timeline, in the order of time.
    pub fn walk(&mut self, timeline: &Timeline, steps: &mut Vec<Step>) {
        steps.clear();
        let Self { layout, place } = self;
        let mut facts = timeline.facts(layout).peekable();
        if facts.peek().is_none() {
            return;
        }
        let mut now = place.begin();
        while let Some((head, fields)) = facts.next() {
            let time = head.time();
            place.fold(head, fields, layout);
            if facts.peek().is_some_and(|(next, _)| next.time() == time) {
                continue; // the state at a moment is the state after all of its facts
            }
            place.held.mature(&mut now, Some(time), steps);
            let next = place.presence_at(time);
            transition(time, now, next, steps);
            now = next;
        }
        place.held.mature(&mut now, None, steps);
    }
}

impl Place {
    /// Before the first fact.
    fn begin(&mut self) -> Presence {
        self.state.clear();
        self.answers = self.questions.at_first();
        self.held.holding = 0;
        Presence { measures: 0, area: self.unassigned, slices: 0 }
    }

    fn fold(&mut self, head: FactHead, fields: &[u64], layout: &Layout) {
        self.state.apply(head, fields, layout);
        self.questions.reopen(&mut self.answers, head.code().kind());
    }

    /// Where the entity is counted by the state at `time`.
    fn presence_at(&mut self, time: EventTime) -> Presence {
        let Truths { measures, slices } = self.questions.ask(&mut self.answers, self.state.row());
        Presence {
            measures: self.held.counted_at(time, measures),
            area: self.state.area().unwrap_or(self.unassigned),
            slices,
        }
    }
}

impl Held {
    fn of(pipeline: &Pipeline) -> Self {
        let seconds: Vec<i64> =
            pipeline.measures.iter().map(|measure| measure.held_for_seconds).collect();
        let held = seconds.iter().enumerate().filter(|(_, seconds)| **seconds > 0);
        Self {
            measures: held.fold(0, |held, (measure, _)| held | 1 << measure),
            counts_from: vec![EventTime::from_seconds(0); seconds.len()],
            seconds,
            holding: 0,
        }
    }

    /// Those of the measures that hold at `time` which count by then.
    fn counted_at(&mut self, time: EventTime, hold: u64) -> u64 {
        let mut counted = hold & !self.measures;
        let held = hold & self.measures;
        for measure in bits(held.into()) {
            let from = &mut self.counts_from[usize::from(measure)];
            if self.holding & (1 << measure) == 0 {
                *from = time.plus(self.seconds[usize::from(measure)]);
            }
            counted |= u64::from(*from <= time) << measure;
        }
        self.holding = held;
        counted
    }

    /// Measures that begin to count before `until` because they have held long enough by then.
    fn mature(&self, now: &mut Presence, until: Option<EventTime>, steps: &mut Vec<Step>) {
        loop {
            let waiting = bits(u128::from(self.holding & !now.measures));
            let from = |measure: u8| (self.counts_from[usize::from(measure)], measure);
            let due = |from: EventTime| until.is_none_or(|until| from < until);
            let first = waiting.map(from).filter(|(from, _)| due(*from)).min();
            let Some((time, measure)) = first else { return };
            let next = Presence { measures: now.measures | (1 << measure), ..*now };
            transition(time, *now, next, steps);
            *now = next;
        }
    }
}

/// Every exit and entry between two presences.
fn transition(time: EventTime, from: Presence, to: Presence, steps: &mut Vec<Step>) {
    if from == to {
        return;
    }
    let moves = from.area != to.area;
    for measure in bits(u128::from(from.measures | to.measures)) {
        let was = from.measures & (1 << measure) != 0;
        let is = to.measures & (1 << measure) != 0;
        let stays = was && is && !moves;
        let measure = MeasureId(measure);
        let mut step = |direction, area, slice| {
            steps.push(Step { time, cell: Cell::new(measure, area, slice), direction });
        };
        let (left, entered) = match stays {
            true => (from.slices & !to.slices, to.slices & !from.slices),
            false => (if was { from.slices } else { 0 }, if is { to.slices } else { 0 }),
        };
        if was && !stays {
            step(Direction::Exit, from.area, None);
        }
        bits(left).for_each(|slice| step(Direction::Exit, from.area, Some(SliceId(slice))));
        if is && !stays {
            step(Direction::Entry, to.area, None);
        }
        bits(entered).for_each(|slice| step(Direction::Entry, to.area, Some(SliceId(slice))));
    }
}
