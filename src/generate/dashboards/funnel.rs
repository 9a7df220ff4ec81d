//! Funnels: from the many who begin to the few who arrive, of every pipeline whose file tells one.

use super::canvas::Canvas;
use super::frame::{Frame, Shared, both};
use super::{stages, variables};
use crate::spec::Pipeline;

/// The file's text; nothing where no pipeline has a funnel.
pub fn text(pipelines: &[Pipeline]) -> Option<String> {
    let mut canvas = Canvas::default();
    for pipeline in pipelines.iter().filter(|pipeline| !pipeline.funnel.is_empty()) {
        canvas.section(&both(&pipeline.title));
        stages::of_one_area(&mut canvas, pipeline);
        stages::of_a_level(&mut canvas, pipeline);
    }
    let panels = canvas.finish();
    let variables = variables::of_one_area();
    (!panels.is_empty()).then(|| Frame::shared(Shared::Funnel, variables, panels).text())
}
