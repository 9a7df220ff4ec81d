//! Section `kinds`: what events are facts, what voids them, what they carry and how many are kept.

use super::super::amount::{Denomination, SCALE_MOST};
use super::super::column::{Column, ColumnType};
use super::super::{Field, Keep, Kind};
use super::sections::{self, key_name, pointer};
use crate::yaml::{Key, Node, Problems, nearest};

/// How many facts of a kind a timeline keeps unless the file says otherwise.
const KEEP_LAST: u32 = 4;

/// Reads the kinds, sorted by name, with their columns laid out.
pub fn read(node: &Node, problems: &mut Problems) -> Vec<Kind> {
    let entries = node.entries(problems);
    let mut kinds: Vec<Kind> =
        entries.iter().filter_map(|(key, node)| kind(key, node, problems)).collect();
    kinds.sort_by(|a, b| a.name.cmp(&b.name));
    let mut next_column = 0;
    for kind in &mut kinds {
        let counted = usize::from(kind.counted.is_some());
        kind.columns = next_column..next_column + 1 + kind.fields.len() + counted;
        next_column = kind.columns.end;
    }
    kinds
}

fn kind(key: &Key, node: &Node, problems: &mut Problems) -> Option<Kind> {
    let name = key_name(key, problems);
    let mut fields = node.fields(problems)?;
    let events = fields.required("events", problems).map(|n| n.texts(problems)).unwrap_or_default();
    let retracted_by =
        fields.optional("retracted_by").map(|n| n.texts(problems)).unwrap_or_default();
    let keep_node = fields.optional("keep");
    let keep = keep_node.map_or(Some(Keep::Last(KEEP_LAST)), |n| keep(n, problems));
    let field_nodes = fields.optional("fields").map(|n| n.entries(problems)).unwrap_or_default();
    let carried = field_nodes.iter().filter_map(|(key, node)| field(key, node, problems)).collect();
    let counted_node = fields.optional("counted");
    let counted = counted_node.map_or(Some(None), |n| sections::unit(n, problems).map(Some));
    fields.done(problems);
    if let (Some(node), true) = (counted_node, keep != Some(Keep::All)) {
        let message = "only facts of which every one is kept can be counted";
        problems.suggest(&node.place, message, "write `keep: all` beside it");
    }
    if let (Some(node), Some(Keep::First), false) = (keep_node, keep, retracted_by.is_empty()) {
        // The first fact that stands after a retraction may be one that was not kept.
        let message =
            "`keep: first` and `retracted_by` together would depend on the order of arrival";
        problems.suggest(&node.place, message, "write `keep: all`");
    }
    let (name, keep, counted) = (name?, keep?, counted?);
    Some(Kind { name, events, retracted_by, keep, fields: carried, counted, columns: 0..0 })
}

fn keep(node: &Node, problems: &mut Problems) -> Option<Keep> {
    let text = node.text(problems)?;
    let last = || text.strip_prefix("last ").and_then(|n| n.parse().ok()).filter(|n| *n >= 1);
    let keep = match text {
        "first" => Some(Keep::First),
        "all" => Some(Keep::All),
        _ => last().map(Keep::Last),
    };
    if keep.is_none() {
        let message = format!("`{text}` does not say how many to keep");
        problems.suggest(&node.place, message, "write `last 4`, `first` or `all`");
    }
    keep
}

fn field(key: &Key, node: &Node, problems: &mut Problems) -> Option<Field> {
    let name = key_name(key, problems);
    let mut fields = node.fields(problems)?;
    let path = fields.required("path", problems).and_then(|n| pointer(n, problems));
    let type_node = fields.required("type", problems);
    let details = Details {
        values: fields.optional("values"),
        unit: fields.optional("unit"),
        scale: fields.optional("scale"),
    };
    let field_type = type_node.and_then(|n| field_type(n, &details, problems));
    fields.done(problems);
    Some(Field { name: name?, path: path?, field_type: field_type? })
}

/// What a type needs beside its name.
struct Details<'n> {
    values: Option<&'n Node>,
    unit: Option<&'n Node>,
    scale: Option<&'n Node>,
}

