//! When to end an epoch, and when to take a roster snapshot: pure functions from what is to a decision.

use std::time::Duration;

/// Rows that fill a row group; more in one commit would only cost memory.
const ROWS_MOST: usize = 1 << 20;

/// A snapshot is worth its cost once replaying the ledger behind the last one would take longer than loading it.
const ROWS_BETWEEN_SNAPSHOTS: u64 = 20_000_000;

/// What the conductor knows at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Since the last epoch ended.
    pub elapsed: Duration,
    /// How often epochs are to end.
    pub interval: Duration,
    /// Rows waiting to be committed, in the fullest pipeline.
    pub rows: usize,
    /// Whether boards follow the clock, so that time alone may change them.
    pub follows_clock: bool,
}

/// Whether an epoch should end now. Without rows there is nothing to commit, and only a board that follows the clock
/// may have something new to say.
pub fn should_end_epoch(facts: Facts) -> bool {
    if facts.rows >= ROWS_MOST {
        return true;
    }
    facts.elapsed >= facts.interval && (facts.rows > 0 || facts.follows_clock)
}

/// Whether this epoch should take a roster snapshot: at a clean stop, and when the last one is long ago.
pub fn should_snapshot(is_last_epoch: bool, rows_since_snapshot: u64) -> bool {
    (is_last_epoch && rows_since_snapshot > 0) || rows_since_snapshot >= ROWS_BETWEEN_SNAPSHOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts = Facts {
        elapsed: Duration::from_secs(3),
        interval: Duration::from_secs(10),
        rows: 5,
        follows_clock: false,
    };

    #[test]
    fn an_epoch_ends_when_its_time_is_up_and_there_is_something_to_commit() {
        assert!(!should_end_epoch(FACTS));
        let due = Facts { elapsed: Duration::from_secs(10), ..FACTS };
        assert!(should_end_epoch(due));
        assert!(!should_end_epoch(Facts { rows: 0, ..due }));
        assert!(should_end_epoch(Facts { rows: 0, follows_clock: true, ..due }));
    }

    #[test]
    fn an_epoch_ends_early_when_a_row_group_is_full() {
        assert!(should_end_epoch(Facts { rows: ROWS_MOST, ..FACTS }));
    }

    #[test]
    fn a_clean_stop_takes_a_snapshot_unless_the_last_one_says_it_all() {
        assert!(should_snapshot(true, 1));
        assert!(!should_snapshot(true, 0));
        assert!(!should_snapshot(false, 1_000));
        assert!(should_snapshot(false, ROWS_BETWEEN_SNAPSHOTS));
    }
}
