//! Whether an example holds: in the order it is written, in others, and with every event twice.

use std::sync::Arc;

use serde_json::Value;

use super::told;
use crate::board::{Board, FigureKey};
use crate::engine::tell_example;
use crate::spec::{Example, Expectation, Look, Pipeline};

/// What an example's boards say otherwise than expected, each told in one or several lines; nothing where it holds.
pub fn failures(pipeline: &Arc<Pipeline>, all: &[Arc<Pipeline>], example: &Example) -> Vec<String> {
    let others: Vec<_> = all.iter().filter(|p| p.name != pipeline.name).cloned().collect();
    let at = |look| failures_at(pipeline, &others, &example.events, look);
    let mut failures: Vec<String> = example.looks.iter().flat_map(at).collect();
    failures.dedup();
    failures
}

fn failures_at(
    pipeline: &Arc<Pipeline>,
    others: &[Arc<Pipeline>],
    events: &[Value],
    look: &Look,
) -> Vec<String> {
    let tell = |events: &[Value]| tell_example(pipeline, others, events, look.as_of);
    let told = match tell(events) {
        Ok(told) => told,
        Err(error) => return vec![error.to_string()],
    };
    let expected = look.expect.iter();
    let mut failures: Vec<String> = expected
        .filter(|expected| !agrees(&told.board, expected))
        .map(|expected| told::otherwise(&told, expected))
        .collect();
    // The newest event decides the moment unless the example says one, and is the newest in any order.
    for (order, events) in orders(events) {
        match tell(&events) {
            Ok(other) if other.board.figures == told.board.figures => {}
            Ok(_) => failures.push(format!("the figures are others when its events come {order}")),
            Err(error) => failures.push(error.to_string()),
        }
    }
    failures
}

fn agrees(board: &Board, expected: &Expectation) -> bool {
    let Some(area) = board.pipeline.areas.resolve(&expected.area) else { return false };
    let key = FigureKey { rate: expected.rate as u16, area, slice: expected.slice };
    let found = board.figure(key).map(|figure| (figure.numerator, figure.denominator));
    found.unwrap_or_default() == (expected.numerator, expected.denominator)
}

/// Other ways for the same events to come.
fn orders(events: &[Value]) -> [(&'static str, Vec<Value>); 3] {
    let backwards: Vec<Value> = events.iter().rev().cloned().collect();
    let (earlier, later) = events.split_at(events.len() / 2);
    let halves = later.iter().chain(earlier).cloned().collect();
    let twice = events.iter().chain(&backwards).cloned().collect();
    [("backwards", backwards), ("with their second half first", halves), ("twice", twice)]
}
