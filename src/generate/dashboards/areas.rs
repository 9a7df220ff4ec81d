//! Areas beside one another: the parts of one area, ranked, with their curves, and what each of them leads to.

use serde_json::{Value, json};

use super::canvas::Canvas;
use super::frame::{Frame, Shared, link_to_area, link_to_parts};
use super::panel::{self, Query};
use super::rate_figures::{PEOPLE_READ, POINTS, column, share, unit, value_of};
use super::{thresholds, variables};
use crate::generate::promql::{NAMES, selector, whoever_exports};
use crate::spec::{Pipeline, Rate};

/// A timeline of more areas than this is not read.
const BANDS_MOST: usize = 25;

/// The file's text; nothing where no pipeline has a share.
pub fn text(pipelines: &[Pipeline]) -> Option<String> {
    // Where most alerts are, people look first.
    let most_watched = pipelines.iter().filter(|one| shares(one).next().is_some());
    let pipeline = most_watched.rev().max_by_key(|pipeline| pipeline.alerts.len())?;
    let rate = shares(pipeline).next()?;
    let variables = vec![
        variables::source(),
        variables::pipeline(pipeline),
        variables::share((&rate.title.zh, &rate.name)),
        variables::season(),
        variables::whole(),
    ];
    Some(
        Frame::shared(Shared::Areas, variables, panels())
            .with_alerts("pipeline=", "$pipeline")
            .text(),
    )
}

fn shares(pipeline: &Pipeline) -> impl Iterator<Item = &Rate> {
    pipeline.rates.iter().filter(|rate| pipeline.is_share(rate))
}

fn panels() -> Vec<Value> {
    let mut canvas = Canvas::default();
    canvas.place(24, 12, ranking());
    canvas.place(24, 12, bands());
    canvas.place(24, 10, curves());
    canvas.finish()
}

/// A family of the chosen rate, of the parts of the chosen area.
fn of_parts(family: &str, further: &[(&str, &str)]) -> String {
    let mut matchers = vec![("pipeline=", "$pipeline"), ("rate=", "$rate")];
    matchers.extend(further);
    format!("{}\n{}", whoever_exports("area, level", &selector(family, &matchers)), PARTS)
}

/// Joined on: only the parts of the chosen area stay, with their names.
const PARTS: &str = "* on (area) group_left (name_zh, name_en)\n\
                     max by (area, name_zh, name_en) (chunfeng_area_info{parent=\"$within\"})";

const RATIO: &str = "${season}_ratio";

fn ranking() -> Value {
    let day = [("window=", "24h")];
    let queries = [
        Query::instant(of_parts(RATIO, &[]), ""),
        Query::instant(of_parts("${season}_numerator", &[]), ""),
        Query::instant(of_parts("${season}_denominator", &[]), ""),
        Query::instant(format!("100 * {}", of_parts("chunfeng_rate_change_ratio", &day)), ""),
        Query::instant(
            format!("100 * {}", of_parts("chunfeng_rate_above_last_spring_ratio", &[])),
            "",
        ),
        Query::range(of_parts(RATIO, &[]), ""),
    ];
    let area = "${__data.fields.area}";
    let links = json!([
        link_to_parts("${pipeline}", "${rate}", area),
        link_to_area("${__data.fields.level}", area),
    ]);
    let mut gauge = unit("percentunit", 1);
    gauge.extend([
        ("min", json!(0)),
        ("max", json!(1)),
        ("thresholds", thresholds::of_any_share()),
        ("custom.cellOptions", json!({ "type": "gauge", "mode": "basic" })),
    ]);
    let mut curve = unit("percentunit", 1);
    curve.push(("custom.cellOptions", json!({ "type": "sparkline" })));
    let columns = [
        column("name_zh", "地区".to_owned(), vec![("links", links)]),
        column("name_en", "Area".to_owned(), vec![]),
        column(&value_of(0), RANKED_BY.to_owned(), gauge),
        column(&value_of(1), "分子 Numerator".to_owned(), unit("short", 0)),
        column(&value_of(2), "分母 Denominator".to_owned(), unit("short", 0)),
        column(&value_of(3), "24h 变化 Change".to_owned(), unit(POINTS, 2)),
        column(&value_of(4), "同比 Above last spring".to_owned(), unit(POINTS, 2)),
        column("Trend #F", "走势 Curve".to_owned(), curve),
        column("level", "层级 Level".to_owned(), vec![]),
        column("area", "代码 Code".to_owned(), vec![]),
    ];
    let description = "所选地区的下一级，按比率排名；点地区名下钻或打开单区域 The parts of the chosen area, ranked; click a name to go \
                       down, or to the area itself";
    panel::with_sparklines(panel::table("排名 Ranking", description, &columns, RANKED_BY, &queries))
}

const RANKED_BY: &str = "比率 Ratio";

/// The largest parts at the end of the range: the same ones all along.
fn of_the_largest(family: &str) -> String {
    let size =
        selector("chunfeng_rate_denominator", &[("pipeline=", "$pipeline"), ("rate=", "$rate")]);
    let size = whoever_exports("area", &format!("{size} @ end()"));
    let parts = "max by (area) (chunfeng_area_info{parent=\"$within\"} @ end())";
    format!(
        "{}\nand on (area) topk({BANDS_MOST}, {size} * on (area) {parts})",
        of_parts(family, &[])
    )
}

fn bands() -> Value {
    let query = [Query::range(of_the_largest(RATIO), PEOPLE_READ)];
    let defaults = thresholds::coloured(share(), Some(thresholds::of_any_share()));
    let description = format!(
        "人数最多的 {BANDS_MOST} 个下级地区何时到了哪一档 When each of the largest {BANDS_MOST} parts came to which band"
    );
    panel::timeline("各地进展 Progress of areas", &description, defaults, &query)
}

fn curves() -> Value {
    let parts = Query::range(of_the_largest(RATIO), PEOPLE_READ);
    let whole =
        selector(RATIO, &[("pipeline=", "$pipeline"), ("rate=", "$rate"), ("area=", "$within")]);
    let whole = format!(
        "{}\n* on (area) group_left (name_zh, name_en)\n{NAMES}",
        whoever_exports("area", &whole)
    );
    let description = format!(
        "人数最多的 {BANDS_MOST} 个下级地区与上级地区 The largest {BANDS_MOST} parts, and the whole"
    );
    panel::lines("走势 Curves", &description, share(), &[Query::range(whole, PEOPLE_READ), parts])
}
