//! A shard: the timelines and panes of the entities that hash to it, for every pipeline. It does no I/O and knows no
//! time: `step` is driven by a thread here, and by one loop in tests.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use super::committer::ToCommitter;
use crate::area::AreaTree;
use crate::lake::{LakeError, RosterRows};
use crate::panes::{Levels, Panes};
use crate::roster::{FactBatch, FactHead, Layout, Roster, Timeline, Token};
use crate::spec::Pipeline;
use crate::steps::{Cell, Step, Stepper, moved};
use crate::time::EventTime;

/// How many entities are looked up ahead of their facts.
const APPROACHED: usize = 32;

/// What a shard is told.
pub enum ToShard {
    /// Facts of one pipeline.
    Facts {
        /// The pipeline's lane.
        lane: usize,
        /// Its facts.
        batch: FactBatch,
        /// No later board is as of an earlier moment.
        frontier: EventTime,
    },
    /// The epoch ends.
    Close(Close),
}

/// The end of an epoch.
#[derive(Clone, Debug)]
pub struct Close {
    /// As of when, for each lane.
    pub as_of: Vec<EventTime>,
    /// Which lanes take a roster snapshot.
    pub snapshot: Vec<bool>,
}

/// What a shard answers to the end of an epoch, for each lane.
pub type Closing = Vec<LaneClosing>;

/// One lane's cells, and its roster where a snapshot was asked for.
pub struct LaneClosing {
    /// The level of every cell at the as-of and at each window's start.
    pub cells: Vec<(Cell, Levels)>,
    /// How many entities the shard holds.
    pub entities: usize,
    /// The roster.
    pub roster: Option<RosterRows>,
}

/// The entities of one shard.
pub struct Shard {
    lanes: Vec<ShardLane>,
    areas: &'static AreaTree,
}

struct ShardLane {
    pipeline: Arc<Pipeline>,
    layout: Arc<Layout>,
    stepper: Stepper,
    roster: Roster,
    panes: Panes,
    before: Vec<Step>,
    after: Vec<Step>,
}

impl Shard {
    /// A shard without entities.
    pub fn new(pipelines: &[Arc<Pipeline>], areas: &'static AreaTree) -> Self {
        let lanes =
            pipelines.iter().map(|pipeline| ShardLane::new(pipeline.clone(), areas)).collect();
        Self { lanes, areas }
    }

    /// Joins a timeline from the lake. [`Shard::recount`] counts it.
    pub fn remember(&mut self, lane: usize, entity: Token, timeline: Timeline) {
        let lane = &mut self.lanes[lane];
        let known = lane.roster.timeline(entity);
        if *known == Timeline::default() {
            *known = timeline;
            return;
        }
        for (head, fields) in timeline.facts(&lane.layout) {
            known.join(head, fields, &lane.layout);
        }
    }

    /// Joins a fact from the lake. [`Shard::recount`] counts it.
    pub fn remember_fact(&mut self, lane: usize, entity: Token, head: FactHead, fields: &[u64]) {
        let lane = &mut self.lanes[lane];
        lane.roster.timeline(entity).join(head, fields, &lane.layout);
    }

    /// Derives the panes of a lane from its roster, for boards from `frontier` on.
    pub fn recount(&mut self, lane: usize, frontier: EventTime) {
        self.lanes[lane].recount(frontier);
    }

    /// Takes facts in, or closes the epoch.
    pub fn step(&mut self, message: ToShard) -> Result<Option<Closing>, LakeError> {
        match message {
            ToShard::Facts { lane, batch, frontier } => {
                self.lanes[lane].take(&batch, frontier);
                Ok(None)
            }
            ToShard::Close(close) => self.close(&close).map(Some),
        }
    }

    fn close(&mut self, close: &Close) -> Result<Closing, LakeError> {
        let areas = self.areas;
        let lanes = self.lanes.iter_mut().zip(close.as_of.iter().zip(&close.snapshot));
        lanes.map(|(lane, (as_of, snapshot))| lane.close(*as_of, *snapshot, areas)).collect()
    }

    /// Drives `step` from a queue until the queue ends.
    pub(super) fn run(
        &mut self,
        shard: usize,
        messages: Receiver<ToShard>,
        committer: SyncSender<ToCommitter>,
    ) {
        for message in messages {
            let Some(closing) = self.step(message).transpose() else {
                continue;
            };
            if committer.send(ToCommitter::Closing { shard, closing }).is_err() {
                return; // the committer has failed, and says so itself
            }
        }
    }
}

impl ShardLane {
    fn new(pipeline: Arc<Pipeline>, areas: &AreaTree) -> Self {
        let stepper = Stepper::new(pipeline.clone(), areas);
        Self {
            layout: stepper.layout().clone(),
            panes: Panes::new(pipeline.windows(), crate::time::EARLIEST),
            stepper,
            roster: Roster::default(),
            before: Vec::new(),
            after: Vec::new(),
            pipeline,
        }
    }

    fn take(&mut self, batch: &FactBatch, frontier: EventTime) {
        self.panes.advance(frontier);
        let layout = Arc::clone(&self.layout);
        let mut facts = batch.iter(&layout);
        while facts.clone().next().is_some() {
            self.roster.approach(facts.clone().take(APPROACHED).map(|(entity, ..)| entity));
            for (entity, head, fields) in facts.by_ref().take(APPROACHED) {
                self.take_fact(entity, head, fields);
            }
        }
    }

    fn take_fact(&mut self, entity: Token, head: FactHead, fields: &[u64]) {
        let timeline = self.roster.timeline(entity);
        if timeline.contains(head, fields, &self.layout) {
            return; // repeats are common, and need no walk
        }
        self.stepper.walk(timeline, &mut self.before);
        if timeline.join(head, fields, &self.layout) {
            self.stepper.walk(timeline, &mut self.after);
            let panes = &mut self.panes;
            moved(&mut self.before, &mut self.after, |movement| panes.apply(movement));
        }
    }

    fn recount(&mut self, frontier: EventTime) {
        self.panes = Panes::new(self.pipeline.windows(), frontier);
        for (_, timeline) in self.roster.iter() {
            self.stepper.walk(timeline, &mut self.after);
            let panes = &mut self.panes;
            moved(&mut [], &mut self.after, |movement| panes.apply(movement));
        }
    }

    fn close(
        &mut self,
        as_of: EventTime,
        snapshot: bool,
        areas: &AreaTree,
    ) -> Result<LaneClosing, LakeError> {
        let roster =
            snapshot.then(|| RosterRows::of(&self.roster, &self.pipeline, areas)).transpose()?;
        Ok(LaneClosing { cells: self.panes.close(as_of), entities: self.roster.len(), roster })
    }
}
