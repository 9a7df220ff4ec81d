//! The threads that drive the walk: source → conductor → shards → committer, over three bounded queues.
//!
//! The conductor decodes and routes; each shard owns the timelines and panes of its entities; the committer writes the
//! ledger and publishes. An *epoch* is a commit's worth of records: the conductor ends it, the shards close their cells,
//! and the board made of them is published when the ledger commit is acknowledged. Decisions ([`schedule`]) are pure;
//! [`shard`] does no I/O.

mod committer;
mod conductor;
mod example;
mod feeds;
mod follower;
mod holdings;
mod homes;
mod lake_threads;
mod lake_watch;
mod lane;
mod lost;
mod machine;
mod past;
mod recall;
mod resume;
mod schedule;
mod shard;
mod sink;
mod snapshot;
mod source;
mod takeovers;
mod upkeep;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use example::{ExampleTold, tell_example};
pub use follower::Follower;
pub use past::{board_among, board_as_of};
pub use sink::{Assigned, Assignment, Sink};
pub use source::{Drained, Offered, Source, Stop};
pub use takeovers::Takeovers;
pub use upkeep::Upkeep;

use self::committer::LaneLake;
use self::lake_watch::LakeWatch;
use self::lane::Begins;
use self::machine::Machine;
use crate::board::Boards;
use crate::clock::Clock;
use crate::decode::Key;
use crate::error::Result;
use crate::lake::{Identity, Lake, LakeError, Patience, PipelineLake};
use crate::spec::Pipeline;
use crate::telemetry::EngineMetrics;
use crate::time::{EARLIEST, EventTime};

/// What an engine works with.
pub struct Engine {
    /// The pipelines, one lane each.
    pub pipelines: Vec<Arc<Pipeline>>,
    /// Where their tables are.
    pub lake: Lake,
    /// The secret behind pseudonyms and seals.
    pub key: Arc<Key>,
    /// How many shards to spread entities over.
    pub shards: usize,
    /// How often to commit and publish.
    pub commit_interval: Duration,
    /// How long replaying the ledger behind the last roster snapshot may take.
    pub replay_at_most: Duration,
    /// Whether it works until it is stopped or until its source ends.
    pub life: Life,
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

/// How long an engine works.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Life {
    /// Until it is stopped: a lake that fails is waited for.
    Live,
    /// Until its source ends, and somebody waits for it.
    Replay,
}

/// As of when boards are made.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum AsOf {
    /// The clock: what waits for its time takes effect without events.
    #[default]
    Clock,
    /// The newest event: a replay gives the same board whenever it runs, and a spring that is over is shown as it was.
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
        let watch = Arc::new(LakeWatch::new(self.metrics.clone(), stop.clone(), self.life));
        self.lake = self.lake.with_patience(Patience::watched(watch.clone()));
        let runtime = lake_threads::start("lake", 2)?;
        let opened = runtime.block_on(self.open())?;
        watch.started();
        let share = source.share_at_first();
        let spawn = Box::new(recall::on_a_thread);
        let machine =
            Machine::new(&self, opened, share, &stop, runtime.handle(), spawn, machine::BOUNDS);
        let done = machine.run(&self, source, &stop);
        // Whatever the lake's threads still do, nobody waits for it.
        runtime.shutdown_background();
        done
    }

    /// Opens the tables, and hangs what was published last.
    async fn open(&self) -> std::result::Result<Opened, LakeError> {
        let mut opened = Opened { lakes: Vec::new(), begins: Vec::new() };
        for pipeline in &self.pipelines {
            let identity = Identity::new(pipeline, self.key.fingerprint());
            let mut lake = PipelineLake::open(&self.lake, pipeline.clone(), &identity).await?;
            let published = lake.published().await?;
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
            opened.begins.push(Begins {
                newest: lake.newest_event_time().await?.unwrap_or(EARLIEST),
                board: published.as_of().unwrap_or(EARLIEST),
            });
            opened.lakes.push(LaneLake { lake, published });
        }
        Ok(opened)
    }

    /// The earliest moments that boards will be made of, by lane.
    fn frontiers(&self, lanes: &[Begins]) -> Vec<EventTime> {
        match self.as_of {
            AsOf::Clock => vec![self.clock.now(); lanes.len()],
            AsOf::NewestEvent => lanes.iter().map(|lane| lane.newest).collect(),
        }
    }
}

/// The tables as they are at the start, by lane.
struct Opened {
    lakes: Vec<LaneLake>,
    begins: Vec<Begins>,
}
