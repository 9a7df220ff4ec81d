//! Grafana dashboards: one of each pipeline, and those that all pipelines share.
//!
//! What a panel asks is written beside what it shows; [`panel`] knows Grafana's JSON, [`frame`] what is around the panels.

mod alert_panels;
mod area;
mod areas;
mod canvas;
mod engine_panels;
mod frame;
mod funnel;
mod health;
mod overview;
mod panel;
mod pipeline;
mod rate_figures;
mod rate_panels;
mod service_levels;
mod stages;
mod thresholds;
mod variables;

#[cfg(test)]
mod tests;

pub use frame::uid;
#[cfg(test)]
pub use variables::SPRINGS;

use self::frame::Shared;
use super::GeneratedFile;
use crate::spec::Pipeline;

/// Where they are. Grafana shows those of pipelines in a folder of their own.
pub const FOLDER: &str = "grafana/dashboards";

/// Every dashboard.
pub fn files(pipelines: &[Pipeline]) -> Vec<GeneratedFile> {
    let shared = Shared::ALL.into_iter().filter_map(|which| {
        let text = match which {
            Shared::Overview => overview::text(pipelines),
            Shared::Areas => areas::text(pipelines)?,
            Shared::Area => area::text(pipelines),
            Shared::Funnel => funnel::text(pipelines)?,
            Shared::ServiceLevels => service_levels::text(pipelines)?,
            Shared::Health => health::text(),
        };
        Some(GeneratedFile { path: format!("{FOLDER}/{}.json", which.name()), text })
    });
    let of_pipeline = |pipeline: &Pipeline| GeneratedFile {
        path: format!("{FOLDER}/pipelines/{}.json", pipeline.name),
        text: pipeline::text(pipeline),
    };
    shared.chain(pipelines.iter().map(of_pipeline)).collect()
}
