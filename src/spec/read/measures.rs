//! Section `measures`: predicates over the state that are counted.

use super::super::Measure;
use super::super::column::Column;
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
    let held_for = fields.optional("held_for");
    let held_for = held_for.map_or(Some(0), |n| sections::window(n, problems).map(|w| w.seconds));
    fields.done(problems);
    let (sql, predicate) = condition?;
    Some(Measure { name: name?, title, sql, predicate, held_for_seconds: held_for? })
}
