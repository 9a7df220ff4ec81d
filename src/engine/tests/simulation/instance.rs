//! One instance: the parts of a real engine, each of which goes on when it is told to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;

use crate::decode::{Offset, RecordBatch, TopicPartition};
use crate::engine::committer::{Committer, ToCommitter};
use crate::engine::conductor::{Conductor, Queues, ToConductor};
use crate::engine::machine::{Bounds, Machine};
use crate::engine::schedule::EpochKind;
use crate::engine::shard::{Shard, ToShard};
use crate::engine::snapshot::Snapshots;
use crate::engine::{Assignment, Engine, Sink, Stop};
use crate::error::Result;
use crate::lake::Share;

/// Enough for everything that happens between two steps.
const BOUNDS: Bounds = Bounds { source: 10_000, shard: 10_000, committer: 10_000 };

type Job = Box<dyn FnOnce() + Send>;

/// A live instance.
pub struct Instance {
    pub name: usize,
    conductor: Conductor,
    committer: Committer,
    snapshots: Snapshots,
    pub sink: Sink,
    shards: Vec<Shard>,
    queues: Queues,
    for_conductor: Receiver<ToConductor>,
    for_committer: Receiver<ToCommitter>,
    for_shards: Vec<Receiver<ToShard>>,
    to_committer: SyncSender<ToCommitter>,
    jobs: Arc<Mutex<VecDeque<Job>>>,
    /// What the source reads, and where it is.
    pub reading: BTreeMap<TopicPartition, Reading>,
    pub asleep: bool,
    /// What the group has decided while it slept.
    pub missed: bool,
}

pub struct Reading {
    pub assignment: Assignment,
    pub next: Offset,
    pub awaited: bool,
}

impl Instance {
    pub fn start(name: usize, engine: &Engine, runtime: &Handle) -> Result<Self> {
        let opened = runtime.block_on(engine.open())?;
        let jobs: Arc<Mutex<VecDeque<Job>>> = Arc::default();
        let later = jobs.clone();
        let spawn = Box::new(move |job: Job| {
            later.lock().expect("nobody panics with it").push_back(job);
            Ok(())
        });
        let stop = Stop::default();
        let machine = Machine::new(engine, opened, Share::Part, &stop, runtime, spawn, BOUNDS);
        let shard = || Shard::new(&engine.pipelines, engine.publication, &machine.frontiers);
        let shards = std::iter::repeat_with(shard).take(engine.shards).collect();
        let (to_shards, for_shards) = machine.sharding;
        let (to_committer, for_committer) = machine.committing;
        Ok(Self {
            name,
            shards,
            conductor: machine.conductor,
            committer: machine.committer,
            snapshots: machine.snapshots,
            sink: machine.sink,
            queues: Queues { shards: to_shards, committer: to_committer.clone() },
            for_conductor: machine.conducting.1,
            for_committer,
            for_shards,
            to_committer,
            jobs,
            reading: BTreeMap::new(),
            asleep: false,
            missed: false,
        })
    }

    /// One of its parts goes on by one message, the one that `die` falls on. Returns whether there was one.
    pub fn go_on(&mut self, die: usize) -> Result<bool> {
        match die % 6 {
            0 => match self.for_conductor.try_recv() {
                Ok(message) => self.conduct(message).map(|()| true),
                Err(_) => self.conductor.forget_lost(&self.queues).map(|()| false),
            },
            1 => match self.for_committer.try_recv() {
                Ok(message) => self.committer.step(message).map(|()| true),
                Err(_) => Ok(false),
            },
            2 => Ok(self.work_off_a_job()),
            3 => self.walk_on(die / 6),
            _ => Ok(self.step_shard(die / 6)),
        }
    }

    fn conduct(&mut self, message: ToConductor) -> Result<()> {
        if let ToConductor::Drain(answer) = message {
            return self.conductor.end_epoch(&self.queues, EpochKind::Ordinary, Some(answer));
        }
        self.conductor.take_message(message, &self.queues)
    }

    fn work_off_a_job(&mut self) -> bool {
        let job = self.jobs.lock().expect("nobody panics with it").pop_front();
        job.map(|job| job()).is_some()
    }

    fn walk_on(&mut self, die: usize) -> Result<bool> {
        let shard = die % self.shards.len();
        let Some(walked) = self.shards[shard].walk_on() else { return Ok(false) };
        if let Some(written) = self.snapshots.step(walked)? {
            self.to_committer.send(ToCommitter::Snapshot(written)).expect("it is ours");
        }
        Ok(true)
    }

    fn step_shard(&mut self, die: usize) -> bool {
        let shard = die % self.shards.len();
        let Ok(message) = self.for_shards[shard].try_recv() else { return false };
        // As on its thread: one snapshot after the other. Here the first is given up, which is as good as a crash of it.
        if let Some(closing) = self.shards[shard].step(message) {
            self.to_committer.send(ToCommitter::Closing { shard, closing }).expect("it is ours");
        }
        true
    }

    /// Everything that waits is done.
    pub fn settle(&mut self) -> Result<()> {
        let mut idle = 0;
        let mut die = 0;
        while idle < 6 * self.shards.len() {
            idle = if self.go_on(die)? { 0 } else { idle + 1 };
            die += 1;
        }
        Ok(())
    }

    pub fn end_epoch(&mut self, kind: EpochKind) -> Result<()> {
        self.conductor.end_epoch(&self.queues, kind, None)
    }

    /// Everything sent is committed, as before a revocation.
    pub fn drain(&mut self) -> Result<()> {
        let (answer, answered) = sync_channel(1);
        self.conductor.end_epoch(&self.queues, EpochKind::Ordinary, Some(answer))?;
        self.settle()?;
        assert!(answered.try_recv() != Err(TryRecvError::Empty), "what was drained is committed");
        Ok(())
    }

    /// Takes partitions on.
    pub fn assign(&mut self, partitions: &[TopicPartition], share: Share) -> Result<()> {
        let assigned = self.sink.assigned(partitions, share)?;
        for (partition, begin) in assigned.begins {
            let next = begin.unwrap_or(Offset(0));
            let reading = Reading { assignment: assigned.assignment, next, awaited: false };
            self.reading.insert(partition, reading);
        }
        Ok(())
    }

    /// What the source does between batches: it begins lost partitions anew, and reads what is awaited.
    pub fn keep_house(&mut self, share: Share) -> Result<()> {
        let lost = self.sink.newly_lost();
        let still: Vec<_> =
            lost.into_iter().filter(|partition| self.reading.contains_key(partition)).collect();
        if !still.is_empty() {
            self.assign(&still, share)?;
        }
        for (partition, assignment) in self.sink.newly_ready() {
            if let Some(reading) = self.reading.get_mut(&partition)
                && reading.assignment == assignment
            {
                reading.awaited = true;
            }
        }
        Ok(())
    }

    /// Hands over records of a partition from where its source is.
    pub fn deliver(&mut self, partition: &TopicPartition, mut batch: RecordBatch) {
        let Some(reading) = self.reading.get_mut(partition) else { return };
        batch.records.retain(|record| record.offset >= reading.next);
        let Some(last) = batch.records.last() else { return };
        reading.next = last.offset.next();
        assert!(self.sink.send(batch, reading.assignment), "the engine lives");
    }

    pub fn partitions(&self) -> BTreeSet<TopicPartition> {
        self.reading.keys().cloned().collect()
    }
}
