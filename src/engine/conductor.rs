//! The conductor: decodes batches, routes facts to shards, ends epochs, and has partitions recalled and forgotten.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use super::committer::{Epoch, EpochLane, ToCommitter};
use super::holdings::{Change, Holdings, Verdict};
use super::homes::Homes;
use super::lane::{Begins, Lane};
use super::lost::Lost;
use super::recall::{LaneRecall, Outcome, Recalls};
use super::resume::Found;
use super::schedule::{EpochKind, Facts, Replay, should_end_epoch, should_snapshot};
use super::shard::{Close, EpochId, RecallId, ToShard};
use super::sink::{Assigned, Assignment, Ready};
use super::{AsOf, Engine, Life, Publication};
use crate::board::Boards;
use crate::clock::Clock;
use crate::decode::{Offset, Reader, RecordBatch, TopicPartition};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{PipelineLake, Scope, Share};
use crate::telemetry::EngineMetrics;

/// The longest wait for a batch before looking at the time.
const POLL: Duration = Duration::from_millis(50);

/// What the conductor is told.
pub enum ToConductor {
    /// Records of one partition, read under this assignment.
    Batch(RecordBatch, Assignment),
    /// Asks that everything sent so far be committed; answered when it is.
    Drain(SyncSender<()>),
    /// Partitions begin here, by lane as they were found in the lake.
    Assigned(Assigned, Vec<Found>, Share),
    /// Others have these partitions now.
    Revoked(Vec<TopicPartition>, Share),
    /// The shards have been told what the lake remembers.
    Recalled(RecallId, Result<Outcome>),
    /// Nothing more will come.
    SourceEnded,
}

/// Decodes and routes.
pub struct Conductor {
    reader: Reader,
    lanes: Vec<Lane>,
    holdings: Holdings,
    homes: Homes,
    recalls: Recalls,
    shared: Shared,
    publication: Publication,
    life: Life,
    as_of: AsOf,
    clock: Arc<dyn Clock>,
    interval: Duration,
    replay: Replay,
    metrics: Arc<EngineMetrics>,
    epoch: EpochId,
    /// Whether something has been recalled of which no board tells yet.
    has_recalled: bool,
}

/// What the conductor shares with others.
pub struct Shared {
    /// What turned out to be somebody else's.
    pub lost: Arc<Lost>,
    /// What the source may deliver.
    pub ready: Arc<Ready>,
    /// Where boards hang.
    pub boards: Arc<Boards>,
}

/// Where the conductor sends things.
pub struct Queues {
    /// To each shard.
    pub shards: Vec<SyncSender<ToShard>>,
    /// To the committer.
    pub committer: SyncSender<ToCommitter>,
}

impl Conductor {
    /// A conductor for the engine's pipelines, which knows nothing yet but how each lane begins.
    pub fn new(
        engine: &Engine,
        begins: &[Begins],
        share: Share,
        homes: Homes,
        recalls: Recalls,
        shared: Shared,
    ) -> Self {
        let mut reader = Reader::new();
        let lane =
            |(index, begins): (usize, &Begins)| Lane::new(engine, index, &mut reader, *begins);
        Self {
            lanes: begins.iter().enumerate().map(lane).collect(),
            reader,
            holdings: Holdings::new(engine.publication, share),
            homes,
            recalls,
            shared,
            publication: engine.publication,
            life: engine.life,
            as_of: engine.as_of,
            clock: engine.clock.clone(),
            interval: engine.commit_interval,
            replay: Replay::of_at_most(engine.replay_at_most),
            metrics: engine.metrics.clone(),
            epoch: EpochId::default(),
            has_recalled: false,
        }
    }

    /// Recalls everything the lake holds, for a source that reads everything there is.
    pub fn recall_everything(&mut self, lakes: &[PipelineLake]) -> Result<()> {
        let lanes = lakes.iter().map(|lake| LaneRecall { lake: lake.clone(), scope: Scope::Whole });
        let outcome = self.recalls.at_once(lanes.collect())?;
        self.holdings.knows_the_lake();
        self.note_recalled(&outcome);
        Ok(())
    }

