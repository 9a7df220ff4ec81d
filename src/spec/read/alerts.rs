//! Section `alerts`: when people are called.

use super::super::{Alert, Rate, Window};
use super::sections;
use crate::yaml::{Key, Node, Problems, nearest};

/// Reads the alerts in the order of the file.
pub fn read(node: &Node, rates: &[Rate], problems: &mut Problems) -> Vec<Alert> {
    let entries = node.entries(problems);
    entries.iter().filter_map(|(key, node)| alert(key, node, rates, problems)).collect()
}

fn alert(key: &Key, node: &Node, rates: &[Rate], problems: &mut Problems) -> Option<Alert> {
    let mut fields = node.fields(problems)?;
    let rate = fields.required("rate", problems).and_then(|n| ratio(n, rates, problems));
    let drop = fields.required("drop", problems).and_then(|n| share(n, problems));
    let over = fields.required("over", problems);
    let over = over.and_then(|n| window_of(n, rate.map(|index| &rates[index]), problems));
    let hold = fields.required("for", problems).and_then(|n| sections::window(n, problems));
    let severity = fields.required("severity", problems).and_then(|n| severity(n, problems));
    let least = fields.optional("min_denominator");
    let enough = rate.map_or(1, |index| rates[index].minimum_sample);
    let min_denominator = least.map_or(Some(enough), |n| n.integer(1, problems));
    fields.done(problems);
    Some(Alert {
        name: key.text.clone(),
        rate: rate?,
        drop: drop?,
        over: over?,
        hold: hold?,
        severity: severity?,
        min_denominator: min_denominator?,
    })
}

/// A rate whose ratio may fall.
fn ratio(node: &Node, rates: &[Rate], problems: &mut Problems) -> Option<usize> {
    let rate = rate(node, rates, problems)?;
    if !rates[rate].formula.has_ratio() {
        let message =
            format!("`{}` has no denominator, so no ratio of it can fall", rates[rate].name);
        problems.suggest(&node.place, message, "name a rate that has one");
        return None;
    }
    Some(rate)
}

/// The index of the rate that is named.
pub fn rate(node: &Node, rates: &[Rate], problems: &mut Problems) -> Option<usize> {
    let name = node.text(problems)?;
    let index = rates.iter().position(|rate| rate.name == name);
    if index.is_none() {
        let near = nearest(name, rates.iter().map(|rate| rate.name.as_str()));
        let instead = near.map(|near| format!("did you mean `{near}`?"));
        let instead = instead.unwrap_or_else(|| "name one of the file's rates".to_owned());
        problems.suggest(&node.place, format!("no rate is named `{name}`"), instead);
    }
    index
}

fn share(node: &Node, problems: &mut Problems) -> Option<f64> {
    let drop = node.number(problems)?;
    if drop > 0.0 && drop < 1.0 {
        return Some(drop);
    }
    let instead = "write the fall as a share of one: 0.02 is two percentage points";
    problems.suggest(&node.place, "`drop` must lie between 0 and 1", instead);
    None
}

fn window_of(node: &Node, rate: Option<&Rate>, problems: &mut Problems) -> Option<Window> {
    let window = sections::window(node, problems)?;
    let published = &rate?.change;
    if published.iter().any(|known| known.seconds == window.seconds) {
        return Some(window);
    }
    let known: Vec<&str> = published.iter().map(|window| window.label.as_str()).collect();
    let message = format!("the rate does not publish its change over {}", window.label);
    let instead = format!("add it to the rate's `change`, which has: {}", known.join(", "));
    problems.suggest(&node.place, message, instead);
    None
}

fn severity(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    if ["info", "warning", "critical"].contains(&text) {
        return Some(text.to_owned());
    }
    problems.suggest(
        &node.place,
        format!("unknown severity `{text}`"),
        "write info, warning or critical",
    );
    None
}
