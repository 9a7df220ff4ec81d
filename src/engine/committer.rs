//! The committer: ledger first, then the rates it publishes, then the board, then the roster where one is due.
//!
//! A board is hung only once the ledger commit behind it is acknowledged, so no number ever steps back after a crash.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Instant;

use tokio::runtime::Handle;

use super::shard::{Closing, LaneClosing};
use super::{Committed, Engine, Ownership, Resume};
use crate::area::AreaTree;
use crate::board::{Board, Boards};
use crate::clock::Clock;
use crate::decode::TopicPartition;
use crate::error::Result;
use crate::lake::{
    Advance, LakeError, LedgerRows, PipelineLake, PublishedRates, RosterRows, Share,
};
use crate::telemetry::LaneMetrics;
use crate::time::EventTime;

/// What the committer is told.
pub enum ToCommitter {
    /// The conductor has ended an epoch.
    Epoch(Epoch),
    /// A shard has closed its cells for an epoch. Each shard closes epochs in order.
    Closing {
        /// Which shard.
        shard: usize,
        /// Its cells.
        closing: std::result::Result<Closing, LakeError>,
    },
}

/// A commit's worth of records.
pub struct Epoch {
    /// By lane.
    pub lanes: Vec<EpochLane>,
    /// Who waits for it to be committed.
    pub drained: Option<SyncSender<()>>,
}

/// One lane's part of an epoch.
pub struct EpochLane {
    /// The rows.
    pub rows: LedgerRows,
    /// The partitions that moved.
    pub advances: BTreeMap<TopicPartition, Advance>,
    /// As of when the board is made.
    pub as_of: EventTime,
}

/// A pipeline's tables, and what they have published.
pub struct LaneLake {
    /// The tables.
    pub lake: PipelineLake,
    /// What was published last.
    pub published: PublishedRates,
}

/// Commits and publishes.
pub struct Committer {
    lanes: Vec<CommitterLane>,
    areas: &'static AreaTree,
    clock: Arc<dyn Clock>,
    boards: Arc<Boards>,
    told: Told,
    shards: usize,
    runtime: Handle,
}

/// What the committer shares with the source.
pub struct Told {
    /// What has been committed.
    pub committed: Arc<Committed>,
    /// How much of the log is read here.
    pub ownership: Arc<Ownership>,
    /// Where partitions go on.
    pub resume: Resume,
}

struct CommitterLane {
    tables: LaneLake,
    metrics: LaneMetrics,
}

impl Committer {
    /// A committer to these tables, in the order of the engine's pipelines.
    pub fn new(engine: &Engine, lakes: Vec<LaneLake>, told: Told, runtime: Handle) -> Self {
        let lane = |tables: LaneLake| CommitterLane {
            metrics: engine.metrics.lane(&tables.lake.pipeline().name),
            tables,
        };
        Self {
            lanes: lakes.into_iter().map(lane).collect(),
            areas: engine.areas,
            clock: engine.clock.clone(),
            boards: engine.boards.clone(),
            told,
            shards: engine.shards,
            runtime,
        }
    }

    /// Works until both the conductor and the shards have ended.
    pub fn run(&mut self, messages: Receiver<ToCommitter>) -> Result<()> {
        let mut epochs = VecDeque::new();
        let mut closings: Vec<VecDeque<Closing>> =
            (0..self.shards).map(|_| VecDeque::new()).collect();
        for message in messages {
            match message {
                ToCommitter::Epoch(epoch) => epochs.push_back(epoch),
                ToCommitter::Closing { shard, closing } => closings[shard].push_back(closing?),
            }
            // A quick shard may be an epoch ahead of a slow one: the first closing of each belongs to the first epoch.
            while !epochs.is_empty() && closings.iter().all(|of_shard| !of_shard.is_empty()) {
                let closed = closings.iter_mut().filter_map(VecDeque::pop_front).collect();
                if let Some(epoch) = epochs.pop_front() {
                    self.commit(epoch, closed)?;
                }
            }
        }
        Ok(())
    }

    fn commit(&mut self, epoch: Epoch, closings: Vec<Closing>) -> Result<()> {
        let mut by_lane: Vec<Vec<LaneClosing>> = self.lanes.iter().map(|_| Vec::new()).collect();
        for closing in closings {
            by_lane.iter_mut().zip(closing).for_each(|(lane, closing)| lane.push(closing));
        }
        let (areas, now) = (self.areas, self.clock.now());
        for (index, (part, closings)) in epoch.lanes.into_iter().zip(by_lane).enumerate() {
            let lane = &mut self.lanes[index];
            let next = part.advances.iter().map(|(partition, to)| (partition.clone(), to.to));
            let next = next.collect();
            // Who reads a part has timelines of a part: neither a board nor a roster can be made of them, and what others
            // have committed is not known here.
            let share = self.told.ownership.share();
            let board = self.runtime.block_on(lane.commit(part, closings, areas, now, share))?;
            if share == Share::Whole {
                self.told.resume.committed(index, lane.tables.lake.ledger_version());
            }
            // Before anything is assigned, what was recovered is shown: it is whole.
            if share == Share::Whole || !self.boards.are_withheld() {
                self.boards.publish(Arc::new(board));
            }
            self.told.committed.note(next);
        }
        if let Some(waiting) = epoch.drained {
            _ = waiting.send(()); // whoever waited may have given up
        }
        Ok(())
    }
}

impl CommitterLane {
    async fn commit(
        &mut self,
        part: EpochLane,
        closings: Vec<LaneClosing>,
        areas: &AreaTree,
        now: EventTime,
        share: Share,
    ) -> std::result::Result<Board, LakeError> {
        let LaneLake { lake, published } = &mut self.tables;
        let began = Instant::now();
        if !part.advances.is_empty() {
            lake.commit(part.rows, &part.advances, share).await?;
            self.metrics.committed(began.elapsed(), now);
        }
        let mut roster: Option<RosterRows> = None;
        let mut cells = Vec::new();
        let mut entities = 0;
        for closing in closings {
            cells.extend(closing.cells);
            entities += closing.entities;
            if let Some(rows) = closing.roster {
                roster.get_or_insert_default().extend(rows);
            }
        }
        self.metrics.entities(entities);
        let version = Some(lake.ledger_version().0);
        let board = Board::assemble(lake.pipeline().clone(), areas, part.as_of, version, cells);
        if share == Share::Whole {
            lake.publish(&board, published, areas, now).await?;
            if let Some(roster) = roster {
                lake.replace_roster(roster, lake.ledger_version()).await?;
            }
        }
        Ok(board)
    }
}
