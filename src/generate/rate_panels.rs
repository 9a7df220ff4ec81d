//! What a dashboard shows of one rate: the headline, the curve, the ranking, its change, and each dimension.
//!
//! Figures of areas come from the board as they are. Only the breakdown adds up, over the chosen areas of one level,
//! which never overlap.

use serde_json::{Value, json};

use super::dashboard::both;
use super::panel::{self, Canvas, Column, Query, letter, number};
use super::promql::{named, selector, whoever_exports};
use crate::spec::{Alert, Condition, Dimension, Pipeline, Rate, Window};

const PEOPLE_READ: &str = "{{name_zh}} {{name_en}}";
const POINTS: &str = "suffix: 个百分点 pp";
/// A curve of more areas than this is a tangle: the largest are shown.
const CURVES_MOST: usize = 20;

/// The rate of everything the board has, and beside it out of how many; or the count alone.
pub fn headline(canvas: &mut Canvas, pipeline: &Pipeline, rate: &Rate) {
    let whole =
        |family| format!("max({})", select(pipeline, rate, family, &[("level=", "country")]));
    let title = both(&rate.title);
    let main = [Query::range(whole(main_family(rate)), &title)];
    canvas.place(6, 5, panel::stat(&title, &definition(rate), shown(pipeline, rate), &main));
    let (above, below) = measures(pipeline, rate);
    if let Some(below) = &below {
        let counts = [
            Query::range(whole("chunfeng_rate_numerator"), &above),
            Query::range(whole("chunfeng_rate_denominator"), below),
        ];
        let title = format!("{above} / {below}");
        canvas.place(6, 5, panel::stat(&title, &definition(rate), number("short", 0), &counts));
    }
    if rate.season.is_some() {
        let title = format!("{} · 去年同日 Last spring", both(&rate.title));
        let families = last_spring_families(rate);
        let then = [Query::range(whole(families[0]), &title)];
        canvas.place(6, 5, panel::stat(&title, &definition(rate), shown(pipeline, rate), &then));
        if let (Some(below), [_, of, out_of]) = (&below, families) {
            let title = format!("{above} / {below} · 去年同日 Last spring");
            let counts = [Query::range(whole(of), &above), Query::range(whole(out_of), below)];
            canvas.place(6, 5, panel::stat(&title, &definition(rate), number("short", 0), &counts));
        }
    }
}

/// Which day of the season it is, and which one of last spring it is compared with.
pub fn season(canvas: &mut Canvas, pipeline: &Pipeline) {
    let of_board = |family| {
        let matchers = [("pipeline=", pipeline.name.as_str())];
        format!("max({})", selector(family, &matchers))
    };
    let title = "正月初一起第几天 Day of the season";
    let day = [Query::range(of_board("chunfeng_board_season_day"), title)];
    canvas.place(
        6,
        5,
        panel::stat(
            title,
            "1 是正月初一 1 is the first of the lunar year",
            number("none", 0),
            &day,
        ),
    );
    let title = "与去年哪天相比 Compared with";
    let then = of_board("chunfeng_board_last_spring_timestamp_seconds");
    let then = [Query::range(format!("1000 * {then}"), title)];
    let description = "去年春节后的同一天，零时 The midnight of the same day of last spring";
    canvas.place(6, 5, panel::stat(title, description, number("dateTimeAsIso", 0), &then));
}

/// Everything below the headline.
pub fn section(canvas: &mut Canvas, pipeline: &Pipeline, rate: &Rate) {
    canvas.place(14, 10, curve(pipeline, rate));
    canvas.place(10, 10, ranking(pipeline, rate));
    for window in &rate.change {
        canvas.place(12, 8, change(pipeline, rate, window));
    }
    if rate.season.is_some() {
        canvas.place(12, 8, above_last_spring(pipeline, rate));
    }
    for dimension in pipeline.dimensions_of(rate) {
        canvas.place(12, 8, breakdown(pipeline, rate, dimension));
    }
}

fn curve(pipeline: &Pipeline, rate: &Rate) -> Value {
    let main = select(pipeline, rate, main_family(rate), &CHOSEN);
    let query =
        Query::range(of_the_largest(pipeline, rate, &whoever_exports("area", &main)), PEOPLE_READ);
    let title = format!("{} · 走势 Curve", both(&rate.title));
    panel::lines(&title, &largest_of(&definition(rate)), shown(pipeline, rate), &[query])
}

