//! A figure that is another than expected: what was expected, what came, and which facts decided it.

use std::fmt::Write as _;

use crate::area::AreaId;
use crate::board::{Board, FigureKey};
use crate::cli::figures;
use crate::engine::ExampleTold;
use crate::roster::{FactHead, Layout, Timeline};
use crate::spec::amount::digits;
use crate::spec::column::{Column, ColumnType, Value};
use crate::spec::{Expectation, MeasureId, Pipeline, SliceId};
use crate::steps::{Stepper, standing};
use crate::time::EventTime;

/// Tells it: what was expected and what came in the first line, then why.
pub fn otherwise(told: &ExampleTold, expected: &Expectation) -> String {
    let areas = told.board.pipeline.areas;
    let pipeline = &told.board.pipeline;
    let rate = &pipeline.rates[expected.rate];
    let Some(area) = areas.resolve(&expected.area) else {
        return format!("{}: `{}` is no area", rate.name, expected.area);
    };
    let place = (area, expected.slice);
    let of = expected.slice.map(|slice| format!(" · {}", pipeline.slice_name(slice)));
    let of = of.unwrap_or_default();
    let (name, as_of) = (areas.name_zh(area), told.board.as_of);
    let wanted = figures::counts(rate, (expected.numerator, expected.denominator));
    let came = figures::counts(rate, found(&told.board, expected.rate, place));
    let mut text = format!(
        "{} of {} {name}{of} as of {as_of}: expected {wanted}, came {came}\n",
        rate.name, expected.area
    );
    for measure in pipeline.measures_of(rate) {
        text.push_str(&contributions(told, measure, place));
    }
    text.push_str("  facts\n");
    let layout = Layout::of(pipeline);
    for (subject, timeline) in &told.entities {
        for line in facts(pipeline, &layout, timeline) {
            _ = writeln!(text, "    {subject}  {line}");
        }
    }
    text
}

fn found(board: &Board, rate: usize, (area, slice): (AreaId, Option<SliceId>)) -> (i64, i64) {
    let figure = board.figure(FigureKey { rate: rate as u16, area, slice });
    figure.map(|figure| (figure.numerator, figure.denominator)).unwrap_or_default()
}

/// Who counts in a measure, and how much each brings.
fn contributions(
    told: &ExampleTold,
    id: MeasureId,
    (area, slice): (AreaId, Option<SliceId>),
) -> String {
    let pipeline = &told.board.pipeline;
    let measure = &pipeline.measures[usize::from(id.0)];
    let mut text = format!("  {}: {}\n", measure.name, measure.rule());
    let mut stepper = Stepper::new(pipeline.clone());
    for (subject, timeline) in &told.entities {
        let cells = standing(&mut stepper, timeline, told.board.as_of);
        let counts = cells.iter().filter(|(cell, _)| {
            let lies_there = pipeline.areas.ancestors(cell.area()).any(|above| above == area);
            cell.measure() == id && cell.slice() == slice && lies_there
        });
        let level: i64 = counts.map(|(_, level)| level).sum();
        _ = writeln!(text, "    {subject}  {}", digits(level, measure.scale()));
    }
    text
}

/// One line a fact: when, what, where, and what it carries.
fn facts(pipeline: &Pipeline, layout: &Layout, timeline: &Timeline) -> Vec<String> {
    let line = |(head, words): (FactHead, &[u64])| {
        let kind = pipeline.kind(head.code().kind());
        let what = if head.code().is_retraction() { "retracted" } else { "" };
        let place = head.area().map_or("", |area| pipeline.areas.code(area));
        let columns = pipeline.columns[kind.columns.clone()].iter().skip(1);
        let carried = columns.zip(words).filter_map(|(column, word)| {
            Some(format!("{}={}", column.name, shown(column, Value::from_raw(*word as i64))?))
        });
        let carried: Vec<String> = carried.collect();
        let (time, carried) = (head.time().to_string(), carried.join(" "));
        let parts = [time.as_str(), &kind.name, what, place, &carried];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
    };
    timeline.facts(layout).map(line).collect()
}

/// A value as the events write it; nothing where there is none.
fn shown(column: &Column, value: Value) -> Option<String> {
    let number = value.get()?;
    Some(match &column.column_type {
        ColumnType::Time => EventTime::from_seconds(number).to_string(),
        ColumnType::Integer => number.to_string(),
        ColumnType::Boolean => (number != 0).to_string(),
        ColumnType::Amount(denomination) => digits(number, denomination.scale),
        ColumnType::Label(labels) => labels.get(usize::try_from(number).ok()?)?.clone(),
    })
}
