//! The commands, one file each, and how a failure is told.

mod check;
mod demo;
mod examples;
mod explain;
mod figures;
mod generate;
mod ingest;
mod instance;
mod notify;
mod producer;
mod progress;
mod rates;
mod rejects;
mod replay;
mod run;
mod scenario;
mod serve;
mod serving;
mod signals;
mod table;
mod upkeep;
mod visit;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::error::{Error, Result};
use crate::settings::{Raw, Settings};

/// 春风 chunfeng: live hiring and return-to-work rates, from Kafka to Parquet and Prometheus.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Arguments {
    /// Show causes of failures and more of the log.
    #[arg(long, short, global = true)]
    pub verbose: bool,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 the result is not what was asked for; 2 a pipeline file, setting or argument is wrong;
3 the lake cannot be used; 4 a source cannot be read; 70 a mistake in this program.";

#[derive(Subcommand)]
enum Command {
    /// Play the springs of five cities: broker, scenario, engine and metrics in one process.
    Demo(demo::Demo),
    /// Write the events of the springs for your own use.
    Scenario(scenario::Scenario),
    /// Consume Kafka, keep the lake, publish the rates.
    Run(run::Run),
    /// Consume a share of Kafka's partitions and keep the lake, as one of several instances.
    Ingest(ingest::Ingest),
    /// Publish the rates of a lake that several `ingest` feed.
    Serve(serve::Serve),
    /// Backfill from NDJSON files or standard input.
    Replay(replay::Replay),
    /// Show the rates that a lake holds, as of any moment.
    Rates(rates::Rates),
    /// Tell why a rate is what it is, and what moved it.
    Explain(explain::Explain),
    /// Show rejected records, unsealed with the key.
    Rejects(rejects::Rejects),
    /// Put small files of a lake together, trim its log and remove what nobody needs.
    Upkeep(upkeep::Upkeep),
    /// Validate pipelines and settings, and run the pipelines' own tests.
    Check(check::Check),
    /// Run the tests in pipeline files: events in, rates out, in any order.
    Test(examples::Test),
    /// Write dashboards, Prometheus rules and their tests from the pipeline files.
    Generate(generate::Generate),
    /// Pass alerts of Alertmanager on to group robots: WeCom, DingTalk, Feishu.
    Notify(notify::Notify),
}

impl Arguments {
    /// Runs the command.
    pub fn run(&self) -> Result<()> {
        match &self.command {
            Command::Demo(demo) => demo.run(),
            Command::Scenario(scenario) => scenario.run(),
            Command::Run(run) => run.run(),
            Command::Ingest(ingest) => ingest.run(),
            Command::Serve(serve) => serve.run(),
            Command::Replay(replay) => replay.run(),
            Command::Rates(rates) => rates.run(),
            Command::Explain(explain) => explain.run(),
            Command::Rejects(rejects) => rejects.run(),
            Command::Upkeep(upkeep) => upkeep.run(),
            Command::Check(check) => check.run(),
            Command::Test(test) => test.run(),
            Command::Generate(generate) => generate.run(),
            Command::Notify(notify) => notify.run(),
        }
    }
}

/// Settings that several commands share.
#[derive(Args, Default)]
struct SettingFlags {
    /// The settings file; `chunfeng.yaml` is read if it is there.
    #[arg(long, value_name = "FILE", env = "CHUNFENG_CONFIG")]
    config: Option<PathBuf>,
    /// The folder of pipeline files.
    #[arg(long, value_name = "DIR")]
    pipelines: Option<PathBuf>,
    /// The key behind pseudonyms and sealed rejects; your own in ~/.config/chunfeng/key unless said.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl SettingFlags {
    fn load(&self, raw: Raw) -> Result<Settings> {
        let flags = Raw {
            pipelines: self.pipelines.clone().or(raw.pipelines),
            key_file: self.key_file.clone().or(raw.key_file),
            ..raw
        };
        // Variables of others may be no text; `std::env::vars` would panic at them.
        let variables = std::env::vars_os().filter_map(|(variable, value)| {
            let variable = variable.into_string().ok()?;
            Some((variable, value.to_string_lossy().into_owned()))
        });
        Settings::load(self.config.as_deref(), variables, flags)
    }
}

/// What commands share that read a folder of pipeline files and neither a lake nor a source.
#[derive(Args)]
struct FolderFlags {
    /// The folder of pipeline files; the settings' own unless said.
    #[arg(value_name = "DIR")]
    pipelines: Option<PathBuf>,
    /// The settings file; `chunfeng.yaml` is read if it is there.
    #[arg(long, value_name = "FILE", env = "CHUNFENG_CONFIG")]
    config: Option<PathBuf>,
}

impl FolderFlags {
    fn load(&self) -> Result<Settings> {
        let flags = SettingFlags {
            config: self.config.clone(),
            pipelines: self.pipelines.clone(),
            key_file: None,
        };
        flags.load(Raw::default())
    }
}

/// What commands share that read a lake and write none.
#[derive(Args)]
struct LakeFlags {
    /// Where the lake is: a folder, or a bucket as s3://BUCKET/PREFIX. As the settings say, unless said.
    #[arg(long, value_name = "URL")]
    lake: Option<String>,
    /// The settings file; `chunfeng.yaml` is read if it is there.
    #[arg(long, value_name = "FILE", env = "CHUNFENG_CONFIG")]
    config: Option<PathBuf>,
}

impl LakeFlags {
    fn load(&self, raw: Raw) -> Result<Settings> {
        let flags = SettingFlags { config: self.config.clone(), ..SettingFlags::default() };
        flags.load(Raw { lake: self.lake.clone(), ..raw })
    }
}

/// Tells a failure: one clear line, what to do, and the chain of causes where asked for.
pub fn report(error: &Error, verbose: bool) {
    eprintln!("error: {error}");
    if let Some(advice) = error.advice() {
        eprintln!("    {advice}");
    }
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let (true, Some(source)) = (verbose, cause) {
        // A room's own error says what the line above says already.
        if source.to_string() != told {
            told = source.to_string();
            eprintln!("    because: {told}");
        }
        cause = source.source();
    }
}

/// A runtime for commands that talk to the lake and end.
fn runtime() -> Result<tokio::runtime::Runtime> {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.map_err(|error| {
        Error::new(crate::error::ErrorKind::Internal, "cannot start threads").because(error)
    })
}
