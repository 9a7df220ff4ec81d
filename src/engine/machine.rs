//! The parts of an engine, the bounded queues between them, and the threads that drive them.
//!
//! It decides nothing: what the parts do with each other's messages is theirs.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::runtime::Handle;

use super::committer::{Committer, ToCommitter, Told};
use super::conductor::{Conductor, Queues, Shared, ToConductor};
use super::homes::Homes;
use super::lost::Lost;
use super::recall::{Recaller, Recalls, Spawn};
use super::resume::Resume;
use super::shard::{Shard, ToShard, Walked};
use super::sink::{Committed, Ready};
use super::snapshot::Snapshots;
use super::{Engine, Opened, Sink, Source, Stop};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{PipelineLake, Share};
use crate::time::EventTime;

/// How much may wait in the queues.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// Batches between the source and the conductor.
    pub source: usize,
    /// Messages for a shard.
    pub shard: usize,
    /// Messages for the committer, beside one of each shard.
    pub committer: usize,
}

/// Enough that nobody waits for long, and little enough that nothing piles up.
pub const BOUNDS: Bounds = Bounds { source: 8, shard: 8, committer: 1 };

/// Parts of a roster that may wait to be written.
const SNAPSHOT_QUEUE: usize = 2;
/// How long a shard with nothing to do waits before it offers a part again.
const BETWEEN_PARTS: Duration = Duration::from_millis(5);

/// An engine put together and not yet running.
pub struct Machine {
    pub(super) conductor: Conductor,
    pub(super) committer: Committer,
    pub(super) snapshots: Snapshots,
    pub(super) sink: Sink,
    lakes: Vec<PipelineLake>,
    share: Share,
    pub(super) frontiers: Vec<EventTime>,
    pub(super) conducting: (SyncSender<ToConductor>, Receiver<ToConductor>),
    pub(super) committing: (SyncSender<ToCommitter>, Receiver<ToCommitter>),
    pub(super) sharding: (Vec<SyncSender<ToShard>>, Vec<Receiver<ToShard>>),
}

impl Machine {
    pub fn new(
        engine: &Engine,
        opened: Opened,
        share: Share,
        stop: &Stop,
        runtime: &Handle,
        spawn: Spawn,
        bounds: Bounds,
    ) -> Self {
        let (committed, lost, ready) =
            (Arc::new(Committed::default()), Arc::new(Lost::default()), Arc::new(Ready::default()));
        let homes = Homes::default();
        let (to_conductor, for_conductor) = sync_channel(bounds.source);
        let shards = (0..engine.shards).map(|_| sync_channel::<ToShard>(bounds.shard));
        let (to_shards, for_shards): (Vec<_>, Vec<_>) = shards.unzip();
        let frontiers = engine.frontiers(&opened.begins);
        let recaller = Recaller {
            frontiers: frontiers.clone(),
            homes: homes.clone(),
            shards: to_shards.clone(),
            metrics: engine.metrics.clone(),
            runtime: runtime.clone(),
        };
        let lakes: Vec<PipelineLake> = opened.lakes.iter().map(|lane| lane.lake.clone()).collect();
        Self {
            sink: Sink::new(
                to_conductor.clone(),
                stop.clone(),
                Resume::new(engine, runtime.clone()),
                committed.clone(),
                lost.clone(),
                ready.clone(),
            ),
            conductor: Conductor::new(
                engine,
                &opened.begins,
                share,
                homes.clone(),
                Recalls::new(recaller, to_conductor.clone(), spawn),
                Shared { lost: lost.clone(), ready, boards: engine.boards.clone() },
            ),
            frontiers,
            committer: Committer::new(
                engine,
                opened.lakes,
                Told { committed, lost, homes: homes.clone() },
                runtime.clone(),
            ),
            snapshots: Snapshots::new(lakes.clone(), homes, engine.shards, runtime.clone()),
            lakes,
            share,
            conducting: (to_conductor, for_conductor),
            committing: sync_channel(engine.shards + bounds.committer),
            sharding: (to_shards, for_shards),
        }
    }

