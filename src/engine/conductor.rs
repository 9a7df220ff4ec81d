//! The conductor: decodes batches, routes facts to shards, and ends epochs.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use super::committer::{Epoch, EpochLane, ToCommitter};
use super::feeds::Feeds;
use super::lane::Lane;
use super::recovery::RecoveredLane;
use super::schedule::{EpochKind, Facts, should_end_epoch, should_snapshot};
use super::shard::{Close, ToShard};
use super::{AsOf, Engine, FromSource, Resume};
use crate::clock::Clock;
use crate::decode::{Offset, Reader, RecordBatch};
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::EngineMetrics;

/// The longest wait for a batch before looking at the time.
const POLL: Duration = Duration::from_millis(50);

/// Decodes and routes.
pub struct Conductor {
    reader: Reader,
    lanes: Vec<Lane>,
    feeds: Feeds,
    resume: Resume,
    as_of: AsOf,
    clock: Arc<dyn Clock>,
    interval: Duration,
    metrics: Arc<EngineMetrics>,
}

struct Queues {
    shards: Vec<SyncSender<ToShard>>,
    committer: SyncSender<ToCommitter>,
}

impl Conductor {
    /// A conductor for the engine's pipelines, which go on where they were recovered.
    pub fn new(engine: &Engine, resume: Resume, recovered: &[RecoveredLane]) -> Self {
        let mut reader = Reader::new();
        let lane = |(index, recovered)| Lane::new(engine, index, &mut reader, recovered);
        let lanes = recovered.iter().enumerate().map(lane).collect();
        Self {
            lanes,
            reader,
            feeds: Feeds::default(),
            resume,
            as_of: engine.as_of,
            clock: engine.clock.clone(),
            interval: engine.commit_interval,
            metrics: engine.metrics.clone(),
        }
    }

    /// Works until the source has ended, then ends the last epoch.
    pub fn run(
        &mut self,
        source: Receiver<FromSource>,
        shards: Vec<SyncSender<ToShard>>,
        committer: SyncSender<ToCommitter>,
    ) -> Result<()> {
        let queues = Queues { shards, committer };
        if self.as_of == AsOf::Clock {
            // What the lake remembers is shown before the first record arrives.
            self.end_epoch(&queues, EpochKind::Ordinary, None)?;
        }
        let mut epoch_began = Instant::now();
        loop {
            match source.recv_timeout(POLL) {
                Ok(FromSource::Batch(batch)) => self.take(&batch, &queues)?,
                Ok(FromSource::Drain(answer)) => {
                    self.end_epoch(&queues, EpochKind::Ordinary, Some(answer))?;
                    epoch_began = Instant::now();
                }
                Ok(FromSource::Assigned(partitions)) => {
                    self.lanes.iter_mut().try_for_each(|lane| lane.forget(&partitions))?;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let facts = Facts {
                elapsed: epoch_began.elapsed(),
                interval: self.interval,
                rows: self.lanes.iter().map(Lane::rows).max().unwrap_or(0),
                follows_clock: self.as_of == AsOf::Clock,
            };
            if should_end_epoch(facts) {
                self.end_epoch(&queues, EpochKind::Ordinary, None)?;
                epoch_began = Instant::now();
            }
        }
        self.end_epoch(&queues, EpochKind::Last, None)
    }

    fn take(&mut self, batch: &RecordBatch, queues: &Queues) -> Result<()> {
        let positions: Result<Vec<Option<Offset>>> = self
            .lanes
            .iter_mut()
            .map(|lane| lane.position(&batch.partition, &self.resume))
            .collect();
        self.decode(batch, &positions?);
        for (index, lane) in self.lanes.iter_mut().enumerate() {
            lane.advance(batch);
            let frontier = lane.frontier(self.as_of, &*self.clock);
            for (shard, facts) in lane.take_facts() {
                let message = ToShard::Facts { lane: index, batch: facts, frontier };
                queues.shards[shard].send(message).map_err(|_| ended("a shard"))?;
            }
        }
        Ok(())
    }

    /// Parses every record once and hands it to the lanes it belongs to. `positions` says where each lane is in this
    /// partition; `None`, that it does not read it.
    fn decode(&mut self, batch: &RecordBatch, positions: &[Option<Offset>]) {
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
                let accepted = match parsed {
                    Ok(()) => lane.take(&batch.partition, record, value, &picks, *meaning),
                    Err(reason) => lane.reject(&batch.partition, record, value, reason),
                };
                if let (Some(time), Some(feed)) = (accepted, self.reader.feed(&picks)) {
                    self.feeds.note(feed, time);
                }
            }
        }
        self.feeds.show(&self.metrics);
    }

    fn end_epoch(
        &mut self,
        queues: &Queues,
        epoch: EpochKind,
        drained: Option<SyncSender<()>>,
    ) -> Result<()> {
        let (as_of, clock) = (self.as_of, self.clock.clone());
        let snapshot = |lane: &Lane| should_snapshot(lane.since_snapshot(), epoch);
        let close = Close {
            as_of: self.lanes.iter_mut().map(|lane| lane.frontier(as_of, &*clock)).collect(),
            snapshot: self.lanes.iter().map(snapshot).collect(),
        };
        for shard in &queues.shards {
            shard.send(ToShard::Close(close.clone())).map_err(|_| ended("a shard"))?;
        }
        let lanes = self.lanes.iter_mut().zip(close.as_of.iter().zip(&close.snapshot));
        let lanes = lanes.map(|(lane, (as_of, snapshot))| {
            let (rows, advances) = lane.end_epoch(*snapshot);
            EpochLane { rows, advances, as_of: *as_of }
        });
        let epoch = Epoch { lanes: lanes.collect(), drained };
        queues.committer.send(ToCommitter::Epoch(epoch)).map_err(|_| ended("the committer"))
    }
}

fn ended(what: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("{what} has ended before the conductor"))
}
