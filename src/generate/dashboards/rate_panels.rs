//! What a dashboard shows of one rate: the headline, the curve, the ranking, its change, and each dimension.
//!
//! Figures of areas come from the board as they are. Only the breakdown adds up, over the chosen areas of one level,
//! which never overlap.

use serde_json::{Value, json};

use super::canvas::Canvas;
use super::frame::{both, link_to_area, link_to_parts};
use super::panel::{self, Column, Query, number};
use super::rate_figures::{
    PEOPLE_READ, above_last_spring_family, change_family, column, definition, families, figures,
    last_spring_families, main_family, measures, moved_by, points_or_shown, select, shown,
    shown_change, value_of,
};
use super::thresholds;
use crate::generate::promql::{named, selector, whoever_exports};
use crate::spec::{Dimension, Pipeline, Rate, Window};

/// The areas that the reader chose.
const CHOSEN: [(&str, &str); 2] = [("level=", "$level"), ("area=~", "$area")];

/// A curve of more areas than this is a tangle: the largest are shown.
const CURVES_MOST: usize = 20;

/// The rate of everything the board has, and what it said on the same day of last spring.
pub fn headlines(canvas: &mut Canvas, pipeline: &Pipeline, rate: &Rate) {
    let width = if rate.formula.has_ratio() { 12 } else { 8 };
    canvas.place(width, 5, headline(pipeline, rate));
    if rate.season.is_some() {
        let title = format!("{} · 去年同日 Last spring", both(&rate.title));
        let then = figures_of_the_country(pipeline, rate, last_spring_families(rate), &title);
        canvas.place(width, 5, then);
    }
}

/// The rate of everything the board has, and beside it out of how many; or the count alone.
pub fn headline(pipeline: &Pipeline, rate: &Rate) -> Value {
    figures_of_the_country(pipeline, rate, families(rate), &both(&rate.title))
}

fn figures_of_the_country(
    pipeline: &Pipeline,
    rate: &Rate,
    families: &[&str],
    title: &str,
) -> Value {
    let (above, below) = measures(pipeline, rate);
    let names = [both(&rate.title), above, below.unwrap_or_default()];
    let query = |(family, name): (&&str, &String)| {
        let figure = select(pipeline, rate, family, &[("level=", "country")]);
        Query::range(format!("max({figure})"), name)
    };
    let queries: Vec<Query> = families.iter().zip(&names).map(query).collect();
    let defaults =
        thresholds::coloured(shown(pipeline, rate), thresholds::of_ratio(pipeline, rate));
    let stat = panel::stat(title, &definition(rate), defaults, &queries);
    let counts = [rate.numerator_scale, rate.denominator_scale].into_iter().zip(1..queries.len());
    counts.fold(stat, |stat, (scale, query)| {
        panel::shown_otherwise(stat, query, number("short", u32::from(scale)))
    })
}

/// Which day of the season it is, and which one of last spring it is compared with.
pub fn season(canvas: &mut Canvas, pipeline: &Pipeline) {
    let of_board = |family| {
        let matchers = [("pipeline=", pipeline.name.as_str())];
        format!("max({})", selector(family, &matchers))
    };
    canvas.place(6, 5, season_day(&of_board("chunfeng_board_season_day")));
    let title = "与去年哪天相比 Compared with";
    let then = of_board("chunfeng_board_last_spring_timestamp_seconds");
    let then = [Query::range(format!("1000 * {then}"), title)];
    let description = "去年春节后的同一天，零时 The midnight of the same day of last spring";
    canvas.place(6, 5, panel::stat(title, description, number("dateTimeAsIso", 0), &then));
}

/// Which day of the season boards show.
pub fn season_day(day: &str) -> Value {
    let title = "正月初一起第几天 Day of the season";
    let description = "1 是正月初一 1 is the first of the lunar year";
    panel::stat(title, description, number("none", 0), &[Query::range(day, title)])
}

/// Everything below the headline.
pub fn section(canvas: &mut Canvas, pipeline: &Pipeline, rate: &Rate) {
    canvas.place(24, 10, curve(pipeline, rate));
    canvas.place(24, 10, ranking(pipeline, rate));
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
    let defaults = thresholds::lined(shown(pipeline, rate), thresholds::of_ratio(pipeline, rate));
    panel::lines(&title, &largest_of(&definition(rate)), defaults, &[query])
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
    let points = points_or_shown(pipeline, rate);
    let defaults = thresholds::lined(points, thresholds::of_change(pipeline, rate, window));
    panel::lines(&title, &description, defaults, &[query])
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
    let points = points_or_shown(pipeline, rate);
    let defaults = thresholds::lined(points, thresholds::of_last_spring(pipeline, rate));
    panel::lines(&title, &description, defaults, &[query])
}

fn ranking(pipeline: &Pipeline, rate: &Rate) -> Value {
    let queries = ranking_queries(pipeline, rate);
    let area = "${__data.fields.area}";
    let mut links = vec![link_to_area("${level}", area)];
    if pipeline.is_share(rate) {
        links.push(link_to_parts(&pipeline.name, &rate.name, area));
    }
    let links = json!(links);
    let mut columns = vec![
        column("name_zh", "地区".to_owned(), vec![("links", links)]),
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
