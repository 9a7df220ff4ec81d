//! Section `rates`: one measure over another, with its definition and the windows of its change.

use super::super::{Measure, MeasureId, Rate, Window};
use super::sections;
use crate::yaml::{Key, Node, Problems, nearest};

/// Reads the rates in the order of the file.
pub fn read(node: &Node, measures: &[Measure], problems: &mut Problems) -> Vec<Rate> {
    let entries = node.entries(problems);
    entries.iter().filter_map(|(key, node)| rate(key, node, measures, problems)).collect()
}

fn rate(key: &Key, node: &Node, measures: &[Measure], problems: &mut Problems) -> Option<Rate> {
    let name = sections::key_name(key, problems);
    let mut fields = node.fields(problems)?;
    let title = fields.required("title", problems).and_then(|n| sections::bilingual(n, problems));
    let definition = fields.required("definition", problems);
    let definition = definition.and_then(|n| sections::bilingual(n, problems));
    let numerator = fields.required("numerator", problems);
    let numerator = numerator.and_then(|n| measure(n, measures, problems));
    let denominator = fields.required("denominator", problems);
    let denominator = denominator.and_then(|n| measure(n, measures, problems));
    let change = fields.optional("change").map(|n| n.sequence(problems)).unwrap_or_default();
    let change = windows(change, problems);
    fields.done(problems);
    Some(Rate {
        name: name?,
        title: title?,
        definition: definition?,
        numerator: numerator?,
        denominator: denominator?,
        change,
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
