//! One pipeline's entities in a shard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Remembrance;
use crate::area::AreaTree;
use crate::engine::Publication;
use crate::lake::{InPanes, Moved, PaneRows, Sample};
use crate::panes::{Levels, Panes};
use crate::roster::{FactBatch, FactHead, HomeId, Layout, Roster, Timeline, Token};
use crate::spec::Pipeline;
use crate::steps::{Cell, Direction, Movement, Step, Stepper, moved};
use crate::time::EventTime;

/// How many entities are looked up ahead of their facts.
const APPROACHED: usize = 32;

/// One lane's cells, and what the panes table has to be told.
#[derive(Default)]
pub struct LaneClosing {
    /// The level of every cell at the as-of and at each window's start.
    pub cells: Vec<(Cell, Levels)>,
    /// What moved since the last closing, by home, for the panes table.
    pub news: BTreeMap<HomeId, PaneRows>,
    /// The samples that have changed since the last closing.
    pub samples: BTreeMap<HomeId, Sample>,
    /// How many entities the shard holds.
    pub entities: usize,
    /// How many of them have facts from several homes.
    pub shared: usize,
}

/// The entities of one pipeline.
pub struct ShardLane {
    layout: Arc<Layout>,
    stepper: Stepper,
    roster: Roster,
    moves: Moves,
    before: Vec<Step>,
    after: Vec<Step>,
}

/// What is made of movements: cells for boards of one's own, or rows for the panes table.
struct Moves {
    publication: Publication,
    panes: Panes,
    news: BTreeMap<HomeId, PaneRows>,
    /// Homes of which only a part has been recalled: their news are kept until all of it is there.
    recalling: BTreeSet<HomeId>,
    samples: BTreeMap<HomeId, (Sample, SampleIs)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SampleIs {
    Told,
    News,
}

impl Moves {
    /// Whether somebody else counts what moves, and knows it already: then nobody needs to find out what it is.
    fn are_told(&self, panes: InPanes) -> bool {
        self.publication == Publication::Panes && panes == InPanes::Held
    }

    fn apply(&mut self, movement: Movement, home: HomeId, panes: InPanes) {
        match (self.publication, panes) {
            (Publication::Boards, _) => self.panes.apply(movement),
            (Publication::Panes, InPanes::Held) => {}
            (Publication::Panes, InPanes::Missing) => {
                let (step, sign) = match movement {
                    Movement::Made(step) => (step, 1),
                    Movement::TakenBack(step) => (step, -1),
                };
                let moved = match step.direction {
                    Direction::Entry => Moved { entries: sign, exits: 0 },
                    Direction::Exit => Moved { entries: 0, exits: sign },
                };
                let end = self.panes.pane_of(step.time);
                self.news.entry(home).or_default().add(step.cell, end, moved);
            }
        }
    }

    /// Notes that an entity was heard of in a home. One that has another home, too, is noted in both.
    fn sample(&mut self, entity: Token, home: HomeId, roster: &Roster) {
        if self.publication == Publication::Boards {
            return;
        }
        self.add_to_sample(home, |sample| sample.add(entity));
        if let Some(other) = roster.home(entity).filter(|other| *other != home) {
            for home in [home, other] {
                self.add_to_sample(home, |sample| sample.add_shared(entity));
            }
        }
    }

