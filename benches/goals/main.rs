//! The goals of the main job, each beside what came out: `cargo bench --bench goals [-- PART...]`.
//!
//! | part | what |
//! |---|---|
//! | `live` | a real Kafka read to its end by a raw drain, chunfeng, Pathway, Flink and Kafka Streams, in turn; bytes in the ledger |
//! | `replay` | NDJSON to all tables, over parsing the same lines |
//! | `entities` | memory an entity, and how soon they are back after a SIGKILL |
//! | `country` | three hundred million entities, beside a million |
//! | `latency` | from Kafka to /metrics |
//! | `scrape` | what it costs to be asked for /metrics |
//!
//! All of them unless said; an hour. `live` needs the services of `tests/stack/services/install.sh`. docs/benchmarks.md tells
//! what came out and where the time goes.

#![expect(clippy::expect_used, reason = "what the stack tests share with it panics, as tests do")]

#[path = "../../tests/stack/broker.rs"]
#[expect(dead_code, reason = "the stack tests ask more of it")]
mod broker;
mod chunfeng;
mod cost;
mod drain;
mod entities;
mod events_file;
mod figures;
mod goal;
mod herd;
#[path = "../../tests/stack/http.rs"]
#[expect(dead_code, reason = "the stack tests ask more of it")]
mod http;
mod jobs;
mod latency;
mod live;
#[path = "../../tests/stack/process.rs"]
#[expect(dead_code, reason = "the stack tests ask more of it")]
mod process;
mod record_queue;
mod replay;
mod scrape;
#[path = "../../tests/stack/services.rs"]
#[expect(dead_code, reason = "the stack tests ask more of it")]
mod services;

use std::error::Error;

use clap::{Parser, Subcommand, ValueEnum};

use self::goal::Row;
use self::jobs::Job;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const TOPIC: &str = "hr.workers";
const PARTITIONS: i32 = 8;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Measures the goals of the main job.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    /// What to measure.
    parts: Vec<Part>,
    /// How many events are read from Kafka and from a file.
    #[arg(long, default_value_t = 2_000_000)]
    events: usize,
    /// How often everybody takes a turn.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many entities with two facts each.
    #[arg(long, default_value_t = 100_000_000)]
    entities: u64,
    /// How many a country has.
    #[arg(long, default_value_t = 300_000_000)]
    country: u64,
    /// Half of the events a second that a full load is.
    #[arg(long, default_value_t = 80_000)]
    half_load: usize,
    /// The same of Flink.
    #[arg(long, default_value_t = 30_000)]
    flink_half_load: usize,
    /// Leave the other engines out of `live`.
    #[arg(long)]
    alone: bool,
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    process: Option<Process>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Live,
    Replay,
    Entities,
    Country,
    Latency,
    Scrape,
}

/// What processes of its own are started for.
#[derive(Subcommand)]
#[command(hide = true)]
enum Process {
    Drain { bootstrap: String, events: usize },
    Parse { file: std::path::PathBuf },
    Herd { workers: u64, returns: u64, lake: String },
}

fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    match &arguments.process {
        Some(Process::Drain { bootstrap, events }) => drain::drain(bootstrap, *events),
        Some(Process::Parse { file }) => replay::parse_lines(file),
        Some(Process::Herd { workers, returns, lake }) => entities::run(*workers, *returns, lake),
        None => tell(&arguments),
    }
}

/// Those whom chunfeng is compared with.
fn others(arguments: &Arguments) -> Outcome<Vec<Job>> {
    match arguments.alone {
        true => Ok(Vec::new()),
        false => Ok(vec![jobs::pathway()?, jobs::flink()?, jobs::kafka_streams()?]),
    }
}

fn tell(arguments: &Arguments) -> Outcome<()> {
    let all = Part::value_variants();
    let parts = if arguments.parts.is_empty() { all } else { &arguments.parts[..] };
    let mut rows: Vec<Row> = Vec::new();
    for part in parts {
        rows.extend(match part {
            Part::Live => live::rows(arguments.events, arguments.rounds, others(arguments)?)?,
            Part::Replay => replay::rows(arguments.events, arguments.rounds)?,
            Part::Entities => entities::rows(arguments.entities)?,
            Part::Country => entities::country_rows(arguments.country)?,
            Part::Latency => latency::rows(arguments.half_load, arguments.flink_half_load)?,
            Part::Scrape => scrape::rows(arguments.events, arguments.rounds)?,
        });
    }
    println!("\n| what | goal | figure | verdict |\n|---|---|---|---|");
    rows.iter().for_each(|row| println!("{row}"));
    Ok(())
}
