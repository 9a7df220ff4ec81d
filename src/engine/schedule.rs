//! When to end an epoch, and when to take a roster snapshot: pure functions from what is to a decision.

use std::time::Duration;

use crate::lake::Share;
use crate::time::EventTime;

/// Rows that fill a row group; more in one commit would only cost memory.
const ROWS_MOST: usize = 1 << 20;

/// Believed until it has been measured here. Two cores replayed 2.8 million from a local disk; a bucket is slower.
const REPLAYED_IN_A_SECOND: f64 = 1_000_000.0;

/// A replay of less is over before its speed shows.
const ROWS_TO_MEASURE: u64 = 100_000;

/// People query the roster too, so it is never much older than this.
const BETWEEN_SNAPSHOTS: Duration = Duration::from_secs(600);

/// Others move the ledger on, and a roster that is not said to hold for a newer version keeps the ledger's log from being
/// trimmed and its files from being put together: so homes of which nothing comes are said anew, too.
const BETWEEN_IDLE_SNAPSHOTS: Duration = Duration::from_secs(3_600);

/// What the conductor knows at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Since the last epoch ended.
    pub elapsed: Duration,
    /// How often epochs are to end.
    pub interval: Duration,
    /// Rows waiting to be committed, in the fullest pipeline.
    pub rows: usize,
    /// Whether it works until it is stopped, so that time alone, or others of the group, may give it something to say.
    pub is_live: bool,
    /// Whether something has been recalled of which no board tells yet.
    pub has_recalled: bool,
}

/// Whether an epoch should end now. Without rows there is nothing to commit, and only a live run may have something new to
/// say. Whoever has restarted is waited for, and so does not wait himself.
pub fn should_end_epoch(facts: Facts) -> bool {
    if facts.rows >= ROWS_MOST || facts.has_recalled {
        return true;
    }
    facts.elapsed >= facts.interval && (facts.rows > 0 || facts.is_live)
}

/// As of when the next board is made: never earlier than the last one, whatever the clock does.
pub fn next_as_of(last: EventTime, now: EventTime) -> EventTime {
    last.max(now)
}

/// Whether this epoch should take a roster snapshot: at a clean stop, when the last one is long ago, and when replaying
/// what came since would take longer than it may. Where nothing came, there is still what others have committed.
pub fn should_snapshot(
    since: SinceSnapshot,
    replay: Replay,
    epoch: EpochKind,
    share: Share,
) -> bool {
    let is_due_after = |pause| epoch == EpochKind::Last || since.elapsed >= pause;
    (is_due_after(BETWEEN_SNAPSHOTS) && since.rows > 0)
        || (is_due_after(BETWEEN_IDLE_SNAPSHOTS) && share == Share::Part)
        || replay.of(since.rows) > replay.at_most
}

/// How long a replay of the ledger would take, and how long it may.
#[derive(Clone, Copy, Debug)]
pub struct Replay {
    at_most: Duration,
    rows_a_second: f64,
}

impl Replay {
    /// A replay may take so long; how long it would is not known yet.
    pub fn of_at_most(at_most: Duration) -> Self {
        Self { at_most, rows_a_second: REPLAYED_IN_A_SECOND }
    }

    /// So many rows have been replayed in so long.
    pub fn took(&mut self, rows: u64, took: Duration) {
        if rows >= ROWS_TO_MEASURE && !took.is_zero() {
            self.rows_a_second = rows as f64 / took.as_secs_f64();
        }
    }

    fn of(&self, rows: u64) -> Duration {
        Duration::from_secs_f64(rows as f64 / self.rows_a_second)
    }
}

/// What has happened since the last roster snapshot.
#[derive(Clone, Copy, Debug)]
pub struct SinceSnapshot {
    /// How long ago it was taken.
    pub elapsed: Duration,
    /// Rows committed since, those of this epoch included.
    pub rows: u64,
}