    fn add_to_sample(&mut self, home: HomeId, add: impl FnOnce(&mut Sample) -> bool) {
        let new = || (Sample::default(), SampleIs::News);
        let (sample, is) = self.samples.entry(home).or_insert_with(new);
        if add(sample) {
            *is = SampleIs::News;
        }
    }
}

impl ShardLane {
    pub fn new(
        pipeline: Arc<Pipeline>,
        areas: &AreaTree,
        publication: Publication,
        frontier: EventTime,
    ) -> Self {
        let panes = Panes::new(pipeline.windows(), frontier);
        let stepper = Stepper::new(pipeline, areas);
        let moves = Moves {
            publication,
            panes,
            news: BTreeMap::new(),
            recalling: BTreeSet::new(),
            samples: BTreeMap::new(),
        };
        Self {
            layout: stepper.layout().clone(),
            stepper,
            roster: Roster::default(),
            moves,
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    pub fn take(&mut self, batch: &FactBatch, home: HomeId, frontier: EventTime) {
        self.moves.panes.advance(frontier);
        self.take_facts(batch, home, InPanes::Missing);
    }

    /// So many entities are about to be told.
    pub fn expect(&mut self, entities: usize) {
        self.roster.reserve(entities);
    }

    /// A home is about to be recalled.
    pub fn recall(&mut self, home: HomeId) {
        self.moves.recalling.insert(home);
    }

    /// A home has been recalled.
    pub fn recalled(&mut self, home: HomeId) {
        self.moves.recalling.remove(&home);
    }

    pub fn remember(&mut self, home: HomeId, panes: InPanes, what: Remembrance) {
        match what {
            Remembrance::Facts(batch) => self.take_facts(&batch, home, panes),
            Remembrance::Timelines(timelines) => self.take_timelines(timelines, home, panes),
        }
    }

    fn take_facts(&mut self, batch: &FactBatch, home: HomeId, panes: InPanes) {
        let layout = Arc::clone(&self.layout);
        let mut facts = batch.iter(&layout);
        while facts.clone().next().is_some() {
            self.roster.approach(facts.clone().take(APPROACHED).map(|(entity, ..)| entity));
            for (entity, head, fields) in facts.by_ref().take(APPROACHED) {
                self.take_fact(entity, head, fields, home, panes);
            }
        }
    }

    fn take_fact(
        &mut self,
        entity: Token,
        head: FactHead,
        fields: &[u64],
        home: HomeId,
        panes: InPanes,
    ) {
        self.moves.sample(entity, home, &self.roster);
        let timeline = self.roster.timeline(entity, home);
        if timeline.contains(head, fields, &self.layout) {
            return; // repeats are common, and need no walk
        }
        if self.moves.are_told(panes) {
            timeline.join(head, fields, &self.layout);
            return;
        }
        self.stepper.walk(timeline, &mut self.before);
        if timeline.join(head, fields, &self.layout) {
            self.stepper.walk(timeline, &mut self.after);
            let moves = &mut self.moves;
            moved(&mut self.before, &mut self.after, |movement| moves.apply(movement, home, panes));
        }
    }

    fn take_timelines(&mut self, told: Vec<(Token, Timeline)>, home: HomeId, panes: InPanes) {
        let mut told = told.into_iter();
        while !told.as_slice().is_empty() {
            let near = told.as_slice().iter().take(APPROACHED).map(|(entity, _)| *entity);
            self.roster.approach(near);
            for (entity, timeline) in told.by_ref().take(APPROACHED) {
                self.take_timeline(entity, timeline, home, panes);
            }
        }
    }

    fn take_timeline(&mut self, entity: Token, timeline: Timeline, home: HomeId, panes: InPanes) {
        self.moves.sample(entity, home, &self.roster);
        let known = self.roster.timeline(entity, home);
        if self.moves.are_told(panes) {
            return unite(known, timeline, &self.layout);
        }
        self.stepper.walk(known, &mut self.before);
        unite(known, timeline, &self.layout);
        self.stepper.walk(known, &mut self.after);
        let moves = &mut self.moves;
        moved(&mut self.before, &mut self.after, |movement| moves.apply(movement, home, panes));
    }

    /// Forgets a home. What the panes table was told of it stays: whoever has it now goes on from there.
    pub fn forget(&mut self, home: HomeId) {
        self.moves.news.remove(&home);
        self.moves.recalling.remove(&home);
        self.moves.samples.remove(&home);
        let (stepper, before, moves) = (&mut self.stepper, &mut self.before, &mut self.moves);
        self.roster.forget(home, |timeline| {
            if moves.publication == Publication::Boards {
                stepper.walk(timeline, before);
                moved(before, &mut [], |movement| moves.panes.apply(movement));
            }
        });
    }

    pub fn close(&mut self, as_of: EventTime) -> LaneClosing {
        let Moves { news, recalling, samples, .. } = &mut self.moves;
        let changed = samples.iter_mut().filter(|(_, (_, is))| *is == SampleIs::News);
        let samples = changed.map(|(home, (sample, is))| {
            *is = SampleIs::Told;
            (*home, sample.clone())
        });
        let samples = samples.collect();
        let news = news.extract_if(.., |home, _| !recalling.contains(home)).collect();
        LaneClosing {
            samples,
            cells: self.moves.panes.close(as_of),
            news,
            entities: self.roster.len(),
            shared: self.roster.shared(),
        }
    }
}

fn unite(known: &mut Timeline, timeline: Timeline, layout: &Layout) {
    if *known == Timeline::default() {
        *known = timeline;
        return;
    }
    for (head, fields) in timeline.facts(layout) {
        known.join(head, fields, layout);
    }
}
