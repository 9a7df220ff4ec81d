//! `chunfeng check`: everything that can be known before a start.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::SettingFlags;
use crate::area::AreaTree;
use crate::board::{Board, FigureKey};
use crate::engine::board_of_example;
use crate::error::{Error, ErrorKind, Result};
use crate::publish::{refuse_too_many_series, series_most};
use crate::settings::Raw;
use crate::spec::{self, Example, Expectation, Pipeline};

/// Validate pipelines and settings, and run the pipelines' own tests.
#[derive(Args)]
pub struct Check {
    /// The folder of pipeline files; the settings' own unless said.
    #[arg(value_name = "DIR")]
    pipelines: Option<PathBuf>,
    /// The settings file; `chunfeng.yaml` is read if it is there.
    #[arg(long, value_name = "FILE", env = "CHUNFENG_CONFIG")]
    config: Option<PathBuf>,
}

impl Check {
    pub fn run(&self) -> Result<()> {
        let flags = SettingFlags {
            config: self.config.clone(),
            pipelines: self.pipelines.clone(),
            key_file: None,
        };
        let settings = flags.load(Raw::default())?;
        settings.lake()?;
        let pipelines: Vec<_> =
            spec::load_folder(&settings.pipelines)?.into_iter().map(Arc::new).collect();
        let areas = AreaTree::gbt2260();
        let mut failures = Vec::new();
        for pipeline in &pipelines {
            for example in &pipeline.examples {
                failures.extend(run_example(pipeline, areas, example));
            }
            let most = series_most(pipeline, areas);
            println!(
                "{}: {} kinds, {} measures, {} rates, {} tests, at most {most} series",
                pipeline.name,
                pipeline.kinds.len(),
                pipeline.measures.len(),
                pipeline.rates.len(),
                pipeline.examples.len(),
            );
        }
        refuse_too_many_series(&pipelines, areas)?;
        match failures.is_empty() {
            true => Ok(()),
            false => Err(Error::new(ErrorKind::Invalid, failures.join("\n"))),
        }
    }
}

/// What an example's board says otherwise than expected.
fn run_example(
    pipeline: &Arc<Pipeline>,
    areas: &'static AreaTree,
    example: &Example,
) -> Vec<String> {
    let told = |what: String| format!("{}: test `{}`: {what}", pipeline.name, example.name);
    match board_of_example(pipeline, areas, example) {
        Ok(board) => example
            .expect
            .iter()
            .filter_map(|expected| differs(&board, areas, expected))
            .map(told)
            .collect(),
        Err(error) => vec![told(error.to_string())],
    }
}

fn differs(board: &Board, areas: &AreaTree, expected: &Expectation) -> Option<String> {
    let Some(area) = areas.resolve(&expected.area) else {
        return Some(format!("`{}` is no area", expected.area));
    };
    let figure =
        board.figure(FigureKey { rate: expected.rate as u16, area, slice: expected.slice });
    let found = figure.map_or((0, 0), |figure| (figure.numerator, figure.denominator));
    let wanted = (expected.numerator, expected.denominator);
    let rate = &board.pipeline.rates[expected.rate].name;
    (found != wanted).then(|| {
        let (found_above, found_below) = found;
        format!(
            "{rate} of {} is {found_above}/{found_below}, expected {}/{}",
            expected.area, expected.numerator, expected.denominator
        )
    })
}
