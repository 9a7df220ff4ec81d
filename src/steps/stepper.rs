//! The walk along one timeline that tells when the entity enters and leaves which cells.

use std::sync::Arc;

use super::amounts::Amounts;
use super::clocked::Clocked;
use super::questions::{Answers, Questions, Truths, bits};
use super::{Cell, Step};
use crate::area::AreaId;
use crate::roster::{FactHead, Layout, State, Timeline};
use crate::season::Season;
use crate::spec::{MeasureId, Pipeline, Seasons, SliceId};
use crate::time::{EARLIEST, EventTime};

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
    /// The clock where the last fact was not known yet.
    clock: Clocked,
}

/// Where the walk is.
struct Place {
    seasons: Seasons,
    /// The one asked for last, which is nearly always the next one too.
    season: Season,
    questions: Questions,
    unassigned: AreaId,
    state: State,
    answers: Answers,
    clocked: Clocked,
    amounts: Amounts,
}

impl Stepper {
    /// A walker of this pipeline's timelines.
    pub fn new(pipeline: Arc<Pipeline>) -> Self {
        let unassigned = pipeline.areas.unassigned();
        let layout = Arc::new(Layout::of(&pipeline));
        let state = State::new(&layout);
        let (clocked, amounts) = (Clocked::of(&pipeline), Amounts::of(pipeline.clone()));
        let seasons = pipeline.seasons;
        let questions = Questions::of(pipeline, &layout);
        let answers = questions.at_first();
        let clock = clocked.clone();
        let season = Season::of(EARLIEST);
        let place =
            Place { seasons, season, questions, unassigned, state, answers, clocked, amounts };
        Self { layout, place, clock }
    }

    /// The layout of the pipeline's facts.
    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Replaces `steps` by all steps of the timeline, in the order of time.
    pub fn walk(&mut self, timeline: &Timeline, steps: &mut Vec<Step>) {
        steps.clear();
        let Self { layout, place, .. } = self;
        let mut facts = timeline.facts(layout).peekable();
        let Some((first, _)) = facts.peek() else { return };
        let ends = place.ends_after(first.time());
        let mut now = place.begin();
        while let Some((head, fields)) = facts.next() {
            let time = head.time();
            place.fold(head, fields, layout);
            if facts.peek().is_some_and(|(next, _)| next.time() == time) {
                continue; // the state at a moment is the state after all of its facts
            }
            place.let_pass(&mut now, Some(time), steps);
            let next = place.presence_at(time);
            place.transition(time, now, next, steps);
            now = next;
        }
        place.end(now, ends, steps);
    }

    /// Both walks of a timeline whose last fact has just been [appended](Timeline::append_newest): the steps `before` are those without
    /// it, `after` those with it, each from where they part. To the facts before it no question is put twice.
    pub fn walk_on(&mut self, timeline: &Timeline, before: &mut Vec<Step>, after: &mut Vec<Step>) {
        before.clear();
        after.clear();
        let Self { layout, place, clock } = self;
        let mut facts = timeline.facts(layout).peekable();
        let Some((first, _)) = facts.peek() else { return };
        let ends = place.ends_after(first.time());
        let mut now = place.begin();
        while let Some((head, fields)) = facts.next() {
            let next_time = facts.peek().map(|(next, _)| next.time());
            if next_time.is_none() {
                after.clear();
                clock.set_to(&place.clocked);
                place.end(now, ends, before);
                std::mem::swap(clock, &mut place.clocked);
            }
            let time = head.time();
            place.fold(head, fields, layout);
            if next_time == Some(time) {
                continue;
            }
            place.let_pass(&mut now, Some(time), after);
            let next = place.presence_at(time);
            place.transition(time, now, next, after);
            now = next;
        }
        place.end(now, ends, after);
    }
}

impl Place {
    /// Before the first fact.
    fn begin(&mut self) -> Presence {
        self.state.clear();
        self.answers = self.questions.at_first();
        self.clocked.begin();
        Presence { measures: 0, area: self.unassigned, slices: 0 }
    }

    fn fold(&mut self, head: FactHead, fields: &[u64], layout: &Layout) {
        self.state.apply(head, fields, layout);
        self.questions.reopen(&mut self.answers, head.code().kind());
    }

    /// Where the entity is counted by the state at `time`.
    fn presence_at(&mut self, time: EventTime) -> Presence {
        let Truths { measures, slices } = self.questions.ask(&mut self.answers, self.state.row());
        self.amounts.take(measures, self.state.row());
        Presence {
            measures: self.clocked.counted_at(time, measures),
            area: self.state.area().unwrap_or(self.unassigned),
            slices,
        }
    }

    /// When an entity with a fact at this moment counts no more: at the end of its season, where seasons are told apart.
    fn ends_after(&mut self, time: EventTime) -> Option<EventTime> {
        if self.seasons == Seasons::Together {
            return None;
        }
        if !self.season.contains(time) {
            self.season = Season::of(time);
        }
        Some(self.season.ends)
    }

    /// No further fact comes.
    fn end(&mut self, mut now: Presence, ends: Option<EventTime>, steps: &mut Vec<Step>) {
        self.let_pass(&mut now, ends, steps);
        if let Some(ends) = ends {
            self.leave(ends, now, steps);
        }
    }

    /// Leaves every cell.
    fn leave(&mut self, time: EventTime, from: Presence, steps: &mut Vec<Step>) {
        self.amounts.settle();
        self.transition(time, from, Presence { measures: 0, ..from }, steps);
    }

    /// The clock goes on to `until`, or for ever.
    fn let_pass(&mut self, now: &mut Presence, until: Option<EventTime>, steps: &mut Vec<Step>) {
        while let Some((time, measures)) = self.clocked.pass(now.measures, until) {
            self.amounts.settle();
            let next = Presence { measures, ..*now };
            self.transition(time, *now, next, steps);
            *now = next;
        }
    }

    /// Every cell whose level moves between two presences.
    fn transition(&self, time: EventTime, from: Presence, to: Presence, steps: &mut Vec<Step>) {
        if from == to && self.amounts.are_counts() {
            return;
        }
        let stays = from.area == to.area;
        for measure in bits(u128::from(from.measures | to.measures)).map(MeasureId) {
            let counted = |presence: Presence| presence.measures & (1 << measure.0) != 0;
            let (was, is) = (counted(from), counted(to));
            let (brought, brings) = self.amounts.to(measure);
            let (brought, brings) = (if was { brought } else { 0 }, if is { brings } else { 0 });
            let before = if was { from.slices } else { 0 };
            let after = if is { to.slices } else { 0 };
            let mut step = |area, slice: Option<u8>, rise| {
                if rise != 0 {
                    let cell = Cell::new(measure, area, slice.map(SliceId));
                    steps.push(Step { time, cell, rise });
                }
            };
            if stays {
                step(to.area, None, brings - brought);
                bits(before & !after).for_each(|slice| step(to.area, Some(slice), -brought));
                bits(after & !before).for_each(|slice| step(to.area, Some(slice), brings));
                if brings != brought {
                    let both = bits(before & after);
                    both.for_each(|slice| step(to.area, Some(slice), brings - brought));
                }
            } else {
                step(from.area, None, -brought);
                bits(before).for_each(|slice| step(from.area, Some(slice), -brought));
                step(to.area, None, brings);
                bits(after).for_each(|slice| step(to.area, Some(slice), brings));
            }
        }
    }
}
