//! A figure as people and programs outside read it, with names instead of ids: the API's and `rates --format json`'s.

use serde::Serialize;

use super::{Board, Figure};
use crate::area::AreaTree;
use crate::spec::Pipeline;

/// One figure with everything it needs to be understood alone.
#[derive(Serialize, Debug)]
pub struct Row<'b> {
    /// The pipeline's name.
    pub pipeline: &'b str,
    /// The rate's name.
    pub rate: &'b str,
    /// The area's code.
    pub area: &'b str,
    /// The area's name.
    pub area_name: &'b str,
    /// `country`, `province`, `prefecture`, `county` or `unassigned`.
    pub level: &'static str,
    /// The dimension; null on totals.
    pub dimension: Option<&'b str>,
    /// The dimension's value; null on totals.
    pub value: Option<&'b str>,
    /// The board's moment, RFC 3339 in UTC.
    pub as_of: String,
    /// How many count.
    pub numerator: i64,
    /// Out of how many.
    pub denominator: i64,
    /// The rate; null where nobody is in the denominator.
    pub ratio: Option<f64>,
    /// By window: the ratio now less the ratio then.
    pub change: serde_json::Map<String, serde_json::Value>,
}

/// The figures of a board as rows, in the board's order.
pub fn rows<'b>(board: &'b Board, areas: &'b AreaTree) -> impl Iterator<Item = Row<'b>> {
    let as_of = board.as_of.to_string();
    let slices: Vec<(&str, &str)> =
        board.pipeline.slices().map(|(_, d, v)| (d.name.as_str(), v.name.as_str())).collect();
    board.figures.iter().map(move |figure| {
        let slice = figure.key.slice.and_then(|slice| slices.get(usize::from(slice.0)));
        row(&board.pipeline, figure, areas, slice.copied(), &as_of)
    })
}

fn row<'b>(
    pipeline: &'b Pipeline,
    figure: &Figure,
    areas: &'b AreaTree,
    slice: Option<(&'b str, &'b str)>,
    as_of: &str,
) -> Row<'b> {
    let rate = &pipeline.rates[usize::from(figure.key.rate)];
    let area = figure.key.area;
    let windows = rate.change.iter().map(|window| window.label.clone());
    let changes = figure.change.iter().map(|change| serde_json::json!(change));
    Row {
        pipeline: &pipeline.name,
        rate: &rate.name,
        area: areas.code(area),
        area_name: areas.name_zh(area),
        level: areas.level(area).as_str(),
        dimension: slice.map(|(dimension, _)| dimension),
        value: slice.map(|(_, value)| value),
        as_of: as_of.to_owned(),
        numerator: figure.numerator,
        denominator: figure.denominator,
        ratio: figure.ratio(),
        change: windows.zip(changes).collect(),
    }
}
