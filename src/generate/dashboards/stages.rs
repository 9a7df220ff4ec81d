//! The panels of a funnel: how many are at each stage, and how many of one get to the next.

use super::canvas::Canvas;
use super::frame::both;
use super::panel::{self, Query, number};
use super::rate_figures::{column, select, share, unit, value_of};
use crate::generate::promql::{named, whoever_exports};
use crate::spec::{Pipeline, Side, Stage};

/// The stages of one area, `$area`, and how many get on.
pub fn of_one_area(canvas: &mut Canvas, pipeline: &Pipeline) {
    let count = |stage: &Stage| format!("max({})", family(pipeline, stage, &[("area=", "$area")]));
    let stages = pipeline.funnel.iter();
    let bars: Vec<Query> =
        stages.map(|stage| Query::instant(count(stage), &both(&stage.title))).collect();
    let title = format!("{} · 漏斗 Funnel", both(&pipeline.title));
    let description = "各环节人数 How many are at each stage";
    canvas.place(12, 9, panel::bars(&title, description, number("short", 0), &bars));
    let steps = pipeline.funnel.windows(2).filter_map(|pair| {
        let [from, to] = pair else { return None };
        let ratio = format!("{}\n/ ({} != 0)", count(to), count(from));
        Some(Query::range(ratio, &format!("{} / {}", both(&to.title), both(&from.title))))
    });
    let steps: Vec<Query> = steps.collect();
    let title = format!("{} · 转化 Conversion", both(&pipeline.title));
    let description = "各环节人数与上一环节之比 Each stage over the one before";
    canvas.place(12, 9, panel::lines(&title, description, share(), &steps));
}

/// The stages of every area of `$level`.
pub fn of_a_level(canvas: &mut Canvas, pipeline: &Pipeline) {
    let stages = pipeline.funnel.iter();
    let queries = stages.map(|stage| {
        let count = family(pipeline, stage, &[("level=", "$level")]);
        Query::instant(named(&whoever_exports("area", &count)), "")
    });
    let queries: Vec<Query> = queries.collect();
    let mut columns = vec![
        column("name_zh", "地区".to_owned(), vec![]),
        column("name_en", "Area".to_owned(), vec![]),
    ];
    columns.extend(
        pipeline
            .funnel
            .iter()
            .enumerate()
            .map(|(index, stage)| column(&value_of(index), both(&stage.title), unit("short", 0))),
    );
    columns.push(column("area", "代码 Code".to_owned(), vec![]));
    let sorted_by = pipeline.funnel.first().map(|stage| both(&stage.title)).unwrap_or_default();
    let title = format!("{} · 各地 By area", both(&pipeline.title));
    let description =
        "所选层级各地区各环节人数 How many are at each stage, by area of the chosen level";
    canvas.place(24, 10, panel::table(&title, description, &columns, &sorted_by, &queries));
}

fn family(pipeline: &Pipeline, stage: &Stage, matchers: &[(&str, &str)]) -> String {
    let family = match stage.side {
        Side::Numerator => "chunfeng_rate_numerator",
        Side::Denominator => "chunfeng_rate_denominator",
    };
    select(pipeline, &pipeline.rates[stage.rate], family, matchers)
}
