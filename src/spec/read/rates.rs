//! Section `rates`: one measure over another, or one alone, with its definition and the windows of its change.

use super::super::{Dimension, Measure, MeasureId, Rate, Window};
use super::sections;
use crate::yaml::{Key, Node, Problems, nearest};

/// Reads the rates in the order of the file.
pub fn read(
    node: &Node,
    measures: &[Measure],
    dimensions: &[Dimension],
    problems: &mut Problems,
) -> Vec<Rate> {
    let entries = node.entries(problems);
    let rate = |(key, node): &(Key, Node)| rate(key, node, measures, dimensions, problems);
    entries.iter().filter_map(rate).collect()
}

fn rate(
    key: &Key,
    node: &Node,
    measures: &[Measure],
    dimensions: &[Dimension],
    problems: &mut Problems,
) -> Option<Rate> {
    let name = sections::key_name(key, problems);
    let mut fields = node.fields(problems)?;
    let title = fields.required("title", problems).and_then(|n| sections::bilingual(n, problems));
    let definition = fields.required("definition", problems);
    let definition = definition.and_then(|n| sections::bilingual(n, problems));
    let numerator = fields.required("numerator", problems);
    let numerator = numerator.and_then(|n| measure(n, measures, problems));
    let denominator = match fields.optional("denominator") {
        Some(node) => measure(node, measures, problems).map(Some),
        None => Some(None),
    };
    let change = fields.optional("change").map(|n| n.sequence(problems)).unwrap_or_default();
    let change = windows(change, problems);
    let by = match fields.optional("by") {
        Some(node) => by(node, dimensions, problems),
        None => (0..dimensions.len()).collect(),
    };
    fields.done(problems);
    let (numerator, denominator) = (numerator?, denominator?);
    let scale = |measure: MeasureId| measures[usize::from(measure.0)].scale();
    Some(Rate {
        name: name?,
        title: title?,
        definition: definition?,
        numerator,
        denominator,
        numerator_scale: scale(numerator),
        denominator_scale: denominator.map_or(0, scale),
        change,
        by,
    })
}

/// The label of a window tells its series from another's.
fn windows(nodes: &[Node], problems: &mut Problems) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for node in nodes {
        let Some(window) = sections::window(node, problems) else {
            continue;
        };
        if windows.contains(&window) {
            let message = format!("`{}` is named twice", window.label);
            problems.suggest(&node.place, message, "leave one out");
        }
        windows.push(window);
    }
    windows
}

/// The dimensions that are named; `[]` is none.
fn by(node: &Node, dimensions: &[Dimension], problems: &mut Problems) -> Vec<usize> {
    let mut by = Vec::new();
    for node in node.sequence(problems) {
        let Some(name) = node.text(problems) else { continue };
        let known = dimensions.iter().position(|dimension| dimension.name == name);
        match known.filter(|index| !by.contains(index)) {
            Some(index) => by.push(index),
            None => {
                let near =
                    nearest(name, dimensions.iter().map(|dimension| dimension.name.as_str()));
                let instead = near.map(|near| format!("did you mean `{near}`?"));
                let instead =
                    instead.unwrap_or_else(|| "name each of the file's dimensions once".to_owned());
                let message = format!("`{name}` is no dimension, or is named twice");
                problems.suggest(&node.place, message, instead);
            }
        }
    }
    by
}

fn measure(node: &Node, measures: &[Measure], problems: &mut Problems) -> Option<MeasureId> {
    let name = node.text(problems)?;
    let index = measures.iter().position(|measure| measure.name == name);
    if index.is_none() {
        let known = measures.iter().map(|measure| measure.name.as_str());
        let instead = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
        let instead = instead.unwrap_or_else(|| "name one of the file's measures".to_owned());
        problems.suggest(&node.place, format!("no measure is named `{name}`"), instead);
    }
    index.map(|index| MeasureId(index as u8))
}
