//! `chunfeng check`: everything that can be known before a start.

use std::sync::Arc;

use clap::Args;

use super::{FolderFlags, examples};
use crate::error::{Error, ErrorKind, Result};
use crate::publish::{refuse_too_many_series, series_most};
use crate::spec;

/// Validate pipelines and settings, and run the pipelines' own tests.
#[derive(Args)]
pub struct Check {
    #[command(flatten)]
    folder: FolderFlags,
}

impl Check {
    pub fn run(&self) -> Result<()> {
        let settings = self.folder.load()?;
        settings.lake()?;
        let pipelines: Vec<_> =
            spec::load_folder(&settings.pipelines)?.into_iter().map(Arc::new).collect();
        let mut failures = Vec::new();
        for pipeline in &pipelines {
            for example in &pipeline.examples {
                let told = |what: String| {
                    let what = what.lines().next().unwrap_or_default().to_owned();
                    format!("{}: test `{}`: {what}", pipeline.name, example.name)
                };
                failures.extend(
                    examples::failures(pipeline, &pipelines, example).into_iter().map(told),
                );
            }
            let most = series_most(pipeline);
            println!(
                "{}: {} kinds, {} measures, {} rates, {} tests, at most {most} series",
                pipeline.name,
                pipeline.kinds.len(),
                pipeline.measures.len(),
                pipeline.rates.len(),
                pipeline.examples.len(),
            );
        }
        refuse_too_many_series(&pipelines)?;
        match failures.is_empty() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Invalid, failures.join("\n")).advise(
                "`chunfeng test` tells what was expected, what came and which facts decided it",
            )),
        }
    }
}
