//! When to write a checkpoint of a table's log, and which of the log's entries nobody needs any more: pure decisions from
//! a listing.
//!
//! A commit lists the log's folder, so the log is kept short: a day of it, of which two thousand entries at the most, and
//! half an hour in any case. A reader that has opened the table is done with the log by then; who follows it has more than
//! five hours to come back at one commit in ten seconds, and half an hour at one a second, and begins anew after that.

use super::super::table::Object;
use crate::time::EventTime;

/// Commits between two checkpoints; an opening reads so many entries at the most, and a pass's worth.
const BETWEEN_CHECKPOINTS: u64 = 100;
/// So old entries go.
const AGE_MOST_SECONDS: i64 = 86_400;
/// So young ones stay.
const AGE_LEAST_SECONDS: i64 = 1_800;
/// More entries than these make every commit slow …
const ENTRIES_MOST: u64 = 2_000;
/// … and so many stay whatever their age: a process that commits seldom goes on from the version it last saw.
const ENTRIES_LEAST: u64 = 200;

const FOLDER: &str = "_delta_log/";
/// The digits of a version in a name.
const DIGITS: usize = 20;

/// An entry of the log.
#[derive(Clone, Debug)]
struct Entry<'o> {
    version: u64,
    is_checkpoint: bool,
    object: &'o Object,
}

impl<'o> Entry<'o> {
    /// `None` for what belongs to no version, such as the hint at the newest checkpoint.
    fn of(object: &'o Object) -> Option<Self> {
        let name = object.path.strip_prefix(FOLDER).filter(|name| !name.contains('/'))?;
        let (version, rest) = name.split_at_checked(DIGITS)?;
        let version = version.parse().ok()?;
        // A checkpoint of several parts may lack one: only what was written at once is built upon.
        Some(Self { version, is_checkpoint: rest == ".checkpoint.parquet", object })
    }
}

/// Whether a checkpoint of the `newest` version is due.
pub fn should_checkpoint(objects: &[Object], newest: u64) -> bool {
    newest >= newest_checkpoint(objects).unwrap_or(0) + BETWEEN_CHECKPOINTS
}

fn newest_checkpoint(objects: &[Object]) -> Option<u64> {
    let entries = objects.iter().filter_map(Entry::of);
    entries.filter(|entry| entry.is_checkpoint).map(|entry| entry.version).max()
}

/// The object that a checkpoint of this version, just written, is.
pub fn checkpoint_object(version: u64, written: EventTime) -> Object {
    Object { path: format!("{FOLDER}{version:020}.checkpoint.parquet"), modified: written }
}

/// What nobody needs any more of the log of a table at the `newest` version. Entries behind `floor` are somebody's: who
/// recovers reads them one by one. What stays begins with a checkpoint.
pub fn to_trim(objects: &[Object], newest: u64, floor: u64, now: EventTime) -> Vec<String> {
    let entries: Vec<Entry> = objects.iter().filter_map(Entry::of).collect();
    let is_kept = |entry: &Entry| {
        let age = now.seconds() - entry.object.modified.seconds();
        let behind = newest.saturating_sub(entry.version);
        age < AGE_LEAST_SECONDS
            || behind < ENTRIES_LEAST
            || (age < AGE_MOST_SECONDS && behind < ENTRIES_MOST)
    };
    let kept = entries.iter().filter(|entry| is_kept(entry)).map(|entry| entry.version);
    let from = kept.chain([newest, floor.saturating_add(1)]).min().unwrap_or(0);
    let checkpoints = entries.iter().filter(|entry| entry.is_checkpoint);
    let Some(base) = checkpoints.map(|entry| entry.version).filter(|it| *it <= from).max() else {
        return Vec::new();
    };
    let before = entries.iter().filter(|entry| entry.version < base);
    before.map(|entry| entry.object.path.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;

    fn now() -> EventTime {
        EventTime::from_seconds(NOW)
    }

    /// A log with a commit every so many seconds until now, and a checkpoint every hundred.
    fn log(commits: u64, seconds: i64) -> Vec<Object> {
        let mut objects =
            vec![Object { path: "_delta_log/_last_checkpoint".into(), modified: now() }];
        for version in 0..commits {
            let age = (commits - 1 - version) as i64 * seconds;
            let modified = EventTime::from_seconds(NOW - age);
            objects.push(Object { path: format!("_delta_log/{version:020}.json"), modified });
            if (version + 1) % 100 == 0 {
                objects.push(checkpoint_object(version, modified));
            }
        }
        objects
    }

    /// The first version that stays, and how many objects go.
    fn trimmed(commits: u64, seconds: i64, floor: u64) -> (u64, usize) {
        let log = log(commits, seconds);
        let gone = to_trim(&log, commits - 1, floor, now());
        let stays = |object: &&Object| !gone.contains(&object.path);
        let first = log.iter().filter(stays).filter_map(Entry::of).map(|entry| entry.version).min();
        (first.unwrap(), gone.len())
    }

    #[test]
    fn a_day_stays_and_begins_with_a_checkpoint() {
        // The day's first commit is version 18,561: the checkpoint before it is that of 18,499.
        assert_eq!(trimmed(20_001, 60, u64::MAX), (18_499, 18_499 + 184));
    }

    #[test]
    fn of_a_fast_table_two_thousand_entries_stay() {
        assert_eq!(trimmed(50_000, 1, u64::MAX).0, 47_999);
    }

    #[test]
    fn half_an_hour_stays_however_fast_the_table_is() {
        let log = log(60_000, 1).into_iter().map(|object| Object { modified: now(), ..object });
        assert_eq!(
            to_trim(&log.collect::<Vec<_>>(), 59_999, u64::MAX, now()),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_somebody_would_recover_from_stays() {
        // Entry 5,051 is read, so the checkpoint before it is where the log begins.
        assert_eq!(trimmed(50_000, 10, 5_050).0, 4_999);
    }

    #[test]
    fn who_commits_seldom_finds_the_version_it_last_saw() {
        assert_eq!(trimmed(1_000, 86_400, u64::MAX).0, 799);
    }

    #[test]
    fn without_a_checkpoint_everything_stays() {
        assert_eq!(trimmed(99, 86_400, u64::MAX), (0, 0));
    }

    #[test]
    fn what_is_no_entry_of_the_log_stays() {
        let old = |path: &str| Object { path: path.into(), modified: EventTime::from_seconds(0) };
        let mut objects = log(1_000, 86_400);
        objects
            .extend(["dt=2022-03-01/00000000000000000001.json", "_delta_log/_sidecars/x"].map(old));
        let gone = to_trim(&objects, 999, u64::MAX, now());
        assert!(gone.iter().all(|path| path.starts_with("_delta_log/0")));
    }

    #[test]
    fn a_checkpoint_is_due_after_a_hundred_commits() {
        assert!(!should_checkpoint(&log(99, 1), 98));
        assert!(!should_checkpoint(&log(150, 1), 198));
        assert!(should_checkpoint(&log(150, 1), 199));
    }
}
