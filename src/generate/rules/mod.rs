//! Prometheus rules and their tests: of every pipeline, and of the engine whichever they are.

mod alert_text;
mod engine_alerts;
mod engine_rules;
mod feed_rules;
mod feed_tests;
mod pipeline_rules;
mod pipeline_tests;
mod rate_alert;
mod record_tests;
mod test_series;
mod yaml;

pub use pipeline_rules::recorded_names;
pub use rate_alert::STALE_SECONDS;

use super::GeneratedFile;
use crate::spec::Pipeline;

/// Where they are.
pub const FOLDER: &str = "docker/prometheus/rules";

/// A file of rules and one of tests for each pipeline, and for the engine.
pub fn files(pipelines: &[Pipeline]) -> Vec<GeneratedFile> {
    let pair = |name: &str, rules, tests| {
        [
            GeneratedFile { path: format!("{FOLDER}/{name}.yml"), text: rules },
            GeneratedFile { path: format!("{FOLDER}/{name}.test.yml"), text: tests },
        ]
    };
    let of_pipeline = |pipeline: &Pipeline| {
        pair(&pipeline.name, pipeline_rules::text(pipeline), pipeline_tests::text(pipeline))
    };
    let of_engine = pair(engine_rules::NAME, engine_rules::text(), engine_rules::tests());
    pipelines.iter().flat_map(of_pipeline).chain(of_engine).collect()
}
