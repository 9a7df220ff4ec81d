//! Which small files are to become one: a pure decision from what the log says of them.
//!
//! Every byte is rewritten a few times in its life and no more: files are put together only where none of them is as
//! large as all the others. Knows nothing of tables, and does not know which files may not be touched.

use std::collections::BTreeMap;

use super::super::table::LiveFile;

/// How large a file becomes.
const BYTES_ENOUGH: u64 = 64 << 20;
/// How many rows fill a row group.
const ROWS_ENOUGH: u64 = 1 << 20;
/// Fewer files than these are not worth a commit.
const FILES_LEAST: usize = 8;

/// Files whose rows are to become one file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Their partition value.
    pub partition: Option<String>,
    /// The folder they are in, below that of their partition: the empty one, or with a slash behind it.
    pub folder: String,
    /// Their paths, the oldest first.
    pub paths: Vec<String>,
    /// How many rows they hold.
    pub rows: u64,
}

/// The groups, of files that may be touched.
pub fn groups(files: Vec<LiveFile>) -> Vec<Group> {
    let mut places: BTreeMap<(Option<String>, String), Vec<Small>> = BTreeMap::new();
    for file in files {
        if let Some(small) = Small::of(&file) {
            let folder = folder_of(&file);
            places.entry((file.partition, folder)).or_default().push(small);
        }
    }
    let mut groups = Vec::new();
    for ((partition, folder), mut files) in places {
        files.sort_by(|a, b| (a.modified, &a.path).cmp(&(b.modified, &b.path)));
        for fill in fills(files) {
            let fill = without_the_largest(fill);
            if fill.len() >= FILES_LEAST {
                let rows = fill.iter().map(|file| file.rows).sum();
                let paths = fill.into_iter().map(|file| file.path).collect();
                let (partition, folder) = (partition.clone(), folder.clone());
                groups.push(Group { partition, folder, paths, rows });
            }
        }
    }
    groups
}

fn folder_of(file: &LiveFile) -> String {
    let folder =
        file.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    match &file.partition {
        Some(_) => folder.split_once('/').map_or(String::new(), |(_, below)| below.to_owned()),
        None => folder,
    }
}

struct Small {
    path: String,
    modified: i64,
    bytes: u64,
    rows: u64,
}

impl Small {
    /// `None` where it is large enough, or the log does not say how many rows it has.
    fn of(file: &LiveFile) -> Option<Self> {
        let statistics: serde_json::Value =
            serde_json::from_str(file.statistics.as_deref()?).ok()?;
        let rows = statistics.get("numRecords")?.as_u64()?;
        let (path, modified, bytes) = (file.path.clone(), file.modified, file.bytes);
        let is_small = bytes < BYTES_ENOUGH / 2 && rows < ROWS_ENOUGH / 2;
        is_small.then_some(Self { path, modified, bytes, rows })
    }
}

/// Files in a row, as many as fill one.
fn fills(files: Vec<Small>) -> Vec<Vec<Small>> {
    let mut fills: Vec<Vec<Small>> = Vec::new();
    let (mut bytes, mut rows) = (u64::MAX, 0);
    for file in files {
        let is_full =
            bytes.saturating_add(file.bytes) > BYTES_ENOUGH || rows + file.rows > ROWS_ENOUGH;
        match fills.last_mut() {
            Some(fill) if !is_full => {
                (bytes, rows) = (bytes + file.bytes, rows + file.rows);
                fill.push(file);
            }
            _ => {
                (bytes, rows) = (file.bytes, file.rows);
                fills.push(vec![file]);
            }
        }
    }
    fills
}

/// Leaves out what is larger than all the others: rewriting it would cost more than it saves.
fn without_the_largest(mut files: Vec<Small>) -> Vec<Small> {
    loop {
        let total: u64 = files.iter().map(|file| file.bytes).sum();
        let largest = files.iter().enumerate().max_by_key(|(_, file)| file.bytes);
        match largest.map(|(index, file)| (index, file.bytes)) {
            Some((index, bytes)) if bytes > total - bytes => drop(files.remove(index)),
            _ => return files,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(number: i64, day: &str, bytes: u64, rows: u64) -> LiveFile {
        LiveFile {
            path: format!("dt={day}/{number:03}"),
            partition: Some(day.to_owned()),
            bytes,
            modified: number,
            statistics: Some(format!(r#"{{"numRecords":{rows}}}"#)),
        }
    }

    fn small(count: i64) -> Vec<LiveFile> {
        (0..count).map(|number| file(number, "2022-03-01", 10_000, 5)).collect()
    }

    #[test]
    fn eight_small_files_of_a_day_become_one_and_seven_stay() {
        assert_eq!(groups(small(7)), []);
        let groups = groups(small(8));
        assert_eq!((groups.len(), groups[0].paths.len(), groups[0].rows), (1, 8, 40));
    }

    #[test]
    fn days_are_not_mixed() {
        let mut files = small(7);
        files.extend((0..7).map(|number| file(number, "2022-03-02", 10_000, 5)));
        assert_eq!(groups(files), []);
    }

    #[test]
    fn homes_are_not_mixed_and_stay_in_their_folders() {
        let of_home = |number: i64, home: i64| LiveFile {
            path: format!("counted/hr.workers/{home}/{number:03}"),
            partition: None,
            ..file(number, "", 10_000, 5)
        };
        let files = (0..16).map(|number| of_home(number, number % 2)).collect();
        let groups = groups(files);
        let folders: Vec<&str> = groups.iter().map(|group| group.folder.as_str()).collect();
        assert_eq!(folders, ["counted/hr.workers/0/", "counted/hr.workers/1/"]);
    }

    #[test]
    fn what_is_large_is_left_alone_and_so_is_what_outweighs_all_the_others() {
        let mut files = small(9);
        files.push(file(100, "2022-03-01", BYTES_ENOUGH / 2, 10));
        files.push(file(101, "2022-03-01", 10_000, ROWS_ENOUGH / 2));
        files.push(file(102, "2022-03-01", 1_000_000, 50_000));
        files.push(file(103, "2022-03-01", 90_000, 4_000));
        let groups = groups(files);
        assert_eq!((groups.len(), groups[0].paths.len()), (1, 10));
        assert!(groups[0].paths.contains(&"dt=2022-03-01/103".to_owned()));
    }

    #[test]
    fn a_file_whose_rows_the_log_does_not_tell_is_left_alone() {
        let mut files = small(8);
        files[3].statistics = None;
        assert_eq!(groups(files), []);
    }

    proptest! {
        #[test]
        fn a_group_fits_into_a_file_and_no_file_is_in_two(sizes in prop::collection::vec((1..BYTES_ENOUGH, 1..ROWS_ENOUGH), 0..200)) {
            let files: Vec<_> = sizes.iter().enumerate()
                .map(|(number, (bytes, rows))| file(number as i64, "2022-03-01", *bytes >> (number % 20), *rows >> (number % 20)))
                .collect();
            let mut seen = std::collections::HashSet::new();
            for group in groups(files.clone()) {
                let of_group = files.iter().filter(|file| group.paths.contains(&file.path));
                prop_assert!(of_group.map(|file| file.bytes).sum::<u64>() <= BYTES_ENOUGH);
                prop_assert!(group.rows <= ROWS_ENOUGH && group.paths.len() >= FILES_LEAST);
                prop_assert!(group.paths.into_iter().all(|path| seen.insert(path)));
            }
        }
    }
}
