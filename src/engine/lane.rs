//! One pipeline's side of the conductor: it interprets parsed records, writes their ledger rows and routes their facts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use super::feeds::{Feeds, Heard};
use super::schedule::{SinceSnapshot, next_as_of};
use super::{AsOf, Engine};
use crate::clock::Clock;
use crate::decode::{
    Interpreter, Key, Meaning, Offset, Outcome, Picks, RawRecord, Reader, Reason, RecordBatch,
    TopicPartition,
};
use crate::lake::{Advance, Home, LedgerRows, RecordOutcome};
use crate::roster::FactBatch;
use crate::spec::Pipeline;
use crate::telemetry::{FeedMetrics, LaneMetrics};
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

/// What a lane begins with.
#[derive(Clone, Copy)]
pub struct Begins {
    /// The newest event time in the ledger.
    pub newest: EventTime,
    /// As of when the last board was made.
    pub board: EventTime,
}

/// One pipeline's lane.
pub struct Lane {
    pipeline: Arc<Pipeline>,
    interpreter: Interpreter,
    key: Arc<Key>,
    positions: HashMap<TopicPartition, Position>,
    rows: LedgerRows,
    facts: Vec<FactBatch>,
    newest: EventTime,
    /// As of when the next board will be made at the earliest.
    frontier: EventTime,
    /// As of when the last one was made, by whichever process.
    board: EventTime,
    rows_since_snapshot: u64,
    last_snapshot: Instant,
    metrics: LaneMetrics,
    feeds: Feeds,
    feed_metrics: FeedMetrics,
}

impl Lane {
    /// The lane of the engine's pipeline of this index, as it begins.
    pub fn new(engine: &Engine, index: usize, reader: &mut Reader, begins: Begins) -> Self {
        let pipeline = engine.pipelines[index].clone();
        let metrics = engine.metrics.lane(&pipeline.name);
        metrics.shared(0); // whatever an engine before this one has found out
        Self {
            interpreter: Interpreter::new(pipeline.clone(), engine.key.clone(), reader),
            key: engine.key.clone(),
            positions: HashMap::new(),
            rows: LedgerRows::default(),
            facts: vec![FactBatch::default(); engine.shards],
            newest: begins.newest,
            frontier: EARLIEST,
            board: begins.board,
            rows_since_snapshot: 0,
            last_snapshot: Instant::now(),
            metrics,
            feeds: Feeds::default(),
            feed_metrics: engine.metrics.feeds().clone(),
            pipeline,
        }
    }

    /// What the record's event type means here.
    pub fn meaning(&self, picks: &Picks) -> Option<Meaning> {
        self.interpreter.meaning(picks)
    }

    /// Begins to read partitions where the ledger ends. One that is read already goes on where it is: the ledger may not
    /// hold yet what was read.
    pub fn begin(&mut self, ends: &BTreeMap<TopicPartition, Option<Offset>>) {
        for (partition, ended) in ends {
            let begin = Position { ended: *ended, next: ended.unwrap_or(Offset(0)) };
            self.positions.entry(partition.clone()).or_insert(begin);
        }
    }

    /// Where this lane is in a partition; `None` where it does not read it.
    pub fn position(&self, partition: &TopicPartition) -> Option<Offset> {
        self.positions.get(partition).map(|position| position.next)
    }

    /// The home of what a partition brings to this lane.
    pub fn home(&self, partition: &TopicPartition) -> Option<Home> {
        let home = Home::of(partition, &self.pipeline);
        (partition.is_file() || home != Home::Elsewhere).then_some(home)
    }

    /// Whether this lane has anything of a home.
    pub fn has(&self, home: &Home) -> bool {
        match home {
            Home::Partition(partition) => *partition.topic == *self.pipeline.topic,
            Home::Elsewhere => true,
        }
    }

    /// Drops what waits of a partition, and where it was in it.
    pub fn drop_partition(&mut self, partition: &TopicPartition) {
        self.positions.remove(partition);
        self.rows.drop_partition(partition);
    }

    /// So many facts have been recalled that only the ledger held.
    pub fn recalled(&mut self, facts: u64) {
        self.rows_since_snapshot += facts;
    }

    /// How many entities are known from several homes.
    pub fn shared_entities(&self) -> i64 {
        self.metrics.shared_entities()
    }

    /// A record that could be parsed, and what its event type means here. Returns what is heard of its feed, if anything.
    pub fn take(
        &mut self,
        partition: &TopicPartition,
        record: &RawRecord,
        value: Option<&[u8]>,
        picks: &Picks,
        meaning: Option<Meaning>,
    ) -> Option<Heard> {
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
                self.metrics.accepted(fact.head.time(), self.board);
                self.newest = self.newest.max(fact.head.time());
                self.rows.push_fact(place, &fact, fields, &self.pipeline);
                let shard = fact.entity.shard(self.facts.len());
                self.facts[shard].push(fact.entity, fact.head, fields.iter().copied());
                let (event, area) = (Some(fact.head.time()), fact.head.area());
                Some(Heard { at: record.time, event, area })
            }
            Outcome::Ignored => {
                self.push_ignored(place);
                None
            }
            Outcome::Heartbeat => {
                self.push_ignored(place);
                Some(Heard { at: record.time, event: None, area: None })
            }
            Outcome::Rejected(reason) => {
                self.reject(partition, record, value, reason);
                None
            }
        }
    }

    /// A record that cannot be accepted.
    pub fn reject(
        &mut self,
        partition: &TopicPartition,
        record: &RawRecord,
        value: Option<&[u8]>,
        reason: Reason,
    ) {
        let sealed =
            self.key.seal(partition, record.offset, &record.headers, value.unwrap_or_default());
        self.metrics.count(RecordOutcome::Rejected);
        self.metrics.count_reject(reason);
        self.rows.push_rejected((partition, record.offset, record.time), reason, sealed);
    }

    /// Shows what has changed of the feeds.
    pub fn show_feeds(&mut self) {
        self.feeds.show(&self.pipeline, &self.feed_metrics);
    }

    /// Notes what was heard of a feed.
    pub fn heard(&mut self, feed: &str, heard: Heard) {
        self.feeds.note(feed, heard);
    }

    fn push_ignored(&mut self, place: (&TopicPartition, Offset, EventTime)) {
        self.metrics.count(RecordOutcome::Ignored);
        self.rows.push_ignored(place);
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
        self.board = self.frontier;
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
