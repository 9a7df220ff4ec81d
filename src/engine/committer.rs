//! The committer: ledger first, then the panes or the board that it leads to, then the roster where one is written.
//!
//! A board is hung only once the ledger commit behind it is acknowledged, so no number ever steps back after a crash.
//! What is derived follows in one order, roster ≤ panes ≤ ledger, so that any of it may be missing after a crash.

mod lane;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use tokio::runtime::Handle;

use self::lane::CommitterLane;
pub use self::lane::LaneLake;
use super::Engine;
use super::homes::Homes;
use super::lost::Lost;
use super::shard::{Closing, EpochId, LaneClosing};
use super::sink::Committed;
use super::snapshot::Written;
use crate::board::{Boards, joined};
use crate::clock::Clock;
use crate::decode::{Offset, TopicPartition};
use crate::error::Result;
#[cfg(test)]
use crate::lake::planted;
use crate::lake::{Advance, LedgerRows, Recalled, Scope, Share};
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
        closing: Closing,
    },
    /// Partitions begin here where their ledgers end, by lane.
    Assigned(Vec<BTreeMap<TopicPartition, Option<Offset>>>),
    /// Others have these partitions now.
    Revoked(Vec<TopicPartition>),
    /// Homes have been recalled, by lane: their panes stand there.
    Recalled(Vec<Vec<Recalled>>),
    /// A roster snapshot has been written.
    Snapshot(Written),
}

/// A commit's worth of records.
pub struct Epoch {
    /// Which epoch.
    pub id: EpochId,
    /// By lane.
    pub lanes: Vec<EpochLane>,
    /// Who else may commit.
    pub share: Share,
    /// Whether everything that counts is known here, so that a board can be made of it.
    pub knows: Knows,
    /// Who waits for it to be committed.
    pub drained: Option<SyncSender<()>>,
}

/// How much of what counts an engine knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Knows {
    /// All of it.
    Everything,
    /// Something is still being recalled, or others have it.
    APart,
}

/// One lane's part of an epoch.
pub struct EpochLane {
    /// The rows.
    pub rows: LedgerRows,
    /// The partitions that moved.
    pub advances: BTreeMap<TopicPartition, Advance>,
    /// As of when the board is made.
    pub as_of: EventTime,
    /// The homes of which a roster snapshot begins with the end of this epoch.
    pub snapshot: Option<Scope>,
}

/// Commits and publishes.
pub struct Committer {
    lanes: Vec<CommitterLane>,
    clock: Arc<dyn Clock>,
    boards: Arc<Boards>,
    told: Told,
    runtime: Handle,
    /// What was told in an order that has to be kept; an epoch waits until every shard has closed its cells.
    waiting: VecDeque<ToCommitter>,
    /// By shard.
    closings: Vec<VecDeque<Closing>>,
    /// The epoch committed last.
    committed: EpochId,
    /// Written, and waiting for the epochs they may hold facts of.
    snapshots: Vec<Written>,
}

/// What the committer shares with others.
pub struct Told {
    /// What has been committed.
    pub committed: Arc<Committed>,
    /// What turned out to be somebody else's.
    pub lost: Arc<Lost>,
    /// The numbers of homes.
    pub homes: Homes,
}

impl Committer {
    /// A committer to these tables, in the order of the engine's pipelines.
    pub fn new(engine: &Engine, lakes: Vec<LaneLake>, told: Told, runtime: Handle) -> Self {
        let lane = |tables: LaneLake| {
            let metrics = engine.metrics.lane(&tables.lake.pipeline().name);
            CommitterLane::new(tables, metrics, told.homes.clone())
        };
        Self {
            lanes: lakes.into_iter().map(lane).collect(),
            clock: engine.clock.clone(),
            boards: engine.boards.clone(),
            told,
            runtime,
            waiting: VecDeque::new(),
            closings: (0..engine.shards).map(|_| VecDeque::new()).collect(),
            committed: EpochId::default(),
            snapshots: Vec::new(),
        }
    }

    /// Works until the conductor, the shards and the snapshots have ended.
    pub fn run(&mut self, messages: Receiver<ToCommitter>) -> Result<()> {
        messages.into_iter().try_for_each(|message| self.step(message))
    }