fn field_type(node: &Node, details: &Details, problems: &mut Problems) -> Option<ColumnType> {
    const TYPES: [&str; 5] = ["label", "integer", "amount", "boolean", "time"];
    let text = node.text(problems)?;
    let misplaced = [
        ("values", details.values, "label"),
        ("unit", details.unit, "amount"),
        ("scale", details.scale, "amount"),
    ];
    for (what, detail, of) in misplaced {
        if let Some(detail) = detail.filter(|_| text != of) {
            let article = if of == "amount" { "an" } else { "a" };
            problems.note(&detail.place, format!("only {article} `{of}` has `{what}`"));
        }
    }
    match text {
        "integer" => Some(ColumnType::Integer),
        "boolean" => Some(ColumnType::Boolean),
        "time" => Some(ColumnType::Time),
        "amount" => amount(node, details, problems),
        "label" => label(node, details.values, problems),
        other => {
            let instead = match nearest(other, TYPES.into_iter()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write one of: {}", TYPES.join(", ")),
            };
            problems.suggest(&node.place, format!("unknown type `{other}`"), instead);
            None
        }
    }
}

fn amount(node: &Node, details: &Details, problems: &mut Problems) -> Option<ColumnType> {
    let Some(unit) = details.unit else {
        problems.suggest(&node.place, "an `amount` needs a `unit`", "unit: CNY");
        return None;
    };
    let unit = sections::unit(unit, problems);
    let scale = details.scale.map_or(Some(0), |n| n.integer(0, problems));
    let scale = scale.map(|scale| u8::try_from(scale).ok().filter(|scale| *scale <= SCALE_MOST));
    if let (Some(None), Some(node)) = (scale, details.scale) {
        problems.note(&node.place, format!("an amount has at most {SCALE_MOST} decimals"));
    }
    Some(ColumnType::Amount(Denomination { unit: unit?, scale: scale?? }))
}

fn label(node: &Node, values: Option<&Node>, problems: &mut Problems) -> Option<ColumnType> {
    let values = values.map(|n| n.texts(problems)).unwrap_or_default();
    let mut seen = values.clone();
    seen.sort();
    seen.dedup();
    if values.is_empty() || seen.len() != values.len() {
        let message = "a `label` needs `values`: the closed list of what it may be, each once";
        problems.suggest(&node.place, message, "values: [air, rail, bus, own]");
        return None;
    }
    Some(ColumnType::Label(values))
}

/// The columns of the state: for each kind its time, its fields, and how many such facts there are if they are counted.
pub fn columns(kinds: &[Kind]) -> Vec<Column> {
    let of_kind = |kind: &Kind| {
        let at = Column { name: format!("{}_at", kind.name), column_type: ColumnType::Time };
        let fields = kind.fields.iter().map(|field| Column {
            name: format!("{}_{}", kind.name, field.name),
            column_type: field.field_type.clone(),
        });
        let count = kind.counted.map(|unit| Column {
            name: format!("{}_count", kind.name),
            column_type: ColumnType::Amount(Denomination { unit, scale: 0 }),
        });
        std::iter::once(at).chain(fields).chain(count).collect::<Vec<_>>()
    };
    kinds.iter().flat_map(of_kind).collect()
}

/// A predicate must find one column by a name, and a table may hold one: `returned` with a field `at` has two.
pub fn refuse_column_named_twice(columns: &[Column], at: &Node, problems: &mut Problems) {
    let mut names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    names.sort_unstable();
    for pair in names.windows(2).filter(|pair| pair[0] == pair[1]) {
        let message = format!("two columns are named `{}`", pair[0]);
        problems.suggest(&at.place, message, "give the field or the kind another name");
    }
}

/// An event type must mean one thing.
pub fn refuse_type_named_twice<'t>(
    kinds: &'t [Kind],
    others: impl Iterator<Item = &'t String>,
    at: &Node,
    problems: &mut Problems,
) {
    let of_kinds = kinds.iter().flat_map(|kind| kind.events.iter().chain(&kind.retracted_by));
    let mut types: Vec<&String> = of_kinds.chain(others).collect();
    types.sort();
    for pair in types.windows(2).filter(|pair| pair[0] == pair[1]) {
        let message = format!("event type `{}` is named twice", pair[0]);
        problems.suggest(
            &at.place,
            message,
            "name it in one kind, one `retracted_by`, `ignore` or `heartbeats`",
        );
    }
}
