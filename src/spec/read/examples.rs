//! Section `tests`: examples in the file, events and the rates they must give. `check` runs them.

use super::super::{Dimension, Example, Expectation, Look, Rate, SliceId};
use super::{alerts, sections};
use crate::spec::amount::last_decimals;
use crate::time::EventTime;
use crate::yaml::{Key, Node, Problems, Value};

/// Reads the examples in the order of the file.
pub fn read(
    node: &Node,
    rates: &[Rate],
    dimensions: &[Dimension],
    problems: &mut Problems,
) -> Vec<Example> {
    let nodes = node.sequence(problems);
    nodes.iter().filter_map(|node| example(node, rates, dimensions, problems)).collect()
}

fn example(
    node: &Node,
    rates: &[Rate],
    dimensions: &[Dimension],
    problems: &mut Problems,
) -> Option<Example> {
    let mut fields = node.fields(problems)?;
    let name = fields.required("name", problems).and_then(|n| n.text(problems));
    let events =
        fields.required("events", problems).map(|n| n.sequence(problems)).unwrap_or_default();
    let as_of = fields.optional("as_of");
    let expect = fields.required("expect", problems);
    fields.done(problems);
    let looks = match expect.map(|node| (node, &node.value)) {
        Some((_, Value::Sequence(nodes))) => {
            if let Some(as_of) = as_of {
                let message = "each moment has an `as_of` of its own";
                problems.suggest(&as_of.place, message, "leave this one out");
            }
            let mut looks = Vec::new();
            for node in nodes {
                let entries = node.entries(problems);
                looks.push(look(entries, None, rates, dimensions, problems));
            }
            looks
        }
        Some((node, _)) => {
            let as_of = as_of.and_then(|n| sections::moment(n, problems));
            vec![look(node.entries(problems), as_of, rates, dimensions, problems)]
        }
        None => Vec::new(),
    };
    let events = events.iter().map(Node::to_json).collect();
    Some(Example { name: name?.to_owned(), events, looks })
}

/// The figures of one moment, with the moment among them or said before.
fn look(
    entries: &[(Key, Node)],
    mut as_of: Option<EventTime>,
    rates: &[Rate],
    dimensions: &[Dimension],
    problems: &mut Problems,
) -> Look {
    let mut expect = Vec::new();
    for (rate, areas) in entries {
        if rate.text == "as_of" {
            as_of = sections::moment(areas, problems);
            continue;
        }
        let named = Node { place: rate.place.clone(), on_one_line: true, value: text(&rate.text) };
        let rate = alerts::rate(&named, rates, problems);
        for (area, figure) in areas.entries(problems) {
            expect.extend(expectation(rate, area, figure, rates, dimensions, problems));
        }
    }
    Look { as_of, expect }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn expectation(
    rate: Option<usize>,
    area: &Key,
    node: &Node,
    rates: &[Rate],
    dimensions: &[Dimension],
    problems: &mut Problems,
) -> Option<Expectation> {
    let mut fields = node.fields(problems)?;
    let rate_read = rate.map(|index| &rates[index]);
    let numerator = fields.required("numerator", problems);
    let scale = rate_read.map_or(0, |rate| rate.numerator_scale);
    let numerator = numerator.and_then(|n| level(n, scale, problems));
    let denominator = match rate_read.is_none_or(|rate| rate.formula.has_ratio()) {
        true => {
            let scale = rate_read.map_or(0, |rate| rate.denominator_scale);
            fields.required("denominator", problems).and_then(|n| level(n, scale, problems))
        }
        false => Some(0),
    };
    let dimension = fields.optional("dimension").and_then(|n| n.text(problems));
    let value = fields.optional("value").and_then(|n| n.text(problems));
    let place = fields.place().clone();
    fields.done(problems);
    let slice = match (dimension, value) {
        (None, None) => None,
        (Some(dimension), Some(value)) => {
            let slice = slice(dimensions, dimension, value);
            if slice.is_none() {
                problems
                    .note(&place, format!("no dimension `{dimension}` has the value `{value}`"));
            }
            Some(slice?)
        }
        _ => {
            problems.note(&place, "`dimension` and `value` belong together");
            return None;
        }
    };
    let area = area.text.clone();
    Some(Expectation { rate: rate?, area, slice, numerator: numerator?, denominator: denominator? })
}

/// A level as people write it, in last decimals.
fn level(node: &Node, scale: u8, problems: &mut Problems) -> Option<i64> {
    let text = node.number(problems)?.to_string();
    let last = last_decimals(&text, scale);
    if last.is_err() {
        problems.note(&node.place, format!("`{text}` is no number of at most {scale} decimals"));
    }
    last.ok()
}

fn slice(dimensions: &[Dimension], dimension: &str, value: &str) -> Option<SliceId> {
    let all = dimensions.iter().flat_map(|d| d.values.iter().map(move |v| (&d.name, &v.name)));
    let index = all.into_iter().position(|(d, v)| d == dimension && v == value);
    index.map(|index| SliceId(index as u8))
}
