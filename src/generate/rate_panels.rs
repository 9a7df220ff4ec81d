//! What a dashboard shows of one rate: the headline, the curve, the ranking, its change, and each dimension.
//!
//! Figures of areas come from the board as they are. Only the breakdown adds up, over the chosen areas of one level,
//! which never overlap.

use serde_json::{Value, json};

use super::dashboard::both;
use super::panel::{self, Canvas, Column, Query, letter, number};
use super::promql::{named, selector, whoever_exports};
use crate::spec::{Dimension, Pipeline, Rate, Window};

const PEOPLE_READ: &str = "{{name_zh}} {{name_en}}";
const POINTS: &str = "suffix: 个百分点 pp";
/// A curve of more areas than this is a tangle: the largest are shown.
const CURVES_MOST: usize = 20;

/// The rate of everything the board has, and beside it out of how many.
pub fn headline(canvas: &mut Canvas, pipeline: &Pipeline, rate: &Rate) {
    let whole =
        |family| format!("max({})", select(pipeline, rate, family, &[("level=", "country")]));
    let title = both(&rate.title);
    let ratio = [Query::range(whole("chunfeng_rate_ratio"), &title)];
    canvas.place(6, 5, panel::stat(&title, &definition(rate), share(), &ratio));
    let (above, below) = measures(pipeline, rate);
    let counts = [
        Query::range(whole("chunfeng_rate_numerator"), &above),
        Query::range(whole("chunfeng_rate_denominator"), &below),
    ];
    let title = format!("{above} / {below}");
    canvas.place(6, 5, panel::stat(&title, &definition(rate), number("short", 0), &counts));
}

/// Everything below the headline.
pub fn section(canvas: &mut Canvas, pipeline: &Pipeline, rate: &Rate) {
    canvas.place(14, 10, curve(pipeline, rate));
    canvas.place(10, 10, ranking(pipeline, rate));
    for window in &rate.change {
        canvas.place(12, 8, change(pipeline, rate, window));
    }
    for dimension in &pipeline.dimensions {
        canvas.place(12, 8, breakdown(pipeline, rate, dimension));
    }
}

fn curve(pipeline: &Pipeline, rate: &Rate) -> Value {
    let ratio = select(pipeline, rate, "chunfeng_rate_ratio", &CHOSEN);
    let query =
        Query::range(of_the_largest(pipeline, rate, &whoever_exports("area", &ratio)), PEOPLE_READ);
    let title = format!("{} · 走势 Curve", both(&rate.title));
    panel::lines(&title, &largest_of(&definition(rate)), share(), &[query])
}

fn change(pipeline: &Pipeline, rate: &Rate, window: &Window) -> Value {
    let matchers = [CHOSEN[0], CHOSEN[1], ("window=", window.label.as_str())];
    let change = select(pipeline, rate, "chunfeng_rate_change_ratio", &matchers);
    let points = format!("100 * {}", whoever_exports("area", &change));
    let query = Query::range(of_the_largest(pipeline, rate, &points), PEOPLE_READ);
    let title =
        format!("{} · {} 变化 Change over {}", both(&rate.title), window.label, window.label);
    let description =
        largest_of("现在的比率减去窗口之前的比率 The rate now less the rate a window ago");
    panel::lines(&title, &description, change_shown(pipeline, rate, window), &[query])
}

/// Percentage points, with a line where an alert would fire.
fn change_shown(pipeline: &Pipeline, rate: &Rate, window: &Window) -> Value {
    let mut defaults = number(POINTS, 2);
    let is_watched = |index: usize| std::ptr::eq(&pipeline.rates[index], rate);
    let alert = pipeline
        .alerts
        .iter()
        .find(|alert| is_watched(alert.rate) && alert.over.seconds == window.seconds);
    if let Some(alert) = alert {
        defaults["custom"] = json!({ "thresholdsStyle": { "mode": "line" } });
        defaults["thresholds"] = json!({ "mode": "absolute", "steps": [
            { "color": "red", "value": null },
            { "color": "green", "value": -100.0 * alert.drop },
        ] });
    }
    defaults
}

fn ranking(pipeline: &Pipeline, rate: &Rate) -> Value {
    let queries = ranking_queries(pipeline, rate);
    let mut columns = vec![
        column("name_zh", "地区".to_owned(), vec![]),
        column("name_en", "Area".to_owned(), vec![]),
    ];
    columns.extend(figures(pipeline, rate));
    columns.extend(rate.change.iter().enumerate().map(|(index, window)| {
        let heading = format!("{} 变化 Change", window.label);
        column(&value_of(FIGURES.len() + index), heading, unit(POINTS, 2))
    }));
    columns.push(column("area", "代码 Code".to_owned(), vec![]));
    let title = format!("{} · 排名 Ranking", both(&rate.title));
    panel::table(&title, &definition(rate), &columns, &both(&rate.title), &queries)
}

