//! What a rate's figures are called in Prometheus, and how they are shown: with their unit, decimals and titles.

use serde_json::{Value, json};

use super::frame::both;
use super::panel::{Column, letter, number};
use super::thresholds;
use crate::generate::promql::selector;
use crate::spec::{Pipeline, Rate, Unit};

/// How people read of which area a series is.
pub const PEOPLE_READ: &str = "{{name_zh}} {{name_en}}";
/// The unit of differences between shares.
pub const POINTS: &str = "suffix: 个百分点 pp";

/// A difference: of shares in percentage points, else as the figure itself.
pub fn points_or_shown(pipeline: &Pipeline, rate: &Rate) -> Value {
    match pipeline.is_share(rate) {
        true => number(POINTS, 2),
        false => shown(pipeline, rate),
    }
}

/// The columns of ratio, numerator and denominator, for the queries A, B and C; or of the count, for A.
pub fn figures(pipeline: &Pipeline, rate: &Rate) -> Vec<Column> {
    let (above, Some(below)) = measures(pipeline, rate) else {
        return vec![column(&value_of(0), both(&rate.title), unit("short", decimals(rate)))];
    };
    let (unit_of_ratio, decimals) = unit_shown(pipeline, rate);
    let mut gauge = unit(&unit_of_ratio, decimals);
    if pipeline.is_share(rate) {
        gauge = unit("percentunit", 1);
        gauge.push(("min", json!(0)));
        gauge.push(("max", json!(1)));
        if let Some(thresholds) = thresholds::of_ratio(pipeline, rate) {
            gauge.push(("thresholds", thresholds));
        }
        gauge.push(("custom.cellOptions", json!({ "type": "gauge", "mode": "basic" })));
    }
    vec![
        column(&value_of(0), both(&rate.title), gauge),
        column(&value_of(1), above, unit("short", 0)),
        column(&value_of(2), below, unit("short", 0)),
    ]
}

/// A column of a table.
pub fn column(field: &str, heading: String, properties: Vec<(&'static str, Value)>) -> Column {
    Column { field: field.to_owned(), heading, properties }
}

/// A unit and decimals, as properties of a column.
pub fn unit(unit: &str, decimals: u32) -> Vec<(&'static str, Value)> {
    vec![("unit", json!(unit)), ("decimals", json!(decimals))]
}

/// How a change is shown in a table.
pub fn moved_by(pipeline: &Pipeline, rate: &Rate) -> Vec<(&'static str, Value)> {
    match pipeline.is_share(rate) {
        true => unit(POINTS, 2),
        false => unit("short", decimals_shown(pipeline, rate)),
    }
}

/// The field that a query's values are in.
pub fn value_of(query: usize) -> String {
    format!("Value #{}", letter(query))
}

/// What an area's row shows, in this order.
pub fn families(rate: &Rate) -> &'static [&'static str] {
    const ALL: [&str; 3] =
        ["chunfeng_rate_ratio", "chunfeng_rate_numerator", "chunfeng_rate_denominator"];
    match rate.formula.has_ratio() {
        true => &ALL,
        false => &ALL[1..2],
    }
}

/// The figure itself: the ratio, or the count.
pub fn main_family(rate: &Rate) -> &'static str {
    families(rate)[0]
}

/// By how much it changed over a window.
pub fn change_family(rate: &Rate) -> &'static str {
    match rate.formula.has_ratio() {
        true => "chunfeng_rate_change_ratio",
        false => "chunfeng_rate_change_numerator",
    }
}

/// What an area's row shows of last spring, in the order of [`families`].
pub fn last_spring_families(rate: &Rate) -> &'static [&'static str] {
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

/// How far it is above the same day of last spring.
pub fn above_last_spring_family(rate: &Rate) -> &'static str {
    match rate.formula.has_ratio() {
        true => "chunfeng_rate_above_last_spring_ratio",
        false => "chunfeng_rate_above_last_spring_numerator",
    }
}

/// Changes of shares are shown in percentage points.
pub fn shown_change(pipeline: &Pipeline, rate: &Rate, vector: &str) -> String {
    match pipeline.is_share(rate) {
        true => format!("100 * {vector}"),
        false => vector.to_owned(),
    }
}

/// A family of this rate.
pub fn select(pipeline: &Pipeline, rate: &Rate, family: &str, matchers: &[(&str, &str)]) -> String {
    let mut all = vec![("pipeline=", pipeline.name.as_str()), ("rate=", rate.name.as_str())];
    all.extend(matchers);
    selector(family, &all)
}

/// What people call its numerator and, where it has one, its denominator.
pub fn measures(pipeline: &Pipeline, rate: &Rate) -> (String, Option<String>) {
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
pub fn shown(pipeline: &Pipeline, rate: &Rate) -> Value {
    if pipeline.is_share(rate) {
        return share();
    }
    let (unit, decimals) = unit_shown(pipeline, rate);
    number(&unit, decimals)
}

/// The unit and decimals of a figure that is no share: Grafana's own for lengths of time, which it tells in days or minutes.
fn unit_shown(pipeline: &Pipeline, rate: &Rate) -> (String, u32) {
    let above = pipeline.unit_of(rate);
    if above == Some(Unit::second()) {
        return ("s".to_owned(), 1);
    }
    let below = pipeline.denominator_unit_of(rate).map(|unit| both(&unit.title()));
    let unit = above.map(|unit| both(&unit.title())).map(|above| match below {
        Some(below) => format!("suffix: {above} / {below}"),
        None => format!("suffix: {above}"),
    });
    (unit.unwrap_or_else(|| "short".to_owned()), decimals_shown(pipeline, rate))
}

/// What exactly it is, in both languages.
pub fn definition(rate: &Rate) -> String {
    format!("{}\n\n{}", rate.definition.zh, rate.definition.en)
}

/// A share of one, as a percentage.
pub fn share() -> Value {
    let mut share = number("percentunit", 1);
    share["max"] = json!(1);
    share
}
