//! One pipeline's entities in a shard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Remembrance;
use crate::engine::Publication;
use crate::lake::{Counted, InPanes, Moved, PaneRows, Sample};
use crate::panes::{Levels, Panes};
use crate::roster::{FactBatch, FactHead, HomeId, Layout, Roster, Timeline, Token};
use crate::spec::{Lookbacks, Pipeline};
use crate::steps::{Cell, Movement, Step, Stepper, moved};
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
    /// Cells in which something that was called off had counted.
    pub called_off: BTreeSet<Cell>,
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
    sums: Sums,
    called_off: BTreeSet<Cell>,
    samples: BTreeMap<HomeId, (Sample, SampleIs)>,
}

/// Whether what roster files add up to is taken instead of walking their timelines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sums {
    Taken,
    /// A home was forgotten before all that had been counted of it was told: nothing is left of any sum, and every
    /// timeline that still comes is walked.
    Distrusted,
}

/// Whether a fact is news.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Live,
    /// The lake remembers it.
    Again,
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

    /// Whether the sum that a timeline is part of has been taken.
    fn takes_sums(&self) -> bool {
        self.publication == Publication::Boards && self.sums == Sums::Taken
    }

    fn take_counted(&mut self, counted: &Counted) {
        if self.takes_sums() {
            for (cell, end, Moved { entries, exits }) in &counted.rows {
                self.panes.add(*cell, *end, entries - exits);
            }
        }
    }

    fn apply(&mut self, movement: Movement, home: HomeId, panes: InPanes) {
        match (self.publication, panes) {
            (Publication::Boards, _) => self.panes.apply(movement),
            (Publication::Panes, InPanes::Held) => {}
            (Publication::Panes, InPanes::Counted | InPanes::Missing) => {
                let (step, times) = match movement {
                    Movement::Made(step) => (step, 1),
                    Movement::TakenBack(step) => (step, -1),
                };
                let moved = Moved::by(step.rise, times);
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
    pub fn new(pipeline: Arc<Pipeline>, publication: Publication, frontier: EventTime) -> Self {
        let panes = Panes::new(Lookbacks::of(&pipeline), frontier);
        let stepper = Stepper::new(pipeline);
        let moves = Moves {
            publication,
            panes,
            news: BTreeMap::new(),
            recalling: BTreeSet::new(),
            sums: Sums::Taken,
            called_off: BTreeSet::new(),
            samples: BTreeMap::new(),
        };
        Self {
            layout: stepper.layout().clone(),
            roster: Roster::new(stepper.layout().clone()),
            stepper,
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
        self.take_facts(batch, home, InPanes::Missing, Told::Live);
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
        if self.moves.recalling.is_empty() {
            self.moves.sums = Sums::Taken;
        }
    }

    pub fn remember(&mut self, home: HomeId, panes: InPanes, what: Remembrance) {
        match what {
            Remembrance::Facts(batch) => self.take_facts(&batch, home, panes, Told::Again),
            Remembrance::Counted(counted) => self.moves.take_counted(&counted),
            Remembrance::Timelines { batch, shard, shards } => {
                let is_own = |(entity, _): &(Token, _)| entity.shard(shards) == shard;
                self.take_timelines(batch.iter().filter(is_own), home, panes);
            }
        }
    }

    fn take_facts(&mut self, batch: &FactBatch, home: HomeId, panes: InPanes, told: Told) {
        let layout = Arc::clone(&self.layout);
        let mut facts = batch.iter(&layout);
        while facts.clone().next().is_some() {
            self.roster.approach(facts.clone().take(APPROACHED).map(|(entity, ..)| entity));
            for (entity, head, fields) in facts.by_ref().take(APPROACHED) {
                self.take_fact(entity, head, fields, home, (panes, told));
            }
        }
    }

    fn take_fact(
        &mut self,
        entity: Token,
        head: FactHead,
        fields: &[u64],
        home: HomeId,
        (panes, told): (InPanes, Told),
    ) {
        self.moves.sample(entity, home, &self.roster);
        let Self { layout, stepper, roster, moves, before, after } = self;
        let is_called_off = moves.publication == Publication::Boards
            && told == Told::Live
            && head.code().is_retraction();
        roster.change(entity, home, |timeline| {
            if timeline.append_newest(head, fields, layout) {
                if !moves.are_told(panes) {
                    stepper.walk_on(timeline, before, after);
                    moved(before, after, |movement| moves.apply(movement, home, panes));
                }
                return; // most facts come in their order
            }
            if timeline.contains(head, fields, layout) {
                return; // repeats are common, and need no walk
            }
            if moves.are_told(panes) {
                timeline.join(head, fields, layout);
                return;
            }
            stepper.walk(timeline, before);
            if timeline.join(head, fields, layout) {
                stepper.walk(timeline, after);
                moved(before, after, |movement| {
                    if is_called_off {
                        moves.called_off.insert(movement.step().cell);
                    }
                    moves.apply(movement, home, panes);
                });
            }
        });
    }

    fn take_timelines<'t>(
        &mut self,
        mut told: impl Iterator<Item = (Token, &'t [u64])> + Clone,
        home: HomeId,
        panes: InPanes,
    ) {
        while told.clone().next().is_some() {
            self.roster.approach(told.clone().take(APPROACHED).map(|(entity, _)| entity));
            for (entity, words) in told.by_ref().take(APPROACHED) {
                self.take_timeline(entity, words, home, panes);
            }
        }
    }

    fn take_timeline(&mut self, entity: Token, words: &[u64], home: HomeId, panes: InPanes) {
        self.moves.sample(entity, home, &self.roster);
        let Self { layout, stepper, roster, moves, before, after } = self;
        roster.change(entity, home, |known| {
            if moves.are_told(panes) {
                return unite(known, words, layout);
            }
            let is_counted = panes == InPanes::Counted && moves.takes_sums();
            if is_counted && *known == Timeline::default() {
                return unite(known, words, layout);
            }
            stepper.walk(known, before);
            if is_counted {
                // Both have been counted, each as if there were no other.
                stepper.walk(&Timeline::from_words(words), after);
                before.append(after);
            }
            unite(known, words, layout);
            stepper.walk(known, after);
            moved(before, after, |movement| moves.apply(movement, home, panes));
        });
    }

    /// Forgets homes. What the panes table was told of them stays: whoever has them now goes on from there.
    pub fn forget(&mut self, homes: &[HomeId]) {
        let mut is_partly_told = false;
        for home in homes {
            let was_recalling = self.moves.recalling.remove(home);
            is_partly_told |= was_recalling;
            self.moves.news.remove(home);
            self.moves.samples.remove(home);
            let Self { stepper, roster, moves, before, .. } = self;
            let is_counted = moves.publication == Publication::Boards && !was_recalling;
            roster.forget(*home, |timeline| {
                if is_counted {
                    stepper.walk(timeline, before);
                    moved(before, &mut [], |movement| moves.panes.apply(movement));
                }
            });
        }
        if is_partly_told && self.moves.publication == Publication::Boards {
            self.count_anew();
        }
    }

    /// Counts what is known, and takes no more sums until everything that is being recalled has been told.
    fn count_anew(&mut self) {
        let Self { stepper, roster, moves, before, .. } = self;
        moves.sums = Sums::Distrusted;
        moves.panes.clear();
        for (_, timeline) in roster.iter() {
            stepper.walk(&timeline, before);
            moved(&mut [], before, |movement| moves.panes.apply(movement));
        }
        if moves.recalling.is_empty() {
            moves.sums = Sums::Taken;
        }
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
            called_off: std::mem::take(&mut self.moves.called_off),
            entities: self.roster.len(),
            shared: self.roster.shared(),
        }
    }
}

fn unite(known: &mut Timeline, words: &[u64], layout: &Layout) {
    let told = Timeline::from_words(words);
    if *known == Timeline::default() {
        *known = told;
        return;
    }
    for (head, fields) in told.facts(layout) {
        known.join(head, fields, layout);
    }
}