    /// Works until the source has ended, then ends the last epoch.
    pub fn run(mut self, messages: Receiver<ToConductor>, queues: Queues) -> Result<()> {
        let mut epoch_began = Instant::now();
        loop {
            match messages.recv_timeout(POLL) {
                Ok(ToConductor::Drain(answer)) => {
                    self.end_epoch(&queues, EpochKind::Ordinary, Some(answer))?;
                    epoch_began = Instant::now();
                }
                Ok(ToConductor::SourceEnded) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(message) => self.take_message(message, &queues)?,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.forget_lost(&queues)?;
            let facts = Facts {
                elapsed: epoch_began.elapsed(),
                interval: self.interval,
                rows: self.lanes.iter().map(Lane::rows).max().unwrap_or(0),
                is_live: self.life == Life::Live,
                has_recalled: self.has_recalled,
            };
            if should_end_epoch(facts) {
                self.end_epoch(&queues, EpochKind::Ordinary, None)?;
                epoch_began = Instant::now();
            }
        }
        self.end_epoch(&queues, EpochKind::Last, None)
    }

    /// Takes any message but a request to drain and the source's end.
    pub(super) fn take_message(&mut self, message: ToConductor, queues: &Queues) -> Result<()> {
        match message {
            ToConductor::Batch(batch, assignment) => self.take(&batch, assignment, queues),
            ToConductor::Assigned(assigned, found, share) => {
                self.assign(assigned, found, share, queues)
            }
            ToConductor::Revoked(partitions, share) => {
                let change = self.holdings.revoke(&partitions, share);
                self.forget(&partitions, change, queues)
            }
            ToConductor::Recalled(recall, outcome) => self.recalled(recall, outcome?, queues),
            ToConductor::Drain(_) | ToConductor::SourceEnded => Ok(()),
        }
    }

    fn assign(
        &mut self,
        assigned: Assigned,
        found: Vec<Found>,
        share: Share,
        queues: &Queues,
    ) -> Result<()> {
        let Assigned { assignment, begins } = assigned;
        for (lane, found) in self.lanes.iter_mut().zip(&found) {
            lane.begin(&found.ends);
        }
        let ends = found.iter().map(|found| found.ends.clone()).collect();
        queues.tell_committer(ToCommitter::Assigned(ends))?;
        let lanes = &self.lanes;
        let homes_of = |partition: &TopicPartition| {
            lanes.iter().filter_map(|lane| lane.home(partition)).collect()
        };
        let change = self.holdings.assign(begins.keys(), assignment, share, homes_of);
        if share == Share::Whole {
            self.shared.boards.show();
        } else if self.publication == Publication::Boards {
            self.shared.boards.withhold();
        }
        if let Some((recall, homes)) = change.recall {
            let ids = homes.iter().map(|home| self.homes.id(home)).collect();
            queues.tell_shards(|| ToShard::Recall { homes: Vec::clone(&ids), recall })?;
            let of_lane = |(lane, found): (&Lane, Found)| LaneRecall {
                lake: found.lake,
                scope: Scope::Homes(homes.iter().filter(|home| lane.has(home)).cloned().collect()),
            };
            self.recalls.begin(lanes.iter().zip(found).map(of_lane).collect(), recall)?;
        }
        self.metrics.recalling(self.holdings.recalling());
        self.shared.ready.note(change.ready);
        Ok(())
    }

    fn recalled(&mut self, recall: RecallId, outcome: Outcome, queues: &Queues) -> Result<()> {
        let change = self.holdings.recalled(recall);
        let known: Vec<_> = change.known.iter().map(|home| self.homes.id(home)).collect();
        queues.tell_shards(|| ToShard::Recalled(known.clone()))?;
        self.note_recalled(&outcome);
        self.has_recalled = true;
        let Outcome { mut recalled, .. } = outcome;
        for lane in &mut recalled {
            lane.retain(|recalled| self.holdings.knows_home(&recalled.home));
        }
        queues.tell_committer(ToCommitter::Recalled(recalled))?;
        self.shared.ready.note(change.ready);
        Ok(())
    }

    fn note_recalled(&mut self, outcome: &Outcome) {
        for (lane, facts) in self.lanes.iter_mut().zip(&outcome.facts_behind_roster) {
            lane.recalled(*facts);
        }
        let facts = outcome.facts_behind_roster.iter().sum();
        self.replay.took(facts, outcome.replayed_in);
        self.metrics.recalling(self.holdings.recalling());
    }

    /// Forgets what the committer has found to be somebody else's.
    pub(super) fn forget_lost(&mut self, queues: &Queues) -> Result<()> {
        let lost = self.shared.lost.take_for_conductor();
        if lost.is_empty() {
            return Ok(());
        }
        for partition in &lost {
            tracing::warn!(%partition, "somebody else has moved it on: beginning it anew");
        }
        self.metrics.taken_over();
        let change = self.holdings.lose(&lost);
        let partitions: Vec<_> = lost.iter().cloned().collect();
        self.forget(&partitions, change, queues)?;
        self.shared.lost.forgotten(lost);
        Ok(())
    }

    /// Drops what waits of partitions, and what is known of their homes.
    fn forget(
        &mut self,
        partitions: &[TopicPartition],
        change: Change,
        queues: &Queues,
    ) -> Result<()> {
        if self.lanes.iter().any(|lane| lane.shared_entities() > 0) {
            // Entities of other homes have facts from these partitions, which only the lake can tell apart.
            let message = "entities come in several partitions, some of which others read now";
            return Err(Error::new(ErrorKind::TakenOver, message)
                .advise("key the topic by entity, or let one `chunfeng run` read all of it"));
        }
        for lane in &mut self.lanes {
            partitions.iter().for_each(|partition| lane.drop_partition(partition));
        }
        queues.tell_committer(ToCommitter::Revoked(partitions.to_vec()))?;
        let ids: Vec<_> = change.forget.iter().map(|home| self.homes.id(home)).collect();
        if self.holdings.share() == Share::Part && self.publication == Publication::Boards {
            self.shared.boards.withhold();
        }
        queues.tell_shards(|| ToShard::Forget(ids.clone()))
    }

    fn take(&mut self, batch: &RecordBatch, assignment: Assignment, queues: &Queues) -> Result<()> {
        match self.holdings.judge(&batch.partition, assignment) {
            Verdict::Take => {}
            Verdict::Drop => return Ok(()),
            Verdict::Unawaited => {
                let message =
                    format!("records of {} came before they were awaited", batch.partition);
                return Err(Error::new(ErrorKind::Internal, message));
            }
        }
        self.decode(batch);
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            lane.advance(batch);
            let frontier = lane.frontier(self.as_of, &*self.clock);
            let Some(home) = lane.home(&batch.partition) else { continue };
            let home = self.homes.id(&home);
            for (shard, facts) in lane.take_facts() {
                let message = ToShard::Facts { lane: index, home, batch: facts, frontier };
                queues.shards[shard].send(message).map_err(|_| ended("a shard"))?;
            }
        }
        Ok(())
    }

