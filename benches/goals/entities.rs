//! What an entity costs in memory, how fast a big herd is counted, and how soon it is back after a SIGKILL.
//!
//! The engine runs in a process of its own, with the lake in a folder, as `chunfeng replay` has it; only its events are made
//! where they are read.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::chunfeng::board::Boards;
use ::chunfeng::clock::SystemClock;
use ::chunfeng::decode::{Key, PseudonymScheme};
use ::chunfeng::engine::{AsOf, Engine, Life, Publication, Stop};
use ::chunfeng::lake::Lake;
use ::chunfeng::spec;
use ::chunfeng::telemetry::EngineMetrics;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::Outcome;
use super::cost::Cost;
use super::goal::{Goal, Row};
use super::herd::{Herd, HerdSource, Stage};

/// The rows of a herd with two facts each: what it takes, and how soon it is back.
pub fn rows(entities: u64) -> Outcome<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let lake = folder.path().join("lake");
    let herd = Herd { workers: entities, returns: entities };
    let counted = count(herd, &lake)?;
    let (bytes, most) = (counted.resident_bytes, counted.cost.resident_bytes);
    println!("{entities} entities: {}, {} MB at the end", counted.cost, bytes / 1_000_000);
    let ledger = bytes_of(&lake.join("return-to-work/ledger"))?;
    println!("ledger {:.1} bytes an event", ledger as f64 / (2 * entities) as f64);
    counted.kill()?;
    let back = count(herd, &lake)?;
    let (rows, scan) = scan_rosters(&lake)?;
    let (begun, scan) = (back.begun.as_secs_f64(), scan.as_secs_f64());
    println!("live again after {begun:.1} s; {rows} rows of snapshots scanned in {scan:.1} s");
    back.end()?;
    let each = |bytes: u64| Some(bytes as f64 / entities as f64);
    let row = |what: &str, goal, figure, unit| Row { what: what.into(), goal, figure, unit };
    Ok(vec![
        row("memory an entity with two facts, resident", Goal::AtMost(48.0), each(bytes), "B"),
        row(
            "memory an entity with two facts, the most at once",
            Goal::AtMost(48.0),
            each(most),
            "B",
        ),
        row(
            "SIGKILL to live again, over a plain scan of the snapshots",
            Goal::AtMost(3.0),
            Some(begun / scan),
            "×",
        ),
    ])
}

/// The rows of a country's herd, beside a million.
pub fn country_rows(entities: u64) -> Outcome<Vec<Row>> {
    let speed = |workers: u64| -> Outcome<(f64, u64)> {
        let folder = tempfile::tempdir()?;
        let lake = folder.path().join("lake");
        count(Herd { workers, returns: 0 }, &lake)?.kill()?;
        let returns = workers.min(5_000_000);
        let counted = count(Herd { workers, returns }, &lake)?;
        let a_second = returns as f64 / counted.cost.elapsed.as_secs_f64();
        println!("{workers} entities: {a_second:.0} events/s, {}", counted.cost);
        let most = counted.cost.resident_bytes;
        counted.kill()?;
        Ok((a_second, most))
    };
    let ((few, _), (many, most)) = (speed(1_000_000)?, speed(entities)?);
    let row = |what: String, goal, figure, unit| Row { what, goal, figure: Some(figure), unit };
    let gibibytes = most as f64 / f64::from(1 << 30);
    Ok(vec![
        row(
            format!("{entities} entities live, the most resident"),
            Goal::AtMost(16.0),
            gibibytes,
            "GiB",
        ),
        row(
            format!("events/s with {entities} entities over those with a million"),
            Goal::AtLeast(0.5),
            many / few,
            "×",
        ),
    ])
}

/// As often as a process says how far it is.
const BETWEEN_REPORTS: u64 = 10_000_000;

/// A herd that has been counted, in a process that is still there.
pub struct Counted {
    child: Child,
    input: Option<ChildStdin>,
    /// From its start until what the lake remembered was there.
    pub begun: Duration,
    /// Up to when everything was committed, from the first event on.
    pub cost: Cost,
    /// Resident when everything was committed.
    pub resident_bytes: u64,
}

