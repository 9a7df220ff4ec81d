//! Service levels: is what was promised kept, of every pipeline whose file names the rates that tell.

use serde_json::Value;

use super::canvas::Canvas;
use super::frame::{Frame, Shared, both};
use super::panel::{self, Query};
use super::rate_figures::{
    PEOPLE_READ, column, definition, families, figures, main_family, select, shown,
};
use super::{thresholds, variables};
use crate::generate::promql::{named, whoever_exports};
use crate::spec::{Pipeline, Rate};

/// The file's text; nothing where no pipeline has any.
pub fn text(pipelines: &[Pipeline]) -> Option<String> {
    let mut canvas = Canvas::default();
    for pipeline in pipelines.iter().filter(|pipeline| !pipeline.service_levels.is_empty()) {
        canvas.section(&both(&pipeline.title));
        of_one_area(&mut canvas, pipeline);
        for rate in rates(pipeline) {
            canvas.place(12, 9, by_area(pipeline, rate));
        }
    }
    let panels = canvas.finish();
    let variables = variables::of_one_area();
    (!panels.is_empty()).then(|| Frame::shared(Shared::ServiceLevels, variables, panels).text())
}

/// The service levels of one area, `$area`, now and over time.
pub fn of_one_area(canvas: &mut Canvas, pipeline: &Pipeline) {
    for rate in rates(pipeline) {
        let figure = select(pipeline, rate, main_family(rate), &[("area=", "$area")]);
        let query = [Query::range(whoever_exports("pipeline", &figure), &both(&rate.title))];
        let defaults =
            thresholds::coloured(shown(pipeline, rate), thresholds::of_ratio(pipeline, rate));
        canvas.place(6, 5, panel::stat(&both(&rate.title), &definition(rate), defaults, &query));
    }
}

fn rates(pipeline: &Pipeline) -> impl Iterator<Item = &Rate> {
    pipeline.service_levels.iter().map(|index| &pipeline.rates[*index])
}

fn by_area(pipeline: &Pipeline, rate: &Rate) -> Value {
    let of_level = |family: &str| {
        let figure = select(pipeline, rate, family, &[("level=", "$level")]);
        Query::instant(named(&whoever_exports("area", &figure)), PEOPLE_READ)
    };
    let queries: Vec<Query> = families(rate).iter().map(|family| of_level(family)).collect();
    let mut columns = vec![
        column("name_zh", "地区".to_owned(), vec![]),
        column("name_en", "Area".to_owned(), vec![]),
    ];
    columns.extend(figures(pipeline, rate));
    let title = format!("{} · 各地 By area", both(&rate.title));
    panel::table(&title, &definition(rate), &columns, &both(&rate.title), &queries)
}
