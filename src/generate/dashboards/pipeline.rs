//! A pipeline's own dashboard: in which order the panels of its rates come, and then those of its engine.

use serde_json::Value;

use super::canvas::Canvas;
use super::frame::{Frame, both};
use super::{engine_panels, rate_panels, variables};
use crate::spec::Pipeline;

/// The file's text.
pub fn text(pipeline: &Pipeline) -> String {
    Frame::of_pipeline(pipeline, variables::of(pipeline), panels(pipeline)).text()
}

fn panels(pipeline: &Pipeline) -> Vec<Value> {
    let mut canvas = Canvas::default();
    canvas.section("总览 Headline");
    if pipeline.rates.iter().any(|rate| rate.season.is_some()) {
        rate_panels::season(&mut canvas, pipeline);
    }
    for rate in &pipeline.rates {
        rate_panels::headlines(&mut canvas, pipeline, rate);
    }
    for rate in &pipeline.rates {
        canvas.section(&both(&rate.title));
        rate_panels::section(&mut canvas, pipeline, rate);
    }
    canvas.section("数据与运行 Feeds and engine");
    engine_panels::section(&mut canvas, pipeline);
    canvas.finish()
}
