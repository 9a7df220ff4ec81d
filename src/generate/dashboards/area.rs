//! One area: every rate of it, beside last spring, what fires, its funnels and its service levels.

use serde_json::Value;

use super::canvas::Canvas;
use super::frame::{Frame, Shared, both, link_to_pipeline};
use super::panel::{self, Query};
use super::rate_figures::{POINTS, column, share, unit, value_of};
use super::{alert_panels, service_levels, stages, variables};
use crate::generate::promql::{selector, whoever_exports};
use crate::spec::Pipeline;

/// The file's text.
pub fn text(pipelines: &[Pipeline]) -> String {
    let variables = variables::of_one_area();
    Frame::shared(Shared::Area, variables, panels(pipelines)).with_alerts("area=", "$area").text()
}

fn panels(pipelines: &[Pipeline]) -> Vec<Value> {
    let mut canvas = Canvas::default();
    canvas.section("比率 Shares");
    canvas.place(24, 14, shares());
    canvas.place(24, 6, alert_panels::firing(&[("area=", "$area")]));
    canvas.place(12, 10, curves("比率走势 Shares over time", "chunfeng_rate_ratio", 1));
    canvas.place(
        12,
        10,
        curves("比去年同日 Above last spring", "chunfeng_rate_above_last_spring_ratio", 100),
    );
    canvas.section("数量 Counts");
    canvas.place(12, 14, numbers("计数 Counts", "count", "chunfeng_rate_numerator", 0));
    canvas.place(12, 14, numbers("平均 Quotients", "quotient", "chunfeng_rate_ratio", 2));
    for pipeline in pipelines.iter().filter(|pipeline| !pipeline.funnel.is_empty()) {
        canvas.section(&both(&pipeline.title));
        stages::of_one_area(&mut canvas, pipeline);
    }
    for pipeline in pipelines.iter().filter(|pipeline| !pipeline.service_levels.is_empty()) {
        canvas.section(&both(&pipeline.title));
        service_levels::of_one_area(&mut canvas, pipeline);
    }
    canvas.finish()
}

/// A family of the chosen area, with the titles of the rates of one kind.
fn titled(family: &str, kind: &str, further: &[(&str, &str)]) -> String {
    let mut matchers = vec![("area=", "$area")];
    matchers.extend(further);
    let figures = whoever_exports("pipeline, rate", &selector(family, &matchers));
    let titles = selector("chunfeng_rate_info", &[("kind=", kind)]);
    let titles = whoever_exports("pipeline, rate, title_zh, title_en", &titles);
    format!("{figures}\n* on (pipeline, rate) group_left (title_zh, title_en)\n{titles}")
}

fn shares() -> Value {
    let of = |family: &str| titled(family, "share", &[]);
    let queries = [
        Query::instant(of("chunfeng_rate_ratio"), ""),
        Query::instant(of("chunfeng_rate_numerator"), ""),
        Query::instant(of("chunfeng_rate_denominator"), ""),
        Query::instant(
            format!(
                "100 * {}",
                titled("chunfeng_rate_change_ratio", "share", &[("window=", "24h")])
            ),
            "",
        ),
        Query::instant(of("chunfeng_rate_last_spring_ratio"), ""),
        Query::instant(format!("100 * {}", of("chunfeng_rate_above_last_spring_ratio")), ""),
    ];
    let mut columns = names();
    columns.extend([
        column(&value_of(0), SORTED_BY.to_owned(), unit("percentunit", 1)),
        column(&value_of(1), "分子 Numerator".to_owned(), unit("short", 0)),
        column(&value_of(2), "分母 Denominator".to_owned(), unit("short", 0)),
        column(&value_of(3), "24h 变化 Change".to_owned(), unit(POINTS, 2)),
        column(&value_of(4), "去年同日 Last spring".to_owned(), unit("percentunit", 1)),
        column(&value_of(5), "同比 Above last spring".to_owned(), unit(POINTS, 2)),
        column("rate", "名称 Name".to_owned(), vec![]),
    ]);
    let description = "所选地区的全部比率 Every share of the chosen area";
    panel::table("比率 Shares", description, &columns, SORTED_BY, &queries)
}

const SORTED_BY: &str = "比率 Ratio";

fn names() -> Vec<panel::Column> {
    let link = link_to_pipeline("${__data.fields.pipeline}");
    vec![
        column("title_zh", "指标".to_owned(), vec![("links", serde_json::json!([link]))]),
        column("title_en", "Rate".to_owned(), vec![]),
        column("pipeline", "管道 Pipeline".to_owned(), vec![]),
    ]
}

fn numbers(title: &str, kind: &str, family: &str, decimals: u32) -> Value {
    let query = [Query::instant(titled(family, kind, &[]), "")];
    let mut columns = names();
    columns.push(column(&value_of(0), NUMBER.to_owned(), unit("short", decimals)));
    columns.push(column("rate", "名称 Name".to_owned(), vec![]));
    let description =
        "所选地区；单位见各管道看板 Of the chosen area; units are on each pipeline's dashboard";
    panel::table(title, description, &columns, NUMBER, &query)
}

const NUMBER: &str = "数值 Figure";

fn curves(title: &str, family: &str, times: u32) -> Value {
    let vector = titled(family, "share", &[]);
    let (vector, defaults) = match times {
        1 => (vector, share()),
        _ => (format!("{times} * {vector}"), panel::number(POINTS, 2)),
    };
    let query = [Query::range(vector, "{{title_zh}} {{title_en}}")];
    panel::lines(title, "所选地区 Of the chosen area", defaults, &query)
}
