//! A shard: the timelines and panes of its entities, and nothing else's.
//!
//! Does no I/O and knows no time but the frontier it is told: it is driven by a thread in production and by hand in
//! tests. The order in which facts arrive does not show in what it answers.

mod lane;
mod walk;

use std::sync::Arc;

pub use self::lane::LaneClosing;
use self::lane::ShardLane;
use self::walk::Walk;
pub use self::walk::{Part, Walked};
use super::Publication;
use crate::lake::{Counted, InPanes};
use crate::roster::{FactBatch, HomeId, TimelineBatch};
use crate::spec::Pipeline;
use crate::time::EventTime;

/// What a shard is told.
pub enum ToShard {
    /// New facts of one pipeline and one home.
    Facts {
        /// The pipeline's lane.
        lane: usize,
        /// Where they come from.
        home: HomeId,
        /// The facts.
        batch: FactBatch,
        /// No later board is as of an earlier moment.
        frontier: EventTime,
    },
    /// What is told of these homes under this number is to be believed, and nothing that was told of them before.
    Recall {
        /// The homes.
        homes: Vec<HomeId>,
        /// Grows with every recall.
        recall: RecallId,
    },
    /// All that the lake remembers of these homes has been told: what it moved may be told the panes table.
    Recalled(Vec<HomeId>),
    /// So many entities of a pipeline, about, will be told of.
    Expect {
        /// The pipeline's lane.
        lane: usize,
        /// How many.
        entities: usize,
    },
    /// What the lake remembers of a home.
    Remembered {
        /// The pipeline's lane.
        lane: usize,
        /// Whose it is.
        home: HomeId,
        /// In which recall.
        recall: RecallId,
        /// Whether the panes table holds what it moves.
        panes: InPanes,
        /// What.
        what: Remembrance,
    },
    /// Somebody else has these homes now.
    Forget(Vec<HomeId>),
    /// The epoch ends.
    Close(Close),
}

impl ToShard {
    /// Whether a roster snapshot begins with it.
    pub fn begins_a_snapshot(&self) -> bool {
        matches!(self, Self::Close(close) if close.snapshot.contains(&true))
    }
}

/// Tells one recall of a home from another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct RecallId(pub u64);

impl RecallId {
    /// The recall of all homes, before any of them could be given up.
    pub const EVERYTHING: Self = Self(0);
}

/// What the lake remembers.
pub enum Remembrance {
    /// Whole timelines. All shards are told the same, and each takes its own.
    Timelines {
        /// Of entities of every shard.
        batch: Arc<TimelineBatch>,
        /// Which of them is told.
        shard: usize,
        /// How many there are.
        shards: usize,
    },
    /// What whole timelines that are about to be told add up to, those of other shards included.
    Counted(Counted),
    /// Single facts.
    Facts(FactBatch),
}

/// The end of an epoch.
#[derive(Clone, Debug)]
pub struct Close {
    /// Which epoch.
    pub epoch: EpochId,
    /// As of when, for each lane.
    pub as_of: Vec<EventTime>,
    /// Which lanes begin a roster snapshot.
    pub snapshot: Vec<bool>,
}

/// Epochs of an engine, counted from one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Debug)]
pub struct EpochId(pub u64);

impl EpochId {
    /// The epoch that follows.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What a shard answers to the end of an epoch, for each lane.
pub type Closing = Vec<LaneClosing>;

/// The entities of one shard.
pub struct Shard {
    lanes: Vec<ShardLane>,
    /// By home: the recall that is to be believed.
    recalls: Vec<RecallId>,
    walk: Option<Walk>,
    closed: EpochId,
}

impl Shard {
    /// A shard without entities, for boards from these moments on, one a lane.
    pub fn new(
        pipelines: &[Arc<Pipeline>],
        publication: Publication,
        frontiers: &[EventTime],
    ) -> Self {
        let lane = |(pipeline, frontier): (&Arc<Pipeline>, &EventTime)| {
            ShardLane::new(pipeline.clone(), publication, *frontier)
        };
        let lanes = pipelines.iter().zip(frontiers).map(lane).collect();
        Self { lanes, recalls: Vec::new(), walk: None, closed: EpochId::default() }
    }

    /// Takes facts in, or closes the epoch.
    pub fn step(&mut self, message: ToShard) -> Option<Closing> {
        match message {
            ToShard::Facts { lane, home, batch, frontier } => {
                self.lanes[lane].take(&batch, home, frontier);
                if let Some(walk) = &mut self.walk {
                    walk.holds_facts_of(self.closed.next());
                }
            }
            ToShard::Recall { homes, recall } => {
                for home in homes {
                    let index = usize::from(home.0);
                    self.recalls.resize(self.recalls.len().max(index + 1), RecallId::default());
                    self.recalls[index] = recall;
                    self.lanes.iter_mut().for_each(|lane| lane.recall(home));
                    self.disturb(home);
                }
            }
            ToShard::Recalled(homes) => {
                for home in homes {
                    self.lanes.iter_mut().for_each(|lane| lane.recalled(home));
                }
            }
            ToShard::Expect { lane, entities } => self.lanes[lane].expect(entities),
            ToShard::Remembered { lane, home, recall, panes, what } => {
                let believed = self.recalls.get(usize::from(home.0));
                if recall == RecallId::EVERYTHING || believed == Some(&recall) {
                    self.lanes[lane].remember(home, panes, what);
                }
            }
            ToShard::Forget(homes) => {
                self.lanes.iter_mut().for_each(|lane| lane.forget(&homes));
                for home in homes {
                    if let Some(recall) = self.recalls.get_mut(usize::from(home.0)) {
                        *recall = RecallId::default();
                    }
                    self.disturb(home);
                }
            }
            ToShard::Close(close) => return Some(self.close(&close)),
        }
        None
    }

    /// The next part of the snapshot that is being taken; `None` where none is.
    pub fn walk_on(&mut self) -> Option<Walked> {
        let walk = self.walk.as_mut()?;
        let walked = walk.next(&self.lanes);
        if matches!(walked, Walked::Done { .. }) {
            self.walk = None;
        }
        Some(walked)
    }

    /// Whether a snapshot is being taken.
    pub fn is_walking(&self) -> bool {
        self.walk.is_some()
    }

    fn close(&mut self, close: &Close) -> Closing {
        self.closed = close.epoch;
        if close.snapshot.contains(&true) {
            self.walk = Some(Walk::new(close));
        }
        let lanes = self.lanes.iter_mut().zip(&close.as_of);
        lanes.map(|(lane, as_of)| lane.close(*as_of)).collect()
    }

    /// A home that comes or goes while a snapshot is taken is only partly in it.
    fn disturb(&mut self, home: HomeId) {
        if let Some(walk) = &mut self.walk {
            walk.disturb(home);
        }
    }
}