fn change(pipeline: &Pipeline, rate: &Rate, window: &Window) -> Value {
    let matchers = [CHOSEN[0], CHOSEN[1], ("window=", window.label.as_str())];
    let change = select(pipeline, rate, change_family(rate), &matchers);
    let change = shown_change(pipeline, rate, &whoever_exports("area", &change));
    let query = Query::range(of_the_largest(pipeline, rate, &change), PEOPLE_READ);
    let title =
        format!("{} · {} 变化 Change over {}", both(&rate.title), window.label, window.label);
    let description =
        largest_of("现在的数值减去窗口之前的数值 The figure now less the figure a window ago");
    panel::lines(&title, &description, change_shown(pipeline, rate, window), &[query])
}

fn above_last_spring(pipeline: &Pipeline, rate: &Rate) -> Value {
    let above = select(pipeline, rate, above_last_spring_family(rate), &CHOSEN);
    let above = shown_change(pipeline, rate, &whoever_exports("area", &above));
    let query = Query::range(of_the_largest(pipeline, rate, &above), PEOPLE_READ);
    let title = format!("{} · 比去年同日 Above last spring", both(&rate.title));
    let description = largest_of(
        "昨日24时的数值减去去年春节后同一天24时的数值 \
         The figure at the last midnight less the figure at the midnight of the same day of last spring",
    );
    panel::lines(&title, &description, points_or_shown(pipeline, rate), &[query])
}

fn points_or_shown(pipeline: &Pipeline, rate: &Rate) -> Value {
    match pipeline.is_share(rate) {
        true => number(POINTS, 2),
        false => shown(pipeline, rate),
    }
}

/// Percentage points, with a line where an alert would fire.
fn change_shown(pipeline: &Pipeline, rate: &Rate, window: &Window) -> Value {
    let mut defaults = points_or_shown(pipeline, rate);
    if !pipeline.is_share(rate) {
        return defaults;
    }
    let falls = watched(pipeline, rate).filter_map(|condition| match condition {
        Condition::Dropped { by, over } if over.seconds == window.seconds => Some(*by),
        _ => None,
    });
    if let Some(by) = falls.min_by(f64::total_cmp) {
        defaults["custom"] = json!({ "thresholdsStyle": { "mode": "line" } });
        defaults["thresholds"] = json!({ "mode": "absolute", "steps": [
            { "color": "red", "value": null },
            { "color": "green", "value": -100.0 * by },
        ] });
    }
    defaults
}

/// What alerts ask of a rate.
fn watched<'p>(pipeline: &'p Pipeline, rate: &'p Rate) -> impl Iterator<Item = &'p Condition> {
    let is_its = |alert: &&Alert| std::ptr::eq(&pipeline.rates[alert.rate], rate);
    pipeline.alerts.iter().filter(is_its).map(|alert| &alert.condition)
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
        let moved = moved_by(pipeline, rate);
        column(&value_of(families(rate).len() + index), heading, moved)
    }));
    if rate.season.is_some() {
        let next = families(rate).len() + rate.change.len();
        for (index, figure) in figures(pipeline, rate).into_iter().enumerate() {
            let heading = format!("去年同日 Last spring: {}", figure.heading);
            columns.push(Column { field: value_of(next + index), heading, ..figure });
        }
        let (above, moved) = (value_of(next + families(rate).len()), moved_by(pipeline, rate));
        columns.push(column(&above, "同比 Above last spring".to_owned(), moved));
    }
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
        .map(|window| shown_change(pipeline, rate, &of_level(change_family(rate), Some(window))));
    let above = shown_change(pipeline, rate, &of_level(above_last_spring_family(rate), None));
    let springs = last_spring_families(rate).iter().map(|family| of_level(family, None));
    let springs = springs.chain([above]).filter(|_| rate.season.is_some());
    families(rate)
        .iter()
        .map(|family| of_level(family, None))
        .chain(changes)
        .chain(springs)
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
    let queries = match rate.formula.has_ratio() {
        true => vec![format!("{above}\n/ ({below} != 0)"), above, below],
        false => vec![above],
    };
    let queries: Vec<Query> =
        queries.into_iter().map(|expression| Query::instant(expression, "")).collect();
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

