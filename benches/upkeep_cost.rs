//! What a ledger that is committed to for long costs, with upkeep beside it and without: how long commits take from
//! the beginning to the end, how many files there are, and how much memory is used.
//!
//! `cargo bench --bench upkeep_cost`; `CHUNFENG_COMMITS=50000` for more, `CHUNFENG_UPKEEP=off` for none. Commits follow one
//! another without a pause, so a pass comes after every 600, as it does at one a second; and the log's entries are made as
//! old as they would be then, because upkeep goes by that.

#![expect(clippy::unwrap_used, reason = "a benchmark that fails may panic")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use chunfeng::clock::{Clock, SystemClock};
use chunfeng::decode::{Offset, Reason, TopicPartition};
use chunfeng::lake::{Advance, Identity, Lake, LedgerRows, PipelineLake, Scope, Share};
use chunfeng::spec;
use chunfeng::time::EARLIEST;

/// The program's own allocator: another one keeps memory otherwise.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const BETWEEN_PASSES: i64 = 600;
/// Commits are told in so many parts, one after another.
const PARTS: usize = 10;

fn main() {
    let commits = std::env::var("CHUNFENG_COMMITS").map_or(3_000, |text| text.parse().unwrap());
    let has_upkeep = std::env::var("CHUNFENG_UPKEEP").is_err();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    println!("{commits} commits, upkeep {}", if has_upkeep { "on" } else { "off" });
    let took = runtime.block_on(run(folder.path(), commits, has_upkeep));
    // The first part is cheaper: until the first pass has come the table is not yet as large as it stays.
    for (index, part) in took.chunks(took.len().div_ceil(PARTS).max(1)).enumerate() {
        tell(&format!("part {} of {PARTS}", index + 1), part);
    }
    let ledger = folder.path().join("return-to-work/ledger");
    println!("objects in the log: {}", files(&ledger.join("_delta_log")).len());
    println!(
        "data files in the folder: {}",
        files(&ledger).len() - files(&ledger.join("_delta_log")).len()
    );
    println!("resident memory: {} MiB", resident_mebibytes());
}

/// What a commit took.
#[derive(Clone, Copy)]
struct Took {
    time: Duration,
    is_beside_a_pass: bool,
}

async fn run(folder: &Path, commits: i64, has_upkeep: bool) -> Vec<Took> {
    let text = std::fs::read_to_string("pipelines/return-to-work.yaml").unwrap();
    let pipeline = Arc::new(spec::load_text("return-to-work.yaml", &text).unwrap());
    let identity = Identity::new(&pipeline, "key");
    let place = Lake::at(&folder.to_string_lossy()).unwrap();
    let mut lake = PipelineLake::open(&place, pipeline.clone(), &identity).await.unwrap();
    let partition = TopicPartition { topic: "hr.workers".into(), partition: 0 };
    let (mut took, mut aged) = (Vec::new(), 0);
    let mut passes: Option<tokio::task::JoinHandle<()>> = None;
    for offset in 0..commits {
        let mut rows = LedgerRows::default();
        let place_of_row = (&partition, Offset(offset), SystemClock.now());
        rows.push_rejected(place_of_row, Reason::Empty, vec![7; 40]);
        let from = (offset > 0).then_some(Offset(offset));
        let advances =
            BTreeMap::from([(partition.clone(), Advance { from, to: Offset(offset + 1) })]);
        let began = Instant::now();
        lake.commit(rows, &advances, Share::Whole).await.unwrap();
        let is_beside_a_pass = passes.as_ref().is_some_and(|pass| !pass.is_finished());
        took.push(Took { time: began.elapsed(), is_beside_a_pass });
        if has_upkeep && offset % BETWEEN_PASSES == BETWEEN_PASSES - 1 {
            let version = lake.ledger_version();
            let nobody = lake.roster_writer(EARLIEST).finish().await.unwrap();
            lake.replace_roster(&Scope::Whole, nobody, version).await.unwrap();
            age(&folder.join("return-to-work/ledger/_delta_log"), &mut aged, version.0);
            if let Some(pass) = passes.take() {
                pass.await.unwrap();
            }
            let (place, runtime) = (place.clone(), tokio::runtime::Handle::current());
            passes = Some(tokio::task::spawn_blocking(move || runtime.block_on(pass(&place))));
        }
    }
    if let Some(pass) = passes {
        pass.await.unwrap();
    }
    took
}

async fn pass(place: &Lake) {
    let began = Instant::now();
    let mut lake = PipelineLake::open_existing(place, "return-to-work").await.unwrap();
    let done = lake.keep_up(place, SystemClock.now()).await.unwrap().remove(0);
    if std::env::var("CHUNFENG_VERBOSE").is_ok() {
        println!("{:?} {done:?} {} MiB", began.elapsed(), resident_mebibytes());
    }
}

/// Makes entries of more than 1,800 commits ago two hours old.
#[expect(clippy::disallowed_methods, reason = "a benchmark decides nothing")]
fn age(log: &Path, aged: &mut u64, version: u64) {
    let old = SystemTime::now() - Duration::from_secs(7_200);
    while *aged + 1_800 < version {
        for kind in ["json", "checkpoint.parquet"] {
            let path = log.join(format!("{aged:020}.{kind}"));
            if let Ok(file) = std::fs::File::options().append(true).open(path) {
                file.set_modified(old).unwrap();
            }
        }
        *aged += 1;
    }
}

fn tell(what: &str, took: &[Took]) {
    for (beside, is_beside_a_pass) in [("alone", false), ("beside a pass of upkeep", true)] {
        let of = took.iter().filter(|took| took.is_beside_a_pass == is_beside_a_pass);
        let mut times: Vec<Duration> = of.map(|took| took.time).collect();
        times.sort();
        let at = |share: f64| times.get((times.len().saturating_sub(1) as f64 * share) as usize);
        if let (Some(median), Some(rare), Some(longest)) = (at(0.5), at(0.99), at(1.0)) {
            let count = times.len();
            println!(
                "{what}, {count} commits {beside}: median {median:.1?}, 99th of a hundred {rare:.1?}, longest {longest:.1?}"
            );
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn resident_mebibytes() -> u64 {
    let statistics = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statistics.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
    pages * 4 / 1_024
}
