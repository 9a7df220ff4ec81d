//! The threads that drive the walk: source → conductor → shards → committer, over three bounded queues.
//!
//! The conductor decodes and routes; each shard owns the timelines and panes of its entities; the committer writes the
//! ledger and publishes. An *epoch* is a commit's worth of records: the conductor ends it, the shards close their cells,
//! and the board made of them is published when the ledger commit is acknowledged. Decisions ([`schedule`]) are pure;
//! [`shard`] does no I/O.

mod committer;
mod conductor;
mod feeds;
mod lake_watch;
mod lane;
mod past;
mod recovery;
mod resume;
mod schedule;
mod shard;
mod sink;
mod takeovers;
mod upkeep;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

pub use past::{board_as_of, board_of_example};
pub use resume::Resume;
pub use sink::{Committed, Drained, FromSource, Offered, Ownership, Sink, Source, Stop};
pub use takeovers::Takeovers;
pub use upkeep::Upkeep;

use self::committer::{Committer, Told};
use self::conductor::Conductor;
use self::lake_watch::LakeWatch;
use crate::area::AreaTree;
use crate::board::Boards;
use crate::clock::Clock;
use crate::decode::Key;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, Patience};
use crate::spec::Pipeline;
use crate::telemetry::EngineMetrics;

/// Batches that may wait between the source and the conductor.
const SOURCE_QUEUE: usize = 8;
/// Messages that may wait for a shard.
const SHARD_QUEUE: usize = 8;

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

impl Engine {
    /// Recovers from the lake, then works until the source has ended or `stop` is asked for, drains and commits. A lake
    /// that fails meanwhile is waited for.
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
        let recovered = runtime.block_on(recovery::recover(&self))?;
        watch.started();
        let known = recovered.lakes.iter().map(|lane| lane.lake.ledger_version()).collect();
        let resume =
            Resume::new(self.lake.clone(), &self.pipelines, runtime.handle().clone(), known);
        let committed = Arc::new(Committed::default());
        let ownership = Arc::new(Ownership::new(source.share_at_first()));

        let (from_source, to_conductor) = sync_channel(SOURCE_QUEUE);
        let (to_committer, from_engine) = sync_channel(self.shards + 1);
        let sink = Sink::new(
            from_source,
            stop.clone(),
            resume.clone(),
            committed.clone(),
            ownership.clone(),
            self.boards.clone(),
        );
        let mut conductor = Conductor::new(&self, resume.clone(), &recovered.lanes);
        let told = Told { committed, ownership, resume };
        let mut committer = Committer::new(&self, recovered.lakes, told, runtime.handle().clone());
        thread::scope(|scope| {
            let mut to_shards = Vec::new();
            for (index, mut shard) in recovered.shards.into_iter().enumerate() {
                let (sender, receiver) = sync_channel(SHARD_QUEUE);
                let to_committer = to_committer.clone();
                to_shards.push(sender);
                named(scope, format!("shard-{index}"), move || {
                    shard.run(index, receiver, to_committer)
                })?;
            }
            let source = named(scope, "source".to_owned(), move || source.run(sink))?;
            let committer =
                named(scope, "committer".to_owned(), move || committer.run(from_engine))?;
            let conducted = conductor.run(to_conductor, to_shards, to_committer);
            // Where the conductor has failed, the source must not wait for it.
            stop.ask();
            let committed = joined(committer);
            let sourced = joined(source);
            // The committer's failure is the cause of the conductor's, and the source's of neither.
            committed.and(conducted).and(sourced)
        })
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
