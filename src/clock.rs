//! What time it is, asked only at the edges and always through this trait, so that tests and the demo can set it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::time::EventTime;

/// A source of the present moment.
pub trait Clock: Send + Sync {
    /// The present moment, in whole seconds.
    fn now(&self) -> EventTime;
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> EventTime {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        EventTime::from_seconds(since_epoch.as_secs() as i64)
    }
}

/// A clock that stands still until somebody sets it: the demo's spring of 2022, and tests.
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn at(now: EventTime) -> Self {
        Self(AtomicI64::new(now.seconds()))
    }

    /// Moves the clock to `now`, forwards or backwards.
    pub fn set(&self, now: EventTime) {
        self.0.store(now.seconds(), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> EventTime {
        EventTime::from_seconds(self.0.load(Ordering::Relaxed))
    }
}