/// The columns of ratio, numerator and denominator, for the queries A, B and C; or of the count, for A.
fn figures(pipeline: &Pipeline, rate: &Rate) -> Vec<Column> {
    let (above, Some(below)) = measures(pipeline, rate) else {
        return vec![column(&value_of(0), both(&rate.title), unit("short", decimals(rate)))];
    };
    let mut gauge = unit("short", decimals_shown(pipeline, rate));
    if pipeline.is_share(rate) {
        gauge = unit("percentunit", 1);
        gauge.push(("min", json!(0)));
        gauge.push(("max", json!(1)));
        gauge.push(("custom.cellOptions", json!({ "type": "gauge", "mode": "basic" })));
    }
    vec![
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

/// How a change is shown in a table.
fn moved_by(pipeline: &Pipeline, rate: &Rate) -> Vec<(&'static str, Value)> {
    match pipeline.is_share(rate) {
        true => unit(POINTS, 2),
        false => unit("short", decimals_shown(pipeline, rate)),
    }
}

fn value_of(query: usize) -> String {
    format!("Value #{}", letter(query))
}

/// What an area's row shows, in this order.
fn families(rate: &Rate) -> &'static [&'static str] {
    const ALL: [&str; 3] =
        ["chunfeng_rate_ratio", "chunfeng_rate_numerator", "chunfeng_rate_denominator"];
    match rate.formula.has_ratio() {
        true => &ALL,
        false => &ALL[1..2],
    }
}

/// The figure itself: the ratio, or the count.
fn main_family(rate: &Rate) -> &'static str {
    families(rate)[0]
}

fn change_family(rate: &Rate) -> &'static str {
    match rate.formula.has_ratio() {
        true => "chunfeng_rate_change_ratio",
        false => "chunfeng_rate_change_numerator",
    }
}

/// What an area's row shows of last spring, in the order of [`families`].
fn last_spring_families(rate: &Rate) -> &'static [&'static str] {
    const ALL: [&str; 3] = [
        "chunfeng_rate_last_spring_ratio",
        "chunfeng_rate_last_spring_numerator",
        "chunfeng_rate_last_spring_denominator",
    ];
    match rate.formula.has_ratio() {
        true => &ALL,
        false => &ALL[1..2],
    }
}

fn above_last_spring_family(rate: &Rate) -> &'static str {
    match rate.formula.has_ratio() {
        true => "chunfeng_rate_above_last_spring_ratio",
        false => "chunfeng_rate_above_last_spring_numerator",
    }
}

/// Changes of shares are shown in percentage points.
fn shown_change(pipeline: &Pipeline, rate: &Rate, vector: &str) -> String {
    match pipeline.is_share(rate) {
        true => format!("100 * {vector}"),
        false => vector.to_owned(),
    }
}

/// The areas that the reader chose.
const CHOSEN: [(&str, &str); 2] = [("level=", "$level"), ("area=~", "$area")];

fn select(pipeline: &Pipeline, rate: &Rate, family: &str, matchers: &[(&str, &str)]) -> String {
    let mut all = vec![("pipeline=", pipeline.name.as_str()), ("rate=", rate.name.as_str())];
    all.extend(matchers);
    selector(family, &all)
}

/// The vector with names, of the chosen areas that are largest at the end of the range: the same ones all along.
fn of_the_largest(pipeline: &Pipeline, rate: &Rate, vector: &str) -> String {
    let family = families(rate).last().copied().unwrap_or(main_family(rate));
    let size = select(pipeline, rate, family, &CHOSEN);
    let size = whoever_exports("area", &format!("{size} @ end()"));
    format!("{}\nand on (area) topk({CURVES_MOST}, {size})", named(vector))
}

fn largest_of(text: &str) -> String {
    format!(
        "{text}\n\n所选地区中人数最多的 {CURVES_MOST} 个 At most {CURVES_MOST} of the chosen areas, the largest"
    )
}

fn measures(pipeline: &Pipeline, rate: &Rate) -> (String, Option<String>) {
    let (above, below) = pipeline.titles_of(rate);
    (both(&above), below.as_ref().map(both))
}

fn decimals(rate: &Rate) -> u32 {
    u32::from(rate.numerator_scale)
}

/// A ratio that is no share is shown with two decimals, a count with its own.
fn decimals_shown(pipeline: &Pipeline, rate: &Rate) -> u32 {
    match rate.formula.has_ratio() && !pipeline.is_share(rate) {
        true => 2,
        false => decimals(rate),
    }
}

/// How the figure itself is shown: as a share, or as a number with its unit.
fn shown(pipeline: &Pipeline, rate: &Rate) -> Value {
    if pipeline.is_share(rate) {
        return share();
    }
    let decimals = decimals_shown(pipeline, rate);
    let above = pipeline.unit_of(rate).map(|unit| both(&unit.title()));
    let below = pipeline.denominator_unit_of(rate).map(|unit| both(&unit.title()));
    match above {
        Some(above) => {
            let unit = below.map_or_else(|| above.clone(), |below| format!("{above} / {below}"));
            number(&format!("suffix: {unit}"), decimals)
        }
        None => number("short", decimals),
    }
}

fn definition(rate: &Rate) -> String {
    format!("{}\n\n{}", rate.definition.zh, rate.definition.en)
}

fn share() -> Value {
    let mut share = number("percentunit", 1);
    share["max"] = json!(1);
    share
}
