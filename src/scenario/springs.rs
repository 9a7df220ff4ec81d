//! All springs together, in the order of delivery.

use super::delivery::Delivery;
use super::{practices, spring2022};

/// What to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Springs {
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// So many workers' returns are left out, and nothing else changes: a check against the
    /// published figure must then fail.
    pub leave_out_returns: usize,
}

impl Default for Springs {
    fn default() -> Self {
        Self { seed: 2022, leave_out_returns: 0 }
    }
}

/// Every record of the springs, in the order of delivery.
pub fn deliveries(options: Springs) -> impl Iterator<Item = Delivery> {
    let mut workers_and_enterprises = spring2022::deliveries(options).peekable();
    let mut practices = practices::deliveries(options).peekable();
    std::iter::from_fn(move || {
        let at = |next: Option<&Delivery>| next.map_or(i64::MAX, |next| next.recorded_at_seconds);
        match at(practices.peek()) < at(workers_and_enterprises.peek()) {
            true => practices.next(),
            false => workers_and_enterprises.next().or_else(|| practices.next()),
        }
    })
}
