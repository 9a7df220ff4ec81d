//! Section `alerts`: when people are called.

use super::super::{Alert, Condition, Rate, Window};
use super::sections;
use crate::area::Level;
use crate::yaml::{Fields, Key, Node, Problems, nearest};

/// Reads the alerts in the order of the file.
pub fn read(node: &Node, rates: &[Rate], problems: &mut Problems) -> Vec<Alert> {
    let entries = node.entries(problems);
    entries.iter().filter_map(|(key, node)| alert(key, node, rates, problems)).collect()
}

fn alert(key: &Key, node: &Node, rates: &[Rate], problems: &mut Problems) -> Option<Alert> {
    let mut fields = node.fields(problems)?;
    let rate = fields.required("rate", problems).and_then(|n| ratio(n, rates, problems));
    let condition = condition(key, &mut fields, rate.map(|index| &rates[index]), problems);
    let from_day = fields.optional("from_day").map(|n| n.integer(i64::MIN, problems));
    let levels = fields.optional("levels").map(|n| levels(n, problems));
    let hold = fields.required("for", problems).and_then(|n| sections::window(n, problems));
    let severity = fields.required("severity", problems).and_then(|n| severity(n, problems));
    let least = fields.optional("min_denominator");
    let enough = rate.map_or(1, |index| rates[index].minimum_sample);
    let min_denominator = least.map_or(Some(enough), |n| n.integer(1, problems));
    fields.done(problems);
    Some(Alert {
        name: key.text.clone(),
        rate: rate?,
        condition: condition?,
        from_day: from_day.unwrap_or_default(),
        levels: levels.unwrap_or_default(),
        hold: hold?,
        severity: severity?,
        min_denominator: min_denominator?,
    })
}

/// Exactly one of `drop`, `below`, `stalled` and `behind`.
fn condition(
    key: &Key,
    fields: &mut Fields,
    rate: Option<&Rate>,
    problems: &mut Problems,
) -> Option<Condition> {
    let said = ["drop", "below", "stalled", "behind"].map(|name| fields.optional(name));
    let over = fields.optional("over");
    match (said, over) {
        ([Some(by), None, None, None], Some(over)) => {
            let by = share(by, "drop", "the fall", problems);
            let over = window_of(over, rate, problems);
            Some(Condition::Dropped { by: by?, over: over? })
        }
        ([None, Some(least), None, None], None) => {
            let least = share(least, "below", "the least that is well", problems)?;
            Some(Condition::Below { least })
        }
        ([None, None, Some(target), None], Some(over)) => {
            let target = share(target, "stalled", "the target", problems);
            let over = window_of(over, rate, problems);
            Some(Condition::Stalled { target: target?, over: over? })
        }
        ([None, None, None, Some(by)], None) => {
            if rate.is_some_and(|rate| rate.season.is_none()) {
                let message = "without a season there is no last spring to be behind";
                problems.suggest(&by.place, message, "give the rate a `season`");
            }
            Some(Condition::Behind { by: share(by, "behind", "by how much", problems)? })
        }
        _ => {
            let message = "an alert needs one condition";
            let instead = "`drop` with `over`, `stalled` with `over`, `below`, or `behind`";
            problems.suggest(&key.place, message, instead);
            None
        }
    }
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

fn share(node: &Node, key: &str, what: &str, problems: &mut Problems) -> Option<f64> {
    let share = node.number(problems)?;
    if share > 0.0 && share < 1.0 {
        return Some(share);
    }
    let instead = format!("write {what} as a share of one: 0.02 is two percentage points");
    problems.suggest(&node.place, format!("`{key}` must lie between 0 and 1"), instead);
    None
}

fn levels(node: &Node, problems: &mut Problems) -> Vec<Level> {
    let nodes = node.sequence(problems);
    nodes.iter().filter_map(|node| sections::level(node, problems)).collect()
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
