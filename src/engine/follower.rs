//! Follows the panes tables of a lake and hangs the boards that they lead to: the engine of whoever publishes what
//! others count.
//!
//! It knows no entity. It makes no board of a part: where a home's panes are still to come, or an entity is known from
//! two homes, the last board stays, or none hangs.

mod pipeline;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::pipeline::Followed;
pub(super) use self::pipeline::FollowedPipeline;
use super::lake_watch::LakeWatch;
use super::{AsOf, Life, Stop, lake_threads};
use crate::board::Boards;
use crate::clock::Clock;
use crate::error::Result;
use crate::lake::{Lake, LakeError, Patience};
use crate::telemetry::EngineMetrics;

/// How often it looks whether it should end.
const POLL: Duration = Duration::from_millis(50);

/// Publishes the rates of a lake that others feed.
pub struct Follower {
    /// The lake.
    pub lake: Lake,
    /// How often to publish.
    pub interval: Duration,
    /// As of when boards are made.
    pub as_of: AsOf,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where boards are hung.
    pub boards: Arc<Boards>,
    /// What ops see.
    pub metrics: Arc<EngineMetrics>,
}

impl Follower {
    /// Follows until `stop` is asked for. A lake that fails, or holds nothing yet, is waited for.
    pub fn run(mut self, stop: &Stop) -> Result<()> {
        let watch = Arc::new(LakeWatch::new(self.metrics.clone(), stop.clone(), Life::Live));
        watch.started();
        self.lake = self.lake.with_patience(Patience::watched(watch));
        let runtime = lake_threads::start("lake", 2)?;
        let mut followed = BTreeMap::new();
        while !stop.is_asked() {
            let began = Instant::now();
            runtime.block_on(self.look(&mut followed))?;
            while !stop.is_asked() && began.elapsed() < self.interval {
                std::thread::sleep(POLL.min(self.interval));
            }
        }
        Ok(())
    }

    /// Takes in what is new of every pipeline, and publishes.
    pub(super) async fn look(
        &self,
        followed: &mut BTreeMap<String, FollowedPipeline>,
    ) -> Result<()> {
        let names = match self.lake.pipelines().await {
            Ok(names) => names,
            Err(LakeError::Location { reason, .. }) => {
                self.metrics.withheld("the lake", Some(reason));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        self.metrics.withheld("the lake", None);
        for name in names {
            let mut pipeline = match followed.remove(&name) {
                Some(pipeline) => pipeline,
                None => FollowedPipeline::open(self, &name).await?,
            };
            match pipeline.look(self).await? {
                Followed::Goes => _ = followed.insert(name, pipeline),
                // It is opened again at the next look, as the lake describes it then.
                Followed::IsAnother => tracing::info!(pipeline = name, "it counts otherwise now"),
            }
        }
        Ok(())
    }
}