/// Counts a herd into a lake, behind what is there.
pub fn count(herd: Herd, lake: &Path) -> Outcome<Counted> {
    let started = Instant::now();
    let mut child = Command::new(env::current_exe()?)
        .args(["herd", &herd.workers.to_string(), &herd.returns.to_string()])
        .arg(lake)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (mut begun, mut cost_before) = (Duration::ZERO, None);
    let said = BufReader::new(child.stdout.take().ok_or("no output")?);
    for line in said.lines() {
        match line?.as_str() {
            "begun" => {
                begun = started.elapsed();
                cost_before = Some(Cost::of(child.id(), begun)?);
            }
            "committed" => {
                let cost = Cost::of(child.id(), started.elapsed())?;
                let before = cost_before.ok_or("it never began")?;
                let input = child.stdin.take();
                let resident_bytes = cost.now_resident_bytes;
                return Ok(Counted {
                    child,
                    input,
                    begun,
                    cost: cost.since(&before),
                    resident_bytes,
                });
            }
            progress => eprintln!("  {progress}"),
        }
    }
    Err(format!("the herd's process ended with {}", child.wait()?).into())
}

impl Counted {
    /// SIGKILL.
    pub fn kill(mut self) -> Outcome<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Lets it end in order.
    pub fn end(mut self) -> Outcome<()> {
        drop(self.input.take());
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("it ended with {status}").into()) }
    }
}

/// What the process does.
pub fn run(workers: u64, returns: u64, lake: &str) -> Outcome<()> {
    let pipelines = spec::load_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines"))?;
    let engine = Engine {
        pipelines: pipelines
            .into_iter()
            .filter(|pipeline| pipeline.name == "return-to-work")
            .map(Arc::new)
            .collect(),
        lake: Lake::at(lake)?,
        key: Arc::new(Key::new(&[22; 32], PseudonymScheme::Blake3)),
        shards: std::thread::available_parallelism()?.get(),
        commit_interval: Duration::from_secs(10),
        replay_at_most: Duration::from_secs(20),
        life: Life::Replay,
        as_of: AsOf::NewestEvent,
        publication: Publication::Boards,
        clock: Arc::new(SystemClock),
        boards: Arc::new(Boards::default()),
        metrics: Arc::new(EngineMetrics::new()?),
    };
    let mut reported = 0;
    let started = Instant::now();
    let told = Box::new(move |stage| match stage {
        Stage::Begun => say("begun"),
        Stage::Sent(events) if events >= reported + BETWEEN_REPORTS => {
            reported = events;
            say(&format!("{events} events in {:.0} s", started.elapsed().as_secs_f64()));
        }
        Stage::Sent(_) => {}
        Stage::Committed => {
            say("committed");
            _ = std::io::stdin().read_line(&mut String::new());
        }
    });
    let source = HerdSource { herd: Herd { workers, returns }, told };
    engine.run(Box::new(source), &Stop::default())?;
    Ok(())
}

fn say(what: &str) {
    println!("{what}");
    _ = std::io::stdout().flush();
}

/// How long a plain scan takes of a lake's newest roster snapshots: every column of every row, on one thread.
pub fn scan_rosters(lake: &Path) -> Outcome<(u64, Duration)> {
    let begun = Instant::now();
    let mut rows = 0;
    for file in files_below(&lake.join("return-to-work/roster"))? {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file)?)?.build()?;
        for batch in reader {
            rows += batch?.num_rows() as u64;
        }
    }
    Ok((rows, begun.elapsed()))
}

/// How many bytes the Parquet files of a table take.
pub fn bytes_of(table: &Path) -> Outcome<u64> {
    files_below(table)?.iter().map(|file| Ok(fs::metadata(file)?.len())).sum()
}

fn files_below(folder: &Path) -> Outcome<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "parquet") {
            files.push(path);
        }
    }
    Ok(files)
}
