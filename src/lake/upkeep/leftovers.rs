//! Which data files in a table's folder nobody needs any more: a pure decision from a listing and what the log says.
//!
//! They are of commits that were refused, of processes that died before theirs, and what replacements and rewrites took
//! out. It does not know how it is made sure that no commit still brings one of them.

use std::collections::HashSet;

use super::super::table::Object;
use crate::time::EventTime;

/// So long a file may wait for its commit, or for its last reader.
pub const AGE_SECONDS: i64 = 86_400;

/// What may go: data files written before `until` that are neither live nor were so lately.
pub fn to_remove(
    objects: &[Object],
    live: &HashSet<String>,
    lately_live: &HashSet<String>,
    until: EventTime,
) -> Vec<String> {
    let is_left_over = |object: &&Object| {
        let path = &object.path;
        is_data(path)
            && object.modified < until
            && !live.contains(path)
            && !lately_live.contains(path)
    };
    objects.iter().filter(is_left_over).map(|object| object.path.clone()).collect()
}

/// Whether Delta would call it a data file: what begins with `_` or `.`, or is in such a folder, is not.
fn is_data(path: &str) -> bool {
    path.ends_with(".parquet") && !path.split('/').any(|part| part.starts_with(['_', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(path: &str, modified: i64, live: &[&str], lately_live: &[&str]) -> bool {
        let set = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        let object = Object { path: path.to_owned(), modified: EventTime::from_seconds(modified) };
        let until = EventTime::from_seconds(1_000);
        !to_remove(&[object], &set(live), &set(lately_live), until).is_empty()
    }

    #[test]
    fn an_old_file_that_no_commit_names_goes_and_a_young_one_stays() {
        assert!(removed("dt=2022-03-01/part-1.zstd.parquet", 999, &[], &[]));
        assert!(!removed("dt=2022-03-01/part-1.zstd.parquet", 1_000, &[], &[]));
    }

    #[test]
    fn a_live_file_stays_and_so_does_one_that_somebody_may_be_reading() {
        assert!(!removed("part-1.zstd.parquet", 0, &["part-1.zstd.parquet"], &[]));
        assert!(!removed("part-1.zstd.parquet", 0, &[], &["part-1.zstd.parquet"]));
    }

    #[test]
    fn what_is_no_data_stays() {
        for path in [
            "_delta_log/00000000000000000099.checkpoint.parquet",
            "_symlink_format_manifest/part-1.parquet",
            "dt=2022-03-01/.part-1.parquet",
            "notes.txt",
        ] {
            assert!(!removed(path, 0, &[], &[]), "{path}");
        }
    }
}