/// The figures, then the change over each window, of every area of the level.
fn ranking_queries(pipeline: &Pipeline, rate: &Rate) -> Vec<Query> {
    let of_level = |family: &str, window: Option<&Window>| {
        let mut matchers = vec![("level=", "$level")];
        matchers.extend(window.map(|window| ("window=", window.label.as_str())));
        whoever_exports("area", &select(pipeline, rate, family, &matchers))
    };
    let changes = rate
        .change
        .iter()
        .map(|window| format!("100 * {}", of_level("chunfeng_rate_change_ratio", Some(window))));
    FIGURES
        .iter()
        .map(|family| of_level(family, None))
        .chain(changes)
        .map(|vector| Query::instant(named(&vector), ""))
        .collect()
}

fn breakdown(pipeline: &Pipeline, rate: &Rate, dimension: &Dimension) -> Value {
    let matchers = [CHOSEN[0], CHOSEN[1], ("dimension=", dimension.name.as_str())];
    // First one series an area, so that two exporters do not count twice; then the areas add up.
    let sum = |family| {
        let of_areas = whoever_exports("area, value", &select(pipeline, rate, family, &matchers));
        format!("sum by (value) ({of_areas})")
    };
    let above = sum("chunfeng_rate_by_dimension_numerator");
    let below = sum("chunfeng_rate_by_dimension_denominator");
    let queries = [format!("{above}\n/ ({below} != 0)"), above, below];
    let queries = queries.map(|expression| Query::instant(expression, ""));
    let titles = dimension.values.iter().enumerate().map(|(index, value)| {
        let shown = json!({ "index": index, "text": both(&value.title) });
        (value.name.clone(), shown)
    });
    let titles = json!([{ "type": "value", "options": Value::Object(titles.collect()) }]);
    let mut columns = vec![column("value", both(&dimension.title), vec![("mappings", titles)])];
    columns.extend(figures(pipeline, rate));
    let title = format!("{} · {}", both(&rate.title), both(&dimension.title));
    let (above, _) = measures(pipeline, rate);
    panel::table(&title, &definition(rate), &columns, &above, &queries)
}

/// The columns of ratio, numerator and denominator, for the queries A, B and C.
fn figures(pipeline: &Pipeline, rate: &Rate) -> [Column; 3] {
    let (above, below) = measures(pipeline, rate);
    let mut gauge = unit("percentunit", 1);
    gauge.push(("min", json!(0)));
    gauge.push(("max", json!(1)));
    gauge.push(("custom.cellOptions", json!({ "type": "gauge", "mode": "basic" })));
    [
        column(&value_of(0), both(&rate.title), gauge),
        column(&value_of(1), above, unit("short", 0)),
        column(&value_of(2), below, unit("short", 0)),
    ]
}

fn column(field: &str, heading: String, properties: Vec<(&'static str, Value)>) -> Column {
    Column { field: field.to_owned(), heading, properties }
}

fn unit(unit: &str, decimals: u32) -> Vec<(&'static str, Value)> {
    vec![("unit", json!(unit)), ("decimals", json!(decimals))]
}

fn value_of(query: usize) -> String {
    format!("Value #{}", letter(query))
}

/// What an area's row shows, in this order.
const FIGURES: [&str; 3] =
    ["chunfeng_rate_ratio", "chunfeng_rate_numerator", "chunfeng_rate_denominator"];

/// The areas that the reader chose.
const CHOSEN: [(&str, &str); 2] = [("level=", "$level"), ("area=~", "$area")];

fn select(pipeline: &Pipeline, rate: &Rate, family: &str, matchers: &[(&str, &str)]) -> String {
    let mut all = vec![("pipeline=", pipeline.name.as_str()), ("rate=", rate.name.as_str())];
    all.extend(matchers);
    selector(family, &all)
}

/// The vector with names, of the chosen areas that are largest at the end of the range: the same ones all along.
fn of_the_largest(pipeline: &Pipeline, rate: &Rate, vector: &str) -> String {
    let size = select(pipeline, rate, "chunfeng_rate_denominator", &CHOSEN);
    let size = whoever_exports("area", &format!("{size} @ end()"));
    format!("{}\nand on (area) topk({CURVES_MOST}, {size})", named(vector))
}

fn largest_of(text: &str) -> String {
    format!(
        "{text}\n\n所选地区中人数最多的 {CURVES_MOST} 个 At most {CURVES_MOST} of the chosen areas, the largest"
    )
}

fn measures(pipeline: &Pipeline, rate: &Rate) -> (String, String) {
    let title = |measure: usize| both(&pipeline.measures[measure].title);
    (title(usize::from(rate.numerator.0)), title(usize::from(rate.denominator.0)))
}

fn definition(rate: &Rate) -> String {
    format!("{}\n\n{}", rate.definition.zh, rate.definition.en)
}

fn share() -> Value {
    let mut share = number("percentunit", 1);
    share["max"] = json!(1);
    share
}
