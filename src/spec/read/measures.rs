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
    let sum = fields.optional("sum");
    let sum = sum.map_or(Some(None), |n| self::sum(n, columns, problems).map(Some));
    let held_for = fields.optional("held_for");
    let held_for = held_for.map_or(Some(0), |n| sections::window(n, problems).map(|w| w.seconds));
    let within = fields.optional("within");
    let within = within
        .map_or(Some(None), |n| within_of(n, held_for.unwrap_or_default(), problems).map(Some));
    let unit_node = fields.optional("unit");
    let unit = unit_node.map_or(Some(None), |n| sections::unit(n, problems).map(Some));
    fields.done(problems);
    let ((sql, predicate), sum, unit) = (condition?, sum?, unit?);
    if let (Some(sum), Some(node)) = (&sum, unit_node) {
        let message = format!("a sum is in its own unit, `{}`", sum.denomination.unit.code());
        problems.suggest(&node.place, message, "leave `unit` out");
    }
    let unit = sum.as_ref().map(|sum| sum.denomination.unit).or(unit);
    Some(Measure {
        name: name?,
        title,
        sql,
        predicate,
        sum,
        unit,
        held_for_seconds: held_for?,
        within_seconds: within?,
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
