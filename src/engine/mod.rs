//! The threads that drive the walk: source → conductor → shards → committer, over three bounded queues.
//!
//! The conductor decodes and routes; each shard owns the timelines and panes of its entities; the committer writes the
//! ledger and publishes. An *epoch* is a commit's worth of records: the conductor ends it, the shards close their cells,
//! and the board made of them is published when the ledger commit is acknowledged. Decisions ([`schedule`]) are pure;
//! [`shard`] does no I/O.

mod committer;
mod conductor;
mod feeds;
mod follower;
mod holdings;
mod homes;
mod lake_watch;
mod lane;
mod lost;
mod past;
mod recall;
mod resume;
mod schedule;
mod shard;
mod sink;
mod snapshot;
mod source;
mod takeovers;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

pub use follower::Follower;
pub use past::{board_as_of, board_of_example};
pub use sink::{Assigned, Assignment, Sink};
pub use source::{Drained, Offered, Source, Stop};
pub use takeovers::Takeovers;

use self::committer::{Committer, LaneLake, ToCommitter, Told};
use self::conductor::{Conductor, Queues, Shared, ToConductor};
use self::homes::Homes;
use self::lake_watch::LakeWatch;
use self::lost::Lost;
use self::recall::{Recaller, Recalls};
use self::resume::Resume;
use self::shard::{Shard, ToShard, Walked};
use self::sink::{Committed, Ready};
use self::snapshot::Snapshots;
use crate::area::AreaTree;
use crate::board::Boards;
use crate::clock::Clock;
use crate::decode::Key;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Identity, Lake, LakeError, Patience, PipelineLake, Share};
use crate::spec::Pipeline;
use crate::telemetry::EngineMetrics;
use crate::time::{EARLIEST, EventTime};

/// Batches that may wait between the source and the conductor.
const SOURCE_QUEUE: usize = 8;
/// Messages that may wait for a shard.
const SHARD_QUEUE: usize = 8;
/// Slots of a roster that may wait to be written.
const SNAPSHOT_QUEUE: usize = 2;
/// How long a shard with nothing to do waits before it offers a slot again.
const BETWEEN_SLOTS: Duration = Duration::from_millis(5);

/// What an engine works with.
pub struct Engine {
    /// The pipelines, one lane each.
    pub pipelines: Vec<Arc<Pipeline>>,
    /// Where their tables are.
    pub lake: Lake,
    /// The secret behind pseudonyms and seals.
    pub key: Arc<Key>,
    /// The tree of areas.
    pub areas: &'static AreaTree,
    /// How many shards to spread entities over.
    pub shards: usize,
    /// How often to commit and publish.
    pub commit_interval: Duration,
    /// As of when boards are made.
    pub as_of: AsOf,
    /// What is made of what is counted.
    pub publication: Publication,
    /// What time it is, for the boards of a live run and for `published_at`.
    pub clock: Arc<dyn Clock>,
    /// Where boards are hung.
    pub boards: Arc<Boards>,
    /// What ops see of the engine itself.
    pub metrics: Arc<EngineMetrics>,
}

/// As of when boards are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AsOf {
    /// The clock: what waits for its time takes effect without events.
    Clock,
    /// The newest event: a replay gives the same board whenever it runs.
    NewestEvent,
}

/// What an engine makes of what it counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Publication {
    /// Boards of its own, as soon as it knows everything that counts.
    Boards,
    /// Rows of the panes table, of which another process makes the boards.
    Panes,
}

impl Engine {
    /// Works until the source has ended or `stop` is asked for, drains and commits. What the lake remembers is recalled
    /// as partitions are assigned. A lake that fails meanwhile is waited for.
    pub fn run(mut self, source: Box<dyn Source>, stop: &Stop) -> Result<()> {
        let stop = stop.inner();
        let watch = Arc::new(LakeWatch::new(self.metrics.clone(), stop.clone(), self.as_of));
        self.lake = self.lake.with_patience(Patience::watched(watch.clone()));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("lake")
            .enable_all()
            .build()
            .map_err(|error| {
                Error::new(ErrorKind::Internal, "cannot start the lake's threads").because(error)
            })?;
        let opened = runtime.block_on(self.open())?;
        watch.started();
        let done = self.work(source, stop, opened, runtime.handle().clone());
        // Whatever the lake's threads still do, nobody waits for it.
        runtime.shutdown_background();
        done
    }

    /// Opens the tables, and hangs what was published last.
    async fn open(&self) -> std::result::Result<Opened, LakeError> {
        let mut opened = Opened { lakes: Vec::new(), newest: Vec::new() };
        for pipeline in &self.pipelines {
            let areas_fingerprint = blake3::Hash::from(self.areas.fingerprint()).to_hex();
            let identity = Identity::new(pipeline, &areas_fingerprint, self.key.fingerprint());
            let mut lake = PipelineLake::open(&self.lake, pipeline.clone(), &identity).await?;
            let published = lake.published(self.areas).await?;
            match self.publication {
                Publication::Boards => {
                    if let Some(board) = published.last_board(pipeline) {
                        self.boards.publish(Arc::new(board));
                    }
                }
                Publication::Panes => {
                    lake.refuse_elsewhere()?;
                    lake = lake.with_panes(&self.lake).await?;
                }
            }
            opened.newest.push(lake.newest_event_time().await?.unwrap_or(EARLIEST));
            opened.lakes.push(LaneLake { lake, published });
        }
        Ok(opened)
    }