    /// Runs the parts on threads of their own, the conductor on this one, until the source has ended and everything is
    /// committed.
    pub fn run(self, engine: &Engine, source: Box<dyn Source>, stop: &Stop) -> Result<()> {
        let Self { mut conductor, mut committer, mut snapshots, sink, lakes, share, .. } = self;
        let (to_conductor, for_conductor) = self.conducting;
        let (to_committer, for_committer) = self.committing;
        let (to_shards, for_shards) = self.sharding;
        let frontiers = self.frontiers;
        thread::scope(|scope| {
            let (to_snapshots, for_snapshots) = sync_channel(SNAPSHOT_QUEUE);
            for (index, messages) in for_shards.into_iter().enumerate() {
                let shard = Shard::new(&engine.pipelines, engine.publication, &frontiers);
                let driven = Driven {
                    index,
                    shard,
                    committer: to_committer.clone(),
                    snapshots: to_snapshots.clone(),
                    walked: None,
                };
                named(scope, format!("shard-{index}"), move || driven.run(&messages))?;
            }
            drop(to_snapshots);
            let written = to_committer.clone();
            let snapshots = named(scope, "snapshots".to_owned(), move || {
                snapshots.run(for_snapshots, written)
            })?;
            let committer =
                named(scope, "committer".to_owned(), move || committer.run(for_committer))?;
            let queues = Queues { shards: to_shards, committer: to_committer };
            if share == Share::Whole {
                conductor.recall_everything(&lakes)?;
            }
            let ended = Ended(to_conductor);
            let source = named(scope, "source".to_owned(), move || {
                let _ended = ended;
                source.run(sink)
            })?;
            let conducted = conductor.run(for_conductor, queues);
            // Where the conductor has failed, the source must not wait for it.
            stop.ask();
            let committed = joined(committer);
            let written = joined(snapshots);
            let sourced = joined(source);
            // The committer's failure is the cause of the conductor's, and the source's of neither.
            committed.and(written).and(conducted).and(sourced)
        })
    }
}

/// Tells the conductor that the source has ended, however it has.
struct Ended(SyncSender<ToConductor>);

impl Drop for Ended {
    fn drop(&mut self) {
        _ = self.0.send(ToConductor::SourceEnded); // the conductor may have ended before
    }
}

/// A shard on its thread.
struct Driven {
    index: usize,
    shard: Shard,
    committer: SyncSender<ToCommitter>,
    snapshots: SyncSender<Walked>,
    /// A part of the snapshot that nobody has taken yet.
    walked: Option<Walked>,
}

/// Whoever waits for what a shard says has failed, and says so itself.
struct NobodyListens;

impl Driven {
    /// Drives the shard from its queue until that ends; between messages it goes on with a snapshot.
    fn run(mut self, messages: &Receiver<ToShard>) {
        while let Ok(message) = self.next(messages) {
            if message.is_some_and(|message| self.step(message).is_err()) {
                return;
            }
            self.offer_walked();
        }
        // Nothing more comes: the last snapshot may take its time.
        _ = self.finish_walk();
    }

    fn next(
        &self,
        messages: &Receiver<ToShard>,
    ) -> std::result::Result<Option<ToShard>, NobodyListens> {
        let is_walking = self.shard.is_walking() || self.walked.is_some();
        let wait = if is_walking { BETWEEN_PARTS } else { Duration::MAX };
        match messages.recv_timeout(wait) {
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(NobodyListens),
        }
    }

    fn step(&mut self, message: ToShard) -> std::result::Result<(), NobodyListens> {
        if message.begins_a_snapshot() {
            self.finish_walk()?; // one after the other
        }
        let Some(closing) = self.shard.step(message) else { return Ok(()) };
        let closing = ToCommitter::Closing { shard: self.index, closing };
        self.committer.send(closing).map_err(|_| NobodyListens)
    }

    fn offer_walked(&mut self) {
        let walked = self.walked.take().or_else(|| self.shard.walk_on());
        if let Some(Err(TrySendError::Full(walked))) = walked.map(|it| self.snapshots.try_send(it))
        {
            self.walked = Some(walked);
        }
    }

    fn finish_walk(&mut self) -> std::result::Result<(), NobodyListens> {
        while let Some(walked) = self.walked.take().or_else(|| self.shard.walk_on()) {
            self.snapshots.send(walked).map_err(|_| NobodyListens)?;
        }
        Ok(())
    }
}

fn named<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    name: String,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<thread::ScopedJoinHandle<'scope, T>> {
    let spawned = thread::Builder::new().name(name).spawn_scoped(scope, work);
    spawned.map_err(|error| Error::new(ErrorKind::Internal, "cannot start a thread").because(error))
}

fn joined(handle: thread::ScopedJoinHandle<Result<()>>) -> Result<()> {
    handle
        .join()
        .unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "a thread of the engine panicked")))
}
