//! Section `measures`: predicates over the state that are counted, or over which something is added up.

use super::super::column::Column;
use super::super::{Measure, Sum};
use super::{predicates, sections};
use crate::yaml::{Key, Node, Problems};

/// Reads the measures in the order of the file.
pub fn read(node: &Node, columns: &[Column], problems: &mut Problems) -> Vec<Measure> {
    let entries = node.entries(problems);
    entries.iter().filter_map(|(key, node)| measure(key, node, columns, problems)).collect()
}

fn measure(key: &Key, node: &Node, columns: &[Column], problems: &mut Problems) -> Option<Measure> {
    let name = sections::key_name(key, problems);
    let mut fields = node.fields(problems)?;
    let title = sections::title_or_name(fields.optional("title"), &key.text, problems);
    let condition = fields.required("where", problems);
    let condition = condition.and_then(|n| predicates::read(n, columns, problems));
    let sum = fields.optional("sum").map(|n| sum(n, columns, problems));
    let held_for = fields.optional("held_for");
    let held_for = held_for.map_or(Some(0), |n| sections::window(n, problems).map(|w| w.seconds));
    let within = fields.optional("within");
    let within_seconds = match within {
        Some(node) => Some(within_of(node, held_for?, problems)?),
        None => None,
    };
    let unit_node = fields.optional("unit");
    let unit = unit_node.map(|n| sections::unit(n, problems));
    fields.done(problems);
    let (sql, predicate) = condition?;
    let sum = match sum {
        Some(sum) => Some(sum?),
        None => None,
    };
    if let (Some(sum), Some(node)) = (&sum, unit_node) {
        let message = format!("a sum is in its own unit, `{}`", sum.denomination.unit.code());
        problems.suggest(&node.place, message, "leave `unit` out");
    }
    let unit = sum.as_ref().map(|sum| sum.denomination.unit).or(unit.flatten());
    let held_for_seconds = held_for?;
    Some(Measure {
        name: name?,
        title,
        sql,
        predicate,
        sum,
        unit,
        held_for_seconds,
        within_seconds,
    })
}

fn sum(node: &Node, columns: &[Column], problems: &mut Problems) -> Option<Sum> {
    let sum = Sum::compile(node.text(problems)?, columns);
    let told = |what| {
        problems.suggest(&node.place, what, "name an amount, or write `closed_at - opened_at`")
    };
    sum.map_err(told).ok()
}

/// What counts only after a while and only for a while has to count at all.
fn within_of(node: &Node, held_for: i64, problems: &mut Problems) -> Option<i64> {
    let within = sections::window(node, problems)?.seconds;
    if within <= held_for {
        problems.suggest(
            &node.place,
            "nothing is counted within less than it has to be held for",
            "write a longer time",
        );
        return None;
    }
    Some(within)
}
