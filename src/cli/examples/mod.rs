//! `chunfeng test`: the examples in pipeline files, run as tests.
//!
//! `outcome` runs one, in several orders; `told` says what was expected, what came and which facts decided it.

mod outcome;
mod told;

use std::sync::Arc;

use clap::Args;

use super::FolderFlags;
use crate::error::{Error, ErrorKind, Result};
use crate::spec::{self, Pipeline};

pub use outcome::failures;

/// Run the tests in pipeline files: events in, rates out, in any order.
#[derive(Args)]
pub struct Test {
    #[command(flatten)]
    folder: FolderFlags,
    /// Only tests whose name has this in it.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

impl Test {
    pub fn run(&self) -> Result<()> {
        let settings = self.folder.load()?;
        let (mut passed, mut failed) = (0, 0);
        let pipelines = spec::load_folder(&settings.pipelines)?;
        let pipelines: Vec<_> = pipelines.into_iter().map(Arc::new).collect();
        for pipeline in &pipelines {
            let (well, ill) = self.run_pipeline(pipeline, &pipelines);
            passed += well;
            failed += ill;
        }
        println!("{passed} passed, {failed} failed");
        match (failed, passed) {
            (0, 0) => Err(Error::new(ErrorKind::Invalid, "there is no such test")
                .advise("write some under `tests:` in a pipeline file, or leave `--only` out")),
            (0, _) => Ok(()),
            _ => Err(Error::new(ErrorKind::Disagreement, format!("{failed} tests failed"))),
        }
    }

    /// How many passed and how many failed.
    fn run_pipeline(&self, pipeline: &Arc<Pipeline>, all: &[Arc<Pipeline>]) -> (usize, usize) {
        let is_wanted = |name: &str| self.only.as_deref().is_none_or(|part| name.contains(part));
        let wanted = || pipeline.examples.iter().filter(|example| is_wanted(&example.name));
        if wanted().next().is_some() {
            println!("{} {} {}", pipeline.name, pipeline.title.zh, pipeline.title.en);
        }
        let (mut passed, mut failed) = (0, 0);
        for example in wanted() {
            let failures = failures(pipeline, all, example);
            match failures.is_empty() {
                true => passed += 1,
                false => failed += 1,
            }
            println!("  {} {}", if failures.is_empty() { "✓" } else { "✗" }, example.name);
            for failure in failures {
                failure.lines().for_each(|line| println!("      {line}"));
            }
        }
        (passed, failed)
    }
}