    /// Parses every record once and hands it to the lanes it belongs to.
    fn decode(&mut self, batch: &RecordBatch) {
        let positions: Vec<Option<Offset>> =
            self.lanes.iter().map(|lane| lane.position(&batch.partition)).collect();
        let mut picks = self.reader.picks();
        let is_file = batch.partition.is_file();
        let mut meanings = vec![None; self.lanes.len()];
        for record in &batch.records {
            let value = batch.value(record);
            let parsed = self.reader.read(record, value, &mut picks);
            for (meaning, lane) in meanings.iter_mut().zip(&self.lanes) {
                *meaning = parsed.ok().and_then(|()| lane.meaning(&picks));
            }
            // A line of a file belongs to the pipelines that name its kind; one that nobody names is rejected by all.
            let claimed = is_file && meanings.iter().any(Option::is_some);
            let lanes = self.lanes.iter_mut().zip(positions.iter().zip(&meanings));
            for (lane, (position, meaning)) in lanes {
                let reads = position.is_some_and(|position| position <= record.offset);
                if !reads || (claimed && meaning.is_none()) {
                    continue;
                }
                if let Err(reason) = parsed {
                    lane.reject(&batch.partition, record, value, reason);
                    continue;
                }
                let heard = lane.take(&batch.partition, record, value, &picks, *meaning);
                if let (Some(heard), Some(feed)) = (heard, self.reader.feed(&picks)) {
                    lane.heard(feed, heard);
                }
            }
        }
        self.lanes.iter_mut().for_each(Lane::show_feeds);
    }

    /// Ends the epoch; whoever waits for it is told when it is committed.
    pub(super) fn end_epoch(
        &mut self,
        queues: &Queues,
        kind: EpochKind,
        drained: Option<SyncSender<()>>,
    ) -> Result<()> {
        (self.epoch, self.has_recalled) = (self.epoch.next(), false);
        let (as_of, clock) = (self.as_of, self.clock.clone());
        let (holdings, replay, share) = (&self.holdings, self.replay, self.holdings.share());
        let scope = |lane: &Lane| {
            let due = should_snapshot(lane.since_snapshot(), replay, kind, share);
            due.then(|| holdings.snapshot_scope(|home| lane.has(home))).flatten()
        };
        let snapshots: Vec<Option<Scope>> = self.lanes.iter().map(scope).collect();
        let close = Close {
            epoch: self.epoch,
            as_of: self.lanes.iter_mut().map(|lane| lane.frontier(as_of, &*clock)).collect(),
            snapshot: snapshots.iter().map(Option::is_some).collect(),
        };
        queues.tell_shards(|| ToShard::Close(close.clone()))?;
        let lanes = self.lanes.iter_mut().zip(close.as_of.iter().zip(snapshots));
        let lanes = lanes.map(|(lane, (as_of, snapshot))| {
            let (rows, advances) = lane.end_epoch(snapshot.is_some());
            EpochLane { rows, advances, as_of: *as_of, snapshot }
        });
        let epoch = Epoch {
            id: self.epoch,
            lanes: lanes.collect(),
            share,
            knows: self.holdings.knows(),
            drained,
        };
        queues.tell_committer(ToCommitter::Epoch(epoch))
    }
}

impl Queues {
    fn tell_shards(&self, message: impl Fn() -> ToShard) -> Result<()> {
        let mut shards = self.shards.iter();
        shards.try_for_each(|shard| shard.send(message())).map_err(|_| ended("a shard"))
    }

    fn tell_committer(&self, message: ToCommitter) -> Result<()> {
        self.committer.send(message).map_err(|_| ended("the committer"))
    }
}

fn ended(what: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("{what} has ended before the conductor"))
}
