//! One pipeline's side of the conductor: it interprets parsed records, writes their ledger rows and routes their facts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use super::recovery::RecoveredLane;
use super::schedule::{SinceSnapshot, next_as_of};
use super::{AsOf, Engine, Resume};
use crate::clock::Clock;
use crate::decode::{
    Interpreter, Key, Meaning, Offset, Outcome, Picks, RawRecord, Reader, Reason, RecordBatch,
    TopicPartition,
};
use crate::error::Result;
use crate::lake::{Advance, LakeError, LedgerRows, RecordOutcome};
use crate::roster::FactBatch;
use crate::spec::Pipeline;
use crate::telemetry::LaneMetrics;
use crate::time::{EARLIEST, EventTime};

/// Where a lane is in a partition.
struct Position {
    /// Where the ledger ends once every epoch ended so far is committed.
    ended: Option<Offset>,
    /// Behind the last record taken.
    next: Offset,
}

impl Position {
    fn end_epoch(&mut self) -> Option<Advance> {
        let advance = Advance { from: self.ended, to: self.next };
        let moved = self.next > self.ended.unwrap_or(Offset(0));
        moved.then(|| {
            self.ended = Some(self.next);
            advance
        })
    }
}

/// One pipeline's lane.
pub struct Lane {
    pipeline: Arc<Pipeline>,
    index: usize,
    interpreter: Interpreter,
    key: Arc<Key>,
    positions: HashMap<TopicPartition, Position>,
    rows: LedgerRows,
    facts: Vec<FactBatch>,
    newest: EventTime,
    /// As of when the next board will be made at the earliest.
    frontier: EventTime,
    rows_since_snapshot: u64,
    last_snapshot: Instant,
    metrics: LaneMetrics,
}

impl Lane {
    /// The lane of the engine's pipeline of this index.
    pub fn new(
        engine: &Engine,
        index: usize,
        reader: &mut Reader,
        recovered: &RecoveredLane,
    ) -> Self {
        let pipeline = engine.pipelines[index].clone();
        Self {
            interpreter: Interpreter::new(
                pipeline.clone(),
                engine.areas,
                engine.key.clone(),
                reader,
            ),
            key: engine.key.clone(),
            index,
            positions: HashMap::new(),
            rows: LedgerRows::default(),
            facts: vec![FactBatch::default(); engine.shards],
            newest: recovered.newest,
            frontier: EARLIEST,
            rows_since_snapshot: recovered.facts_behind_roster,
            last_snapshot: Instant::now(),
            metrics: engine.metrics.lane(&pipeline.name),
            pipeline,
        }
    }

    /// What the record's event type means here.
    pub fn meaning(&self, picks: &Picks) -> Option<Meaning> {
        self.interpreter.meaning(picks)
    }

    /// Where this lane is in a partition, asking the ledger the first time.
    pub fn position(
        &mut self,
        partition: &TopicPartition,
        resume: &Resume,
    ) -> Result<Option<Offset>> {
        if !resume.reads(self.index, partition) {
            return Ok(None);
        }
        if let Some(position) = self.positions.get(partition) {
            return Ok(Some(position.next));
        }
        let ended = resume.next_offset(self.index, partition)?;
        let next = ended.unwrap_or(Offset(0));
        self.positions.insert(partition.clone(), Position { ended, next });
        Ok(Some(next))
    }

    /// Forgets where it was in partitions that somebody else may have moved on. Refused where rows of them wait for a
    /// commit: without their offsets they would be committed twice.
    pub fn forget(&mut self, partitions: &[TopicPartition]) -> Result<()> {
        for partition in partitions {
            let waits = self.positions.remove(partition).and_then(|mut was| was.end_epoch());
            if waits.is_some() {
                let table = format!("{}/ledger", self.pipeline.name);
                return Err(LakeError::Fenced { table }.into());
            }
        }
        Ok(())
    }

    /// A record that could be parsed, and what its event type means here. Returns the event's time if it is accepted as
    /// a fact.
    pub fn take(
        &mut self,
        partition: &TopicPartition,
        record: &RawRecord,
        value: Option<&[u8]>,
        picks: &Picks,
        meaning: Option<Meaning>,
    ) -> Option<EventTime> {
        let place = (partition, record.offset, record.time);
        match self.interpreter.interpret(picks, meaning, record.time) {
            Outcome::Fact(fact) => {
                let fields = self.interpreter.fields();
                let retraction = fact.head.code().is_retraction();
                self.metrics.count(if retraction {
                    RecordOutcome::Retraction
                } else {
                    RecordOutcome::Fact
                });
                self.newest = self.newest.max(fact.head.time());
                self.rows.push_fact(place, &fact, fields, &self.pipeline);
                let shard = fact.entity.shard(self.facts.len());
                self.facts[shard].push(fact.entity, fact.head, fields.iter().copied());
                Some(fact.head.time())
            }
            Outcome::Ignored => {
                self.metrics.count(RecordOutcome::Ignored);
                self.rows.push_ignored(place);
                None
            }
            Outcome::Rejected(reason) => self.reject(partition, record, value, reason),
        }
    }

    /// A record that cannot be accepted.
    pub fn reject(
        &mut self,
        partition: &TopicPartition,
        record: &RawRecord,
        value: Option<&[u8]>,
        reason: Reason,
    ) -> Option<EventTime> {
        let sealed =
            self.key.seal(partition, record.offset, &record.headers, value.unwrap_or_default());
        self.metrics.count(RecordOutcome::Rejected);
        self.metrics.count_reject(reason);
        self.rows.push_rejected((partition, record.offset, record.time), reason, sealed);
        None
    }

    /// Notes that a batch has been read to its end.
    pub fn advance(&mut self, batch: &RecordBatch) {
        let Some(last) = batch.records.last() else {
            return;
        };
        let next = last.offset.next();
        if let Some(position) = self.positions.get_mut(&batch.partition) {
            position.next = position.next.max(next);
        }
        self.metrics.flush();
    }

    /// Facts waiting for each shard.
    pub fn take_facts(&mut self) -> impl Iterator<Item = (usize, FactBatch)> {
        let batches = self.facts.iter_mut().enumerate();
        batches
            .filter(|(_, batch)| !batch.is_empty())
            .map(|(shard, batch)| (shard, std::mem::take(batch)))
    }

    /// Rows waiting to be committed.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// As of when a board would be made now. It never goes back, whatever the clock does.
    pub fn frontier(&mut self, as_of: AsOf, clock: &dyn Clock) -> EventTime {
        let now = match as_of {
            AsOf::Clock => clock.now(),
            AsOf::NewestEvent => self.newest,
        };
        self.frontier = next_as_of(self.frontier, now);
        self.frontier
    }

    /// What has happened since the last roster snapshot, this epoch included.
    pub fn since_snapshot(&self) -> SinceSnapshot {
        let rows = self.rows_since_snapshot + self.rows.len() as u64;
        SinceSnapshot { elapsed: self.last_snapshot.elapsed(), rows }
    }

    /// Ends the epoch: what is to be committed. `snapshot` says whether the roster is written too.
    pub fn end_epoch(&mut self, snapshot: bool) -> (LedgerRows, BTreeMap<TopicPartition, Advance>) {
        self.rows_since_snapshot = self.since_snapshot().rows;
        if snapshot {
            (self.rows_since_snapshot, self.last_snapshot) = (0, Instant::now());
        }
        let advances = self
            .positions
            .iter_mut()
            .filter_map(|(partition, position)| Some((partition.clone(), position.end_epoch()?)));
        (std::mem::take(&mut self.rows), advances.collect())
    }
}
