//! How fast a robot may be talked to. A window that slides keeps to limits wherever the robot's own begins.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many messages within so long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limit {
    /// How many.
    pub messages: usize,
    /// Within what.
    pub within: Duration,
}

/// When messages went, and when the next may.
pub struct Pace {
    limits: &'static [Limit],
    sent: VecDeque<Instant>,
    not_before: Option<Instant>,
}

impl Pace {
    /// Nothing has been sent yet.
    pub fn new(limits: &'static [Limit]) -> Self {
        Self { limits, sent: VecDeque::new(), not_before: None }
    }

    /// How long the next message has to wait.
    pub fn wait(&self, now: Instant) -> Duration {
        let until = self.limits.iter().filter_map(|limit| {
            let oldest = self.sent.len().checked_sub(limit.messages)?;
            Some(*self.sent.get(oldest)? + limit.within)
        });
        let until = until.chain(self.not_before).max();
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// A message goes now, and counts whatever becomes of it.
    pub fn sends(&mut self, now: Instant) {
        let most = self.limits.iter().map(|limit| limit.messages).max().unwrap_or(0);
        self.sent.push_back(now);
        while self.sent.len() > most {
            self.sent.pop_front();
        }
    }

    /// Nothing may be sent for so long.
    pub fn pauses(&mut self, now: Instant, pause: Duration) {
        self.not_before = Some(now + pause);
    }
}
