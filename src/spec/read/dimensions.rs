//! Section `dimensions`: what rates are broken out by, either a label column or a predicate for each value.

use super::super::column::{Column, ColumnType};
use super::super::predicate::Predicate;
use super::super::{Dimension, DimensionValue};
use super::{predicates, sections};
use crate::area::Level;
use crate::yaml::{Key, Node, Problems, nearest};

/// Reads the dimensions in the order of the file.
pub fn read(node: &Node, columns: &[Column], problems: &mut Problems) -> Vec<Dimension> {
    let entries = node.entries(problems);
    entries.iter().filter_map(|(key, node)| dimension(key, node, columns, problems)).collect()
}

fn dimension(
    key: &Key,
    node: &Node,
    columns: &[Column],
    problems: &mut Problems,
) -> Option<Dimension> {
    let name = sections::key_name(key, problems);
    let mut fields = node.fields(problems)?;
    let place = fields.place().clone();
    let title = sections::title_or_name(fields.optional("title"), &key.text, problems);
    let column = fields.optional("column");
    let titles = fields.optional("titles");
    let values = fields.optional("values");
    let exact = fields.optional("exact");
    let down_to = fields.optional("down_to");
    let down_to = down_to.map_or(Some(Level::Township), |n| sections::level(n, problems));
    fields.done(problems);
    let values = match (column, values) {
        (Some(column), None) => of_column(column, titles, columns, problems)?,
        (None, Some(values)) => {
            let entries = values.entries(problems);
            entries.iter().filter_map(|(key, node)| value(key, node, columns, problems)).collect()
        }
        _ => {
            let instead = "`column: <label column>`, or `values:` with a predicate for each value";
            problems.suggest(&place, "a dimension needs one of `column` and `values`", instead);
            return None;
        }
    };
    let exact = exact.map_or(Some(None), |node| exact_of(node, &values, problems).map(Some))?;
    let (name, down_to, is_of_a_column) = (name?, down_to?, column.is_some());
    Some(Dimension { name, title, values, is_of_a_column, exact, down_to })
}

/// The value that qualifies nothing.
fn exact_of(node: &Node, values: &[DimensionValue], problems: &mut Problems) -> Option<usize> {
    let text = node.text(problems)?;
    let index = values.iter().position(|value| value.name == text);
    if index.is_none() {
        let known: Vec<&str> = values.iter().map(|value| value.name.as_str()).collect();
        let instead = format!("its values: {}", known.join(", "));
        problems.suggest(&node.place, format!("`{text}` is no value of it"), instead);
    }
    index
}

fn value(
    key: &Key,
    node: &Node,
    columns: &[Column],
    problems: &mut Problems,
) -> Option<DimensionValue> {
    let name = sections::key_name(key, problems);
    let mut fields = node.fields(problems)?;
    let title = sections::title_or_name(fields.optional("title"), &key.text, problems);
    let condition = fields.required("where", problems);
    let condition = condition.and_then(|n| predicates::read(n, columns, problems));
    fields.done(problems);
    let (sql, predicate) = condition?;
    Some(DimensionValue { name: name?, title, sql, predicate })
}

/// The lowest areas that are broken out. Every one is, unless said: a long list of values is too much for each county.
/// Each label of a column becomes the predicate `column = 'label'`.
fn of_column(
    node: &Node,
    titles: Option<&Node>,
    columns: &[Column],
    problems: &mut Problems,
) -> Option<Vec<DimensionValue>> {
    let name = node.text(problems)?;
    let labels = labels_of(node, name, columns, problems)?;
    let titles = titles.map(|n| n.entries(problems)).unwrap_or_default();
    for (key, _) in titles.iter().filter(|(key, _)| !labels.contains(&key.text)) {
        let message = format!("`{}` is no value of `{name}`", key.text);
        problems.suggest(&key.place, message, format!("its values: {}", labels.join(", ")));
    }
    let value = |label: &String| {
        let title = titles.iter().find(|(key, _)| key.text == *label).map(|(_, node)| node);
        let title = sections::title_or_name(title, label, problems);
        let sql = format!("{name} = '{}'", label.replace('\'', "''"));
        let predicate = Predicate::compile(&sql, columns).ok()?;
        Some(DimensionValue { name: label.clone(), title, sql, predicate })
    };
    Some(labels.iter().filter_map(value).collect())
}

fn labels_of<'c>(
    node: &Node,
    name: &str,
    columns: &'c [Column],
    problems: &mut Problems,
) -> Option<&'c Vec<String>> {
    let labels = columns.iter().find_map(|column| match &column.column_type {
        ColumnType::Label(labels) if column.name == name => Some(labels),
        _ => None,
    });
    if labels.is_none() {
        let is_label = |column: &&Column| matches!(column.column_type, ColumnType::Label(_));
        let known: Vec<&str> = columns.iter().filter(is_label).map(|c| c.name.as_str()).collect();
        let instead = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the label columns are: {}", known.join(", ")),
        };
        problems.suggest(&node.place, format!("`{name}` is no label column"), instead);
    }
    labels
}
