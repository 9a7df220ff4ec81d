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
    /// Which copy: each has the same springs with workers, enterprises and whatever else of its own.
    pub copy: u32,
}

impl Default for Springs {
    fn default() -> Self {
        Self { seed: 2022, leave_out_returns: 0, copy: 0 }
    }
}

/// The springs so many times over, in the order of delivery: everything counts as many times.
pub fn copies(options: Springs, copies: u32) -> impl Iterator<Item = Delivery> {
    let copy = |copy| deliveries(Springs { copy, ..options }).peekable();
    let mut copies: Vec<_> = (0..copies).map(copy).collect();
    std::iter::from_fn(move || {
        let next = (0..copies.len()).min_by_key(|copy| recorded_at(copies[*copy].peek()))?;
        copies[next].next()
    })
}

/// Every record of the springs, in the order of delivery.
pub fn deliveries(options: Springs) -> impl Iterator<Item = Delivery> {
    let mut workers_and_enterprises = spring2022::deliveries(options).peekable();
    let mut practices = practices::deliveries(options).peekable();
    std::iter::from_fn(move || {
        match recorded_at(practices.peek()) < recorded_at(workers_and_enterprises.peek()) {
            true => practices.next(),
            false => workers_and_enterprises.next().or_else(|| practices.next()),
        }
    })
}

/// What has ended comes last.
fn recorded_at(next: Option<&Delivery>) -> i64 {
    next.map_or(i64::MAX, |next| next.recorded_at_seconds)
}