/// Whether an epoch is followed by another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EpochKind {
    /// The stream goes on.
    Ordinary,
    /// The engine ends with it.
    Last,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts = Facts {
        elapsed: Duration::from_secs(3),
        interval: Duration::from_secs(10),
        rows: 5,
        is_live: false,
        has_recalled: false,
    };

    #[test]
    fn an_epoch_ends_when_its_time_is_up_and_there_is_something_to_commit() {
        assert!(!should_end_epoch(FACTS));
        let due = Facts { elapsed: Duration::from_secs(10), ..FACTS };
        assert!(should_end_epoch(due));
        assert!(!should_end_epoch(Facts { rows: 0, ..due }));
        assert!(should_end_epoch(Facts { rows: 0, is_live: true, ..due }));
    }

    #[test]
    fn an_epoch_ends_early_when_a_row_group_is_full() {
        assert!(should_end_epoch(Facts { rows: ROWS_MOST, ..FACTS }));
    }

    #[test]
    fn an_epoch_ends_at_once_when_something_has_been_recalled() {
        assert!(should_end_epoch(Facts { has_recalled: true, rows: 0, ..FACTS }));
    }

    #[test]
    fn a_clock_that_goes_back_takes_no_board_back() {
        let (nine, ten) = (EventTime::from_seconds(9), EventTime::from_seconds(10));
        assert_eq!(next_as_of(nine, ten), ten);
        assert_eq!(next_as_of(ten, nine), ten);
    }

    #[test]
    fn a_clean_stop_takes_a_snapshot_unless_the_last_one_says_it_all() {
        let since = |rows| SinceSnapshot { elapsed: Duration::ZERO, rows };
        let replay = Replay::of_at_most(Duration::from_secs(20));
        assert!(should_snapshot(since(1), replay, EpochKind::Last, Share::Whole));
        assert!(!should_snapshot(since(0), replay, EpochKind::Last, Share::Whole));
    }

    #[test]
    fn snapshots_are_taken_from_time_to_time() {
        let since = |seconds, rows| SinceSnapshot { elapsed: Duration::from_secs(seconds), rows };
        let replay = Replay::of_at_most(Duration::from_secs(20));
        let is_taken = |since| should_snapshot(since, replay, EpochKind::Ordinary, Share::Whole);
        assert!(!is_taken(since(599, 1_000)));
        assert!(is_taken(since(600, 1_000)));
        assert!(!is_taken(since(6_000, 0)));
    }

    #[test]
    fn where_nothing_comes_a_snapshot_follows_what_others_have_committed() {
        let since = |seconds| SinceSnapshot { elapsed: Duration::from_secs(seconds), rows: 0 };
        let replay = Replay::of_at_most(Duration::from_secs(20));
        let is_taken = |since, epoch| should_snapshot(since, replay, epoch, Share::Part);
        assert!(!is_taken(since(3_599), EpochKind::Ordinary));
        assert!(is_taken(since(3_600), EpochKind::Ordinary));
        assert!(is_taken(since(1), EpochKind::Last));
    }

    #[test]
    fn a_snapshot_is_taken_when_replaying_what_came_since_would_take_longer_than_it_may() {
        let since = |rows| SinceSnapshot { elapsed: Duration::from_secs(1), rows };
        let is_taken =
            |rows, replay| should_snapshot(since(rows), replay, EpochKind::Ordinary, Share::Whole);
        let mut replay = Replay::of_at_most(Duration::from_secs(20));
        assert!(is_taken(20_000_001, replay));
        assert!(!is_taken(20_000_000, replay));
        replay.took(ROWS_TO_MEASURE - 1, Duration::from_secs(100));
        assert!(!is_taken(20_000_000, replay), "too few to tell");
        replay.took(1_000_000, Duration::from_secs(4));
        assert!(is_taken(5_000_001, replay));
        assert!(!is_taken(5_000_000, replay));
    }
}
