//! Upkeep from time to time, beside a live engine: on a thread and with tables of its own, so that nobody waits for it.
//!
//! It does not know what a pass does, only when the next one is due. A pass that fails is told and tried again then.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Stop, lake_threads};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, LakeError, PipelineLake, TableUpkeep};
use crate::telemetry::EngineMetrics;

/// How soon a request to stop is seen.
const POLL: Duration = Duration::from_millis(200);

/// The upkeep of a lake.
pub struct Upkeep {
    /// Where the tables are.
    pub lake: Lake,
    /// The names of the pipelines.
    pub pipelines: Vec<String>,
    /// How often there is a pass.
    pub interval: Duration,
    /// What time it is: files and log entries have an age.
    pub clock: Arc<dyn Clock>,
    /// What ops see of it.
    pub metrics: Arc<EngineMetrics>,
}

impl Upkeep {
    /// Begins, on a thread that nobody needs to wait for: a pass may end anywhere. The first one comes after an interval,
    /// because a start has enough to do.
    pub fn start(self, stop: Stop) -> Result<()> {
        let cannot = |error| Error::new(ErrorKind::Internal, "cannot start upkeep").because(error);
        let runtime = lake_threads::start("upkeep-lake", 1)?;
        let work = move || {
            while self.waits(&stop) {
                for pipeline in &self.pipelines {
                    self.tell(pipeline, runtime.block_on(self.pass(pipeline)));
                }
            }
        };
        thread::Builder::new().name("upkeep".to_owned()).spawn(work).map_err(cannot)?;
        Ok(())
    }

    /// Waits until a pass is due; `false` where it is time to stop.
    fn waits(&self, stop: &Stop) -> bool {
        let began = Instant::now();
        while began.elapsed() < self.interval && !stop.is_asked() {
            thread::sleep(POLL.min(self.interval));
        }
        !stop.is_asked()
    }

    async fn pass(&self, pipeline: &str) -> std::result::Result<Vec<TableUpkeep>, LakeError> {
        let mut lake = PipelineLake::open_existing(&self.lake, pipeline).await?;
        lake.keep_up(&self.lake, self.clock.now()).await
    }

    fn tell(&self, pipeline: &str, done: std::result::Result<Vec<TableUpkeep>, LakeError>) {
        match done {
            Ok(tables) => {
                tracing::debug!(pipeline, ?tables, "upkeep");
                self.metrics.kept_up(pipeline, self.clock.now());
                tables
                    .iter()
                    .for_each(|done| self.metrics.table_files(pipeline, done.table, done.files));
            }
            Err(error) => {
                tracing::warn!(pipeline, "upkeep failed, it is tried again at the next: {error}")
            }
        }
    }
}
