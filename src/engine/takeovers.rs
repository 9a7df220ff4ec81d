//! What to do when another process has committed to our ledger: begin anew from the lake, unless that happens so often
//! that two processes must be feeding one lake without sharing a consumer group.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many takeovers …
const TAKEOVERS_MOST: usize = 20;
/// … within this time are a quarrel, not a rebalance.
const WITHIN: Duration = Duration::from_secs(600);

/// The takeovers of late.
#[derive(Default)]
pub struct Takeovers(VecDeque<Instant>);

impl Takeovers {
    /// Notes one. Returns whether to begin anew.
    pub fn begin_anew(&mut self, now: Instant) -> bool {
        self.0.retain(|then| now.duration_since(*then) < WITHIN);
        self.0.push_back(now);
        self.0.len() <= TAKEOVERS_MOST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_takeover_now_and_then_is_gone_along_with_and_a_quarrel_is_not() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut rare = Takeovers::default();
        assert!((0..50).all(|takeover| rare.begin_anew(at(takeover * 40))));
        let mut quarrel = Takeovers::default();
        assert!((0..20).all(|takeover| quarrel.begin_anew(at(takeover))));
        assert!(!quarrel.begin_anew(at(21)));
    }
}
