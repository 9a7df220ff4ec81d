//! The law under SIGKILL: the same events, replayed in one go, in two halves, and killed at ten seeded moments, give
//! byte-equal rates at three moments, one of them after thousands of workers have left again.
//!
//! `CHUNFENG_KILL_EVENTS` sets how many events; a hundred thousand unless said.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use chunfeng::scenario::{Workload, WorkloadOptions};
use tempfile::TempDir;

const KILLS: usize = 10;
const SEED: u64 = 20_220_221;
const AS_OF: [&str; 3] =
    ["2022-02-08T12:34:56+08:00", "2022-02-28T00:00:00+08:00", "2022-03-04T00:00:00+08:00"];
const PATIENCE: Duration = Duration::from_secs(600);

struct Bench {
    folder: TempDir,
    lines: Vec<Vec<u8>>,
}

impl Bench {
    fn new() -> Self {
        let events = std::env::var("CHUNFENG_KILL_EVENTS")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(100_000);
        let options =
            WorkloadOptions { duplicates: 0.2, shuffled: true, leave_again: events as u32 / 50 };
        let workload = Workload::new(SEED, Workload::workers_for(events, options), options);
        let line = |event| {
            let mut line = Vec::new();
            workload.write_line(event, &mut line);
            line.push(b'\n');
            line
        };
        Self { folder: tempfile::tempdir().unwrap(), lines: workload.events().map(line).collect() }
    }

    fn file(&self, name: &str, lines: &[Vec<u8>]) -> PathBuf {
        let path = self.folder.path().join(name);
        let mut file = fs::File::create(&path).unwrap();
        lines.iter().for_each(|line| file.write_all(line).unwrap());
        path
    }

    fn lake(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn replay(&self, lake: &Path, files: &[&Path]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chunfeng"));
        command
            .args([
                "replay",
                "--pipelines",
                concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines"),
                "--lake",
            ])
            .arg(lake)
            .args(files)
            .env_remove("CHUNFENG_KILL_EVENTS")
            .env_remove("CHUNFENG_SERVICES")
            .env("XDG_CONFIG_HOME", self.folder.path())
            .env("CHUNFENG_COMMIT_INTERVAL", "100ms")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn finish(&self, lake: &Path, files: &[&Path]) {
        let status = self.replay(lake, files).status().unwrap();
        assert!(status.success(), "replay into {} ended with {status}", lake.display());
    }

    fn rates(&self, lake: &Path) -> Vec<String> {
        let rates = |as_of: &str| {
            let output = Command::new(env!("CARGO_BIN_EXE_chunfeng"))
                .args([
                    "rates",
                    "--format",
                    "json",
                    "--pipeline",
                    "return-to-work",
                    "--as-of",
                    as_of,
                    "--lake",
                ])
                .arg(lake)
                .env_remove("CHUNFENG_KILL_EVENTS")
                .env_remove("CHUNFENG_SERVICES")
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        AS_OF.map(rates).to_vec()
    }
}

#[test]
fn any_split_and_ten_kills_give_byte_equal_rates() {
    let bench = Bench::new();
    let whole = bench.file("whole.ndjson", &bench.lines);
    let (first, second) = bench.lines.split_at(bench.lines.len() / 2);
    let (first, second) = (bench.file("first.ndjson", first), bench.file("second.ndjson", second));

    let one_go = bench.lake("one-go");
    bench.finish(&one_go, &[&whole]);
    let expected = bench.rates(&one_go);
    assert!(expected[0].len() > 10_000, "the board is not empty");
    assert_ne!(expected[1], expected[2], "thousands left again, and it shows");

    let halves = bench.lake("halves");
    bench.finish(&halves, &[&second]);
    bench.finish(&halves, &[&first]);
    assert!(bench.rates(&halves) == expected, "two halves, the second first, differ from one go");

    let killed = bench.lake("killed");
    let inside_commits = kill_ten_times(&bench, &killed, &whole);
    assert!(inside_commits >= 2, "only {inside_commits} of {KILLS} kills hit a commit");
    bench.finish(&killed, &[&whole]);
    assert!(bench.rates(&killed) == expected, "ten kills differ from one go");
}

/// Kills ten replays, each after at least one commit; every other one while it writes the next. Returns how many died
/// inside a commit: with a data file that no log entry names.
fn kill_ten_times(bench: &Bench, lake: &Path, file: &Path) -> usize {
    let mut random = SEED;
    let mut inside_commits = 0;
    for kill in 0..KILLS {
        let commits = ledger_commits(lake);
        let mut replay = bench.replay(lake, &[file]).spawn().unwrap();
        wait_until(&mut replay, || ledger_commits(lake) > commits);
        if kill % 2 == 0 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            sleep(Duration::from_millis(random >> 58));
        } else {
            let written = data_files(lake);
            wait_until(&mut replay, || data_files(lake) != written);
        }
        replay.kill().unwrap();
        let status = replay.wait().unwrap();
        assert!(
            !status.success(),
            "the replay was over before kill {kill}: raise CHUNFENG_KILL_EVENTS"
        );
        inside_commits += usize::from(!unnamed_files(lake).is_empty());
    }
    inside_commits
}

fn wait_until(replay: &mut Child, done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(
            replay.try_wait().unwrap().is_none(),
            "the replay was over too early: raise CHUNFENG_KILL_EVENTS"
        );
        assert!(began.elapsed() < PATIENCE, "no commit within {PATIENCE:?}");
        sleep(Duration::from_micros(200));
    }
}

fn ledger(lake: &Path) -> PathBuf {
    lake.join("return-to-work/ledger")
}

fn log(lake: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(ledger(lake).join("_delta_log")).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect()
}

fn ledger_commits(lake: &Path) -> usize {
    log(lake).len()
}

fn data_files(lake: &Path) -> BTreeSet<String> {
    let days = fs::read_dir(ledger(lake)).into_iter().flatten().flatten();
    let files = days.flat_map(|day| fs::read_dir(day.path()).into_iter().flatten().flatten());
    let names = files.map(|file| file.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains("parquet")).collect()
}

/// Data files that no entry of the log names: leftovers of a commit that did not happen.
fn unnamed_files(lake: &Path) -> BTreeSet<String> {
    let log: String = log(lake).iter().filter_map(|path| fs::read_to_string(path).ok()).collect();
    data_files(lake).into_iter().filter(|name| !log.contains(name.as_str())).collect()
}
