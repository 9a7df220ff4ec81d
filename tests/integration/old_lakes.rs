//! Lakes that earlier versions wrote are read, and gone on with. Each format of the tables has its folder in
//! data/lakes; a new version adds one and keeps the others.

use std::fs;
use std::path::{Path, PathBuf};

use chunfeng::scenario::{Workload, WorkloadOptions};

use crate::tools::{Desk, files};

/// The folder of the format that is written now: files carry a hash in their names, rosters lie by home and say what they
/// add up to.
const NEWEST: &str = "2";
const AS_OF: [&str; 2] = ["2022-02-12T00:00:00+08:00", "2022-03-04T00:00:00+08:00"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/data/lakes")
}

fn old_lakes() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let lakes: Vec<PathBuf> = entries.collect();
    assert!(lakes.contains(&folder().join(NEWEST)), "the newest format is not written");
    lakes
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}

fn rates(desk: &Desk) -> [String; 2] {
    AS_OF.map(|as_of| desk.rates(&["--format", "json", "--as-of", as_of]))
}

/// A desk with a copy of an old lake.
fn desk_with(old: &Path) -> Desk {
    let desk = Desk::new();
    copy(&old.join("lake"), Path::new(&desk.at("lake")));
    desk
}

/// Replays files of an old lake under the pipelines of its time.
fn replay(desk: &Desk, old: &Path, files: &[&str]) {
    let within = |name: &str| old.join(name).display().to_string();
    let (lake, key, pipelines) = (desk.at("lake"), desk.at("key"), within("pipelines"));
    let files: Vec<String> = files.iter().map(|file| within(file)).collect();
    let mut arguments =
        vec!["replay", "--lake", &lake, "--key-file", &key, "--pipelines", &pipelines];
    arguments.extend(files.iter().map(String::as_str));
    desk.run(&arguments).with(0);
}

/// Whether the rows say all that earlier ones said; they may have more to say.
fn says_that(rows: &str, earlier: &str) -> bool {
    let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(rows).unwrap();
    let earlier: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(earlier).unwrap();
    let says = |(row, earlier): (&serde_json::Map<_, _>, &serde_json::Map<String, _>)| {
        earlier.iter().all(|(key, value)| row.get(key) == Some(value))
    };
    rows.len() == earlier.len() && rows.iter().zip(&earlier).all(says)
}

#[test]
fn an_old_lake_says_what_it_said() {
    for old in old_lakes() {
        let desk = desk_with(&old);
        for (as_of, rates) in AS_OF.iter().zip(rates(&desk)) {
            let said = fs::read_to_string(old.join(format!("rates-{}.json", &as_of[..10])));
            assert!(says_that(&rates, &said.unwrap()), "{} as of {as_of}", old.display());
        }
        let reasons: Vec<String> =
            desk.rejects("key", &[]).iter().map(|reject| reject["reason"].to_string()).collect();
        assert_eq!(reasons, ["\"invalid_json\""; 2], "both pipelines rejected the same line");
    }
}

#[test]
fn an_old_lake_is_gone_on_with_as_if_this_version_had_begun_it() {
    for old in old_lakes() {
        let (gone_on, begun_now) = (desk_with(&old), Desk::new());
        replay(&gone_on, &old, &["first.ndjson", "second.ndjson"]);
        replay(&begun_now, &old, &["first.ndjson", "second.ndjson"]);
        assert!(rates(&gone_on) == rates(&begun_now), "{}", old.display());
        let log = files(&gone_on.path("lake/return-to-work/rates/_delta_log"));
        let knows = |path: &PathBuf| fs::read(path).unwrap().windows(8).any(|at| at == b"revision");
        assert!(log.iter().any(knows), "{}: rates have the newer columns", old.display());
    }
}

/// Run it by hand, for a new format of the tables alone: what has been written once must be read for ever.
#[test]
#[ignore = "writes the newest folder of tests/integration/data/lakes"]
fn write_an_old_lake() {
    let old = folder().join(NEWEST);
    assert!(!old.exists(), "{} is written and must stay as it is", old.display());
    fs::create_dir_all(&old).unwrap();
    let options = WorkloadOptions { duplicates: 0.2, shuffled: true, leave_again: 20 };
    let workload = Workload::new(1, Workload::workers_for(400, options), options);
    let lines: Vec<Vec<u8>> = workload
        .events()
        .map(|event| {
            let mut line = Vec::new();
            workload.write_line(event, &mut line);
            line.push(b'\n');
            line
        })
        .collect();
    let (first, second) = lines.split_at(lines.len() / 2);
    fs::write(old.join("first.ndjson"), [&first.concat()[..], b"garbage\n"].concat()).unwrap();
    fs::write(old.join("second.ndjson"), second.concat()).unwrap();
    let desk = Desk::new();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines"), &old.join("pipelines"));
    replay(&desk, &old, &["first.ndjson"]);
    for (as_of, rates) in AS_OF.iter().zip(rates(&desk)) {
        fs::write(old.join(format!("rates-{}.json", &as_of[..10])), rates).unwrap();
    }
    copy(Path::new(&desk.at("lake")), &old.join("lake"));
}