    fn work(
        &self,
        source: Box<dyn Source>,
        stop: Stop,
        opened: Opened,
        runtime: tokio::runtime::Handle,
    ) -> Result<()> {
        let (committed, lost, ready) =
            (Arc::new(Committed::default()), Arc::new(Lost::default()), Arc::new(Ready::default()));
        let homes = Homes::default();
        let (to_conductor, for_conductor) = sync_channel(SOURCE_QUEUE);
        let (to_committer, for_committer) = sync_channel(self.shards + 1);
        let (to_snapshots, for_snapshots) = sync_channel(SNAPSHOT_QUEUE);
        let resume = Resume::new(self, runtime.clone());
        let sink = Sink::new(
            to_conductor.clone(),
            stop.clone(),
            resume,
            committed.clone(),
            lost.clone(),
            ready.clone(),
        );
        let lakes: Vec<PipelineLake> = opened.lakes.iter().map(|lane| lane.lake.clone()).collect();
        let (to_shards, for_shards): (Vec<_>, Vec<_>) =
            (0..self.shards).map(|_| sync_channel::<ToShard>(SHARD_QUEUE)).unzip();
        let recaller = Recaller {
            areas: self.areas,
            homes: homes.clone(),
            shards: to_shards.clone(),
            metrics: self.metrics.clone(),
            runtime: runtime.clone(),
        };
        let share = source.share_at_first();
        let mut conductor = Conductor::new(
            self,
            &opened.newest,
            share,
            homes.clone(),
            Recalls::new(recaller, to_conductor.clone()),
            Shared { lost: lost.clone(), ready, boards: self.boards.clone() },
        );
        let told = Told { committed, lost, homes: homes.clone() };
        let mut committer = Committer::new(self, opened.lakes, told, runtime.clone());
        let mut snapshots = Snapshots::new(lakes.clone(), self.areas, homes, self.shards, runtime);
        let frontiers = self.frontiers(&opened.newest);
        thread::scope(|scope| {
            for (index, messages) in for_shards.into_iter().enumerate() {
                let (to_committer, to_snapshots) = (to_committer.clone(), to_snapshots.clone());
                let mut shard =
                    Shard::new(&self.pipelines, self.areas, self.publication, &frontiers);
                let drive =
                    move || drive(index, &mut shard, &messages, &to_committer, &to_snapshots);
                named(scope, format!("shard-{index}"), drive)?;
            }
            drop(to_snapshots);
            let for_snapshots_committer = to_committer.clone();
            let snapshots = named(scope, "snapshots".to_owned(), move || {
                snapshots.run(for_snapshots, for_snapshots_committer)
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

    /// The earliest moments that boards will be made of, by lane.
    fn frontiers(&self, newest: &[EventTime]) -> Vec<EventTime> {
        match self.as_of {
            AsOf::Clock => vec![self.clock.now(); newest.len()],
            AsOf::NewestEvent => newest.to_vec(),
        }
    }
}

/// The tables as they are at the start, by lane.
struct Opened {
    lakes: Vec<LaneLake>,
    /// The newest event time in each ledger.
    newest: Vec<EventTime>,
}

/// Tells the conductor that the source has ended, however it has.
struct Ended(SyncSender<ToConductor>);

impl Drop for Ended {
    fn drop(&mut self) {
        _ = self.0.send(ToConductor::SourceEnded); // the conductor may have ended before
    }
}

/// Drives a shard from its queue until that ends; between messages it goes on with a snapshot.
fn drive(
    index: usize,
    shard: &mut Shard,
    messages: &Receiver<ToShard>,
    committer: &SyncSender<ToCommitter>,
    snapshots: &SyncSender<Walked>,
) {
    let mut walked = None;
    loop {
        let wait =
            if shard.is_walking() || walked.is_some() { BETWEEN_SLOTS } else { Duration::MAX };
        let message = match messages.recv_timeout(wait) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        if let Some(closing) = message.and_then(|message| shard.step(message)) {
            if committer.send(ToCommitter::Closing { shard: index, closing }).is_err() {
                return; // the committer has failed, and says so itself
            }
        }
        walked = walked.or_else(|| shard.walk_on());
        walked = walked.and_then(|slot| match snapshots.try_send(slot) {
            Ok(()) => None,
            Err(std::sync::mpsc::TrySendError::Full(slot)) => Some(slot),
            Err(std::sync::mpsc::TrySendError::Disconnected(_)) => None,
        });
    }
    // Nothing more comes: the last snapshot may take its time.
    while let Some(slot) = walked.take().or_else(|| shard.walk_on()) {
        if snapshots.send(slot).is_err() {
            return; // whoever writes snapshots has failed, and says so itself
        }
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
