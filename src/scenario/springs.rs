//! All springs together, in the order of delivery.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

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

/// So far apart are the numbers of one copy's workers, enterprises and whatever else from the next one's: none has as many.
pub const NUMBERS_A_COPY: u32 = 1_000_000;

/// The springs so many times over, in the order of delivery: everything counts as many times. The plan of each copy takes
/// some ten megabytes.
pub fn copies(options: Springs, copies: u32) -> impl Iterator<Item = Delivery> {
    let copy = |copy| deliveries(Springs { copy, ..options }).peekable();
    let mut copies: Vec<_> = (0..copies).map(copy).collect();
    // The earliest is on top; of the same second, the first copy.
    let place = |(copy, next): (usize, &Delivery)| Reverse((next.recorded_at_seconds, copy));
    let first = copies.iter_mut().enumerate();
    let first = first.filter_map(|(index, copy)| Some(place((index, copy.peek()?))));
    let mut waiting: BinaryHeap<_> = first.collect();
    std::iter::from_fn(move || {
        let Reverse((_, index)) = waiting.pop()?;
        let copy = &mut copies[index];
        let next = copy.next();
        waiting.extend(copy.peek().map(|behind| place((index, behind))));
        next
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
