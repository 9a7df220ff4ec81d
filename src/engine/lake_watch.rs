//! What becomes of the engine while its lake fails: the failure is logged and shown, and waited for. Full queues hold the
//! source back meanwhile, so nothing is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Life, Stop};
use crate::lake::{LakeError, Watcher};
use crate::telemetry::EngineMetrics;

/// At the start whoever started us looks on: a lake that cannot be used is told soon.
const AT_THE_START: Duration = Duration::from_secs(5);
/// A replay has somebody who waits for it.
const IN_A_REPLAY: Duration = Duration::from_secs(60);
/// Who asked to stop is given an answer before an orchestrator kills us. What is not committed then is read again.
const WHILE_STOPPING: Duration = Duration::from_secs(20);

/// Watches the lake for one engine.
pub struct LakeWatch {
    metrics: Arc<EngineMetrics>,
    stop: Stop,
    life: Life,
    started: AtomicBool,
}

impl LakeWatch {
    /// A watch that has not seen the start completed.
    pub fn new(metrics: Arc<EngineMetrics>, stop: Stop, life: Life) -> Self {
        Self { metrics, stop, life, started: AtomicBool::new(false) }
    }

    /// The engine has recovered: from now on the lake is known to be good.
    pub fn started(&self) {
        self.started.store(true, Ordering::Relaxed);
    }
}

impl Watcher for LakeWatch {
    fn failing(&self, error: &LakeError, pause: Duration) {
        tracing::warn!(
            pause_seconds = pause.as_secs_f64(),
            "the lake fails, trying again: {error}"
        );
        self.metrics.lake_fails(&error.to_string());
    }

    fn recovered(&self) {
        tracing::info!("the lake works again");
        self.metrics.lake_works();
    }

    fn budget(&self) -> Duration {
        let started = self.started.load(Ordering::Relaxed);
        budget(started, self.stop.is_asked(), self.life)
    }
}

fn budget(started: bool, stopping: bool, life: Life) -> Duration {
    match (started, stopping, life) {
        (false, ..) => AT_THE_START,
        (true, true, _) => WHILE_STOPPING,
        (true, false, Life::Replay) => IN_A_REPLAY,
        (true, false, Life::Live) => Duration::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_live_run_waits_for_its_lake_as_long_as_nobody_waits_for_the_run() {
        assert_eq!(budget(true, false, Life::Live), Duration::MAX);
        assert_eq!(budget(true, false, Life::Replay), IN_A_REPLAY);
        for life in [Life::Live, Life::Replay] {
            assert_eq!(budget(true, true, life), WHILE_STOPPING);
            assert_eq!(budget(false, true, life), AT_THE_START);
        }
    }
}
