//! `chunfeng replay`: a bounded backfill from NDJSON.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::instance::engine_metrics;
use super::signals::Signals;
use super::{SettingFlags, progress};
use crate::board::Boards;
use crate::clock::{Clock, SystemClock};
use crate::engine::{AsOf, Engine, Life, Publication};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::RecordOutcome;
use crate::settings::{self, Raw};
use crate::source::files::{FileSource, Input};
use crate::spec;

/// Backfill from NDJSON files or standard input.
#[derive(Args)]
pub struct Replay {
    #[command(flatten)]
    settings: SettingFlags,
    /// Where the lake is: a folder, or a bucket as s3://BUCKET/PREFIX.
    #[arg(long, value_name = "URL")]
    lake: Option<String>,
    /// The files, each line an event; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Replay {
    pub fn run(&self) -> Result<()> {
        let settings = self.settings.load(Raw { lake: self.lake.clone(), ..Raw::default() })?;
        let lake = settings.lake()?;
        let pipelines: Vec<_> =
            spec::load_folder(&settings.pipelines)?.into_iter().map(Arc::new).collect();
        let key = Arc::new(settings::key(&settings)?);
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let inputs = self.inputs(&*clock)?;
        let bar = progress::bytes(inputs.iter().map(Input::bytes).sum());
        let names: Vec<String> = pipelines.iter().map(|pipeline| pipeline.name.clone()).collect();
        let metrics = Arc::new(engine_metrics()?);
        let engine = Engine {
            pipelines,
            lake,
            key,
            shards: settings.shards,
            commit_interval: settings.commit_interval,
            replay_at_most: settings.replay_at_most,
            life: Life::Replay,
            as_of: AsOf::NewestEvent,
            publication: Publication::Boards,
            clock,
            boards: Arc::new(Boards::default()),
            metrics: metrics.clone(),
        };
        let signals = Signals::listen()?;
        let source = FileSource::new(inputs, Arc::new(bar.clone()));
        engine.run(Box::new(source), signals.stop())?;
        bar.finish_and_clear();
        for name in names {
            let counts =
                RecordOutcome::ALL.map(|outcome| (outcome.code(), metrics.records(&name, outcome)));
            let counts: Vec<String> =
                counts.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
            eprintln!("{name}: {}", counts.join(", "));
        }
        match signals.were_received() {
            false => Ok(()),
            true => Err(Error::new(ErrorKind::Disagreement, "interrupted before the end")
                .advise("run it again with the same files: it goes on behind what is committed")),
        }
    }

    fn inputs(&self, clock: &dyn Clock) -> Result<Vec<Input>> {
        let input = |path: &PathBuf| match path.as_path() == Path::new("-") {
            true => Ok(Input::standard_input(clock.now())?),
            false => Ok(Input::file(path)?),
        };
        self.files.iter().map(input).collect()
    }
}
