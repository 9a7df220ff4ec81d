//! The walk along one timeline that tells when the entity enters and leaves which cells.

use std::sync::Arc;

use super::{Cell, Direction, Step};
use crate::area::{AreaId, AreaTree};
use crate::roster::{Layout, State, Timeline};
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
    pipeline: Arc<Pipeline>,
    unassigned: AreaId,
    state: State,
    /// For each measure, an earlier one of the very same text: it need not be asked twice.
    same_as: Vec<Option<usize>>,
    /// For each measure, from when on it counts the entity, while its predicate holds.
    counts_from: Vec<Option<EventTime>>,
}

impl Stepper {
    /// A walker of this pipeline's timelines.
    pub fn new(pipeline: Arc<Pipeline>, areas: &AreaTree) -> Self {
        let layout = Arc::new(Layout::of(&pipeline));
        let state = State::new(&layout);
        let counts_from = vec![None; pipeline.measures.len()];
        let same_as = same_texts(&pipeline);
        let unassigned = areas.unassigned();
        Self { layout, place: Place { pipeline, unassigned, state, same_as, counts_from } }
    }

    /// The layout of the pipeline's facts.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Replaces `steps` by all steps of the timeline, in the order of time.
    pub fn walk(&mut self, timeline: &Timeline, steps: &mut Vec<Step>) {
        steps.clear();
        let Self { layout, place } = self;
        let mut now = place.begin();
        let mut facts = timeline.facts(layout).peekable();
        while let Some((head, fields)) = facts.next() {
            let time = head.time();
            place.state.apply(head, fields, layout);
            if facts.peek().is_some_and(|(next, _)| next.time() == time) {
                continue; // the state at a moment is the state after all of its facts
            }
            place.mature(&mut now, Some(time), steps);
            let next = place.presence_at(time);
            transition(time, now, next, steps);
            now = next;
        }
        place.mature(&mut now, None, steps);
    }
}

impl Place {
    /// Before the first fact.
    fn begin(&mut self) -> Presence {
        self.state.clear();
        self.counts_from.fill(None);
        Presence { measures: 0, area: self.unassigned, slices: 0 }
    }

    /// Measures that begin to count before `until` because they have held long enough by then.
    fn mature(&self, now: &mut Presence, until: Option<EventTime>, steps: &mut Vec<Step>) {
        loop {
            let waiting = self.counts_from.iter().enumerate().filter_map(|(measure, from)| {
                let from = (*from)?;
                let due = until.is_none_or(|until| from < until);
                (due && now.measures & (1 << measure) == 0).then_some((from, measure))
            });
            let Some((time, measure)) = waiting.min() else {
                return;
            };
            let next = Presence { measures: now.measures | (1 << measure), ..*now };
            transition(time, *now, next, steps);
            *now = next;
        }
    }

    /// Evaluates every predicate on the state at `time`.
    fn presence_at(&mut self, time: EventTime) -> Presence {
        let row = self.state.row();
        let (mut true_now, mut measures) = (0_u64, 0_u64);
        for (index, measure) in self.pipeline.measures.iter().enumerate() {
            let holds = match self.same_as[index] {
                Some(earlier) => true_now & (1 << earlier) != 0,
                None => measure.predicate.holds(row),
            };
            let from = &mut self.counts_from[index];
            if !holds {
                *from = None;
                continue;
            }
            true_now |= 1 << index;
            let from = from.get_or_insert(time.plus(measure.held_for_seconds));
            if *from <= time {
                measures |= 1 << index;
            }
        }
        let area = self.state.area().unwrap_or(self.unassigned);
        Presence { measures, area, slices: self.slices(true_now) }
    }

    /// The dimension values that hold. Where no measure is true nobody is counted, whatever they are.
    fn slices(&self, true_now: u64) -> u128 {
        if true_now == 0 {
            return 0;
        }
        let row = self.state.row();
        let values = self.pipeline.slices().filter(|(_, _, value)| value.predicate.holds(row));
        values.fold(0, |slices, (slice, _, _)| slices | (1 << slice.0))
    }
}

fn same_texts(pipeline: &Pipeline) -> Vec<Option<usize>> {
    let measures = &pipeline.measures;
    let earlier =
        |index: usize| (0..index).find(|earlier| measures[*earlier].sql == measures[index].sql);
    (0..measures.len()).map(earlier).collect()
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

/// The positions of the bits that are set.
fn bits(mut word: u128) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let lowest = word.trailing_zeros();
        (word != 0).then(|| {
            word &= word - 1;
            lowest as u8
        })
    })
}