    /// Takes a message, and does whatever it completes.
    pub fn step(&mut self, message: ToCommitter) -> Result<()> {
        match message {
            ToCommitter::Closing { shard, closing } => self.closings[shard].push_back(closing),
            ToCommitter::Snapshot(written) => {
                self.snapshots.push(written);
                self.commit_snapshots()?;
            }
            in_order => self.waiting.push_back(in_order),
        }
        // A quick shard may be an epoch ahead of a slow one: the first closing of each belongs to the first epoch.
        while let Some(next) = self.waiting.front() {
            let is_epoch = matches!(next, ToCommitter::Epoch(_));
            if is_epoch && self.closings.iter().any(VecDeque::is_empty) {
                break;
            }
            match self.waiting.pop_front() {
                Some(ToCommitter::Epoch(epoch)) => {
                    let closed = self.closings.iter_mut().filter_map(VecDeque::pop_front).collect();
                    self.commit(epoch, closed)?;
                    self.commit_snapshots()?;
                }
                Some(ToCommitter::Assigned(begins)) => self.assigned(begins)?,
                Some(ToCommitter::Revoked(partitions)) => {
                    self.lanes.iter_mut().for_each(|lane| lane.revoked(&partitions));
                }
                Some(ToCommitter::Recalled(recalled)) => {
                    let lanes = self.lanes.iter_mut().zip(recalled);
                    lanes.for_each(|(lane, recalled)| lane.recalled(recalled));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn commit(&mut self, epoch: Epoch, closings: Vec<Closing>) -> Result<()> {
        let mut by_lane: Vec<Vec<LaneClosing>> = self.lanes.iter().map(|_| Vec::new()).collect();
        for closing in closings {
            by_lane.iter_mut().zip(closing).for_each(|(lane, closing)| lane.push(closing));
        }
        let (now, mut boards) = (self.clock.now(), Vec::new());
        for (index, (part, closings)) in epoch.lanes.into_iter().zip(by_lane).enumerate() {
            let lane = &mut self.lanes[index];
            let (as_of, snapshot) = (part.as_of, part.snapshot.clone());
            let mut next: BTreeMap<_, _> =
                part.advances.iter().map(|(partition, to)| (partition.clone(), to.to)).collect();
            let closing = CommitterLane::merged(closings);
            #[cfg(test)]
            let closing = match planted::is(planted::Bug::PanesAheadOfTheLedger) {
                true => {
                    self.runtime.block_on(lane.commit_panes(closing, as_of))?;
                    LaneClosing::default()
                }
                false => closing,
            };
            let lost = self.runtime.block_on(lane.commit_ledger(part, epoch.share, now))?;
            next.retain(|partition, _| !lost.contains(partition));
            self.told.lost.note(lost);
            if let Some(scope) = snapshot {
                lane.snapshot_begins(epoch.id, scope, &closing);
            }
            let cells = self.runtime.block_on(lane.commit_panes(closing, as_of))?;
            if epoch.knows == Knows::Everything {
                boards.push(lane.board(cells, as_of));
            }
            self.told.committed.note(next);
        }
        // Only now: some figures lie across pipelines.
        for (lane, board) in self.lanes.iter_mut().zip(joined(boards)) {
            self.runtime.block_on(lane.publish(&board, now))?;
            self.boards.publish(Arc::new(board));
        }
        self.committed = epoch.id;
        if let Some(waiting) = epoch.drained {
            _ = waiting.send(()); // whoever waited may have given up
        }
        Ok(())
    }

    /// Others may have moved these partitions on before they came here.
    fn assigned(&mut self, begins: Vec<BTreeMap<TopicPartition, Option<Offset>>>) -> Result<()> {
        for (lane, begins) in self.lanes.iter_mut().zip(begins) {
            let lost = self.runtime.block_on(lane.assigned(&begins))?;
            self.told.lost.note(lost);
        }
        Ok(())
    }

    fn commit_snapshots(&mut self) -> Result<()> {
        let committed = self.committed;
        #[cfg(test)]
        let committed = match planted::is(planted::Bug::RosterAheadOfTheLedger) {
            true => EpochId(u64::MAX),
            false => committed,
        };
        let ready: Vec<Written> =
            self.snapshots.extract_if(.., |written| written.holds <= committed).collect();
        for mut written in ready {
            for (index, lane) in self.lanes.iter_mut().enumerate() {
                self.runtime.block_on(lane.commit_snapshot(index, &mut written))?;
            }
        }
        Ok(())
    }
}
