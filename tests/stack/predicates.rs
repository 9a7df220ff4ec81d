//! A predicate means in chunfeng what it means in DuckDB: true, false, and NULL too.

use chunfeng::spec::column::{Column, ColumnType, Value};
use chunfeng::spec::predicate::Predicate;
use chunfeng::time::EventTime;
use serde_json::json;

use crate::cases::{COLUMNS, Case, MODES, cases};
use crate::python;

const SEED: u64 = 4_260;
const CASES: usize = 5_000;

#[test]
fn duckdb_says_of_every_row_what_chunfeng_says() {
    let cases = cases(SEED, CASES);
    let question = json!({
        "columns": COLUMNS,
        "cases": cases.iter().map(|case| json!({ "sql": case.sql, "row": case.row })).collect::<Vec<_>>(),
    });
    let answers = python::ask("predicates.py", &question);
    let answers = answers.as_array().expect("a list of answers");
    assert_eq!(answers.len(), cases.len());

    let columns = columns();
    let mut seen = [0; 3];
    let mut differences = Vec::new();
    for (case, theirs) in cases.iter().zip(answers) {
        let ours = json!(says(case, &columns));
        seen[ours.as_bool().map_or(2, usize::from)] += 1;
        if ours != *theirs {
            differences.push(format!("ours {ours}, DuckDB {theirs}: {case:?}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{} differ, such as\n{}",
        differences.len(),
        differences[..differences.len().min(5)].join("\n")
    );
    let [falses, trues, unknowns] = seen;
    let few = CASES / 20;
    assert!(
        falses > few && trues > few && unknowns > few,
        "{falses} false, {trues} true, {unknowns} NULL: the cases are too much alike"
    );
}

fn says(case: &Case, columns: &[Column]) -> Option<bool> {
    let predicate = Predicate::compile(&case.sql, columns)
        .unwrap_or_else(|problems| panic!("{}: {problems:?}", case.sql));
    let row: Vec<Value> =
        case.row.iter().map(|(_, literal)| literal.as_deref().map_or(Value::NULL, value)).collect();
    predicate.evaluate(&row)
}

fn columns() -> Vec<Column> {
    let column = |(name, sql_type): (&str, &str)| Column {
        name: name.to_owned(),
        column_type: match sql_type {
            "TIMESTAMP" => ColumnType::Time,
            "BIGINT" => ColumnType::Integer,
            "BOOLEAN" => ColumnType::Boolean,
            _ => ColumnType::Label(MODES.map(str::to_owned).to_vec()),
        },
    };
    COLUMNS.into_iter().map(column).collect()
}

/// A literal as a row holds it.
fn value(literal: &str) -> Value {
    let number = match literal {
        "TRUE" => 1,
        "FALSE" => 0,
        _ if literal.starts_with("TIMESTAMP") => time(literal),
        _ if literal.starts_with('\'') => label(literal),
        _ => literal.parse().expect("an integer"),
    };
    Value::new(number).expect("a number that is not NULL's")
}

/// `TIMESTAMP '2022-02-01 12:00:00'`, or without the hours.
fn time(literal: &str) -> i64 {
    let text = literal.trim_start_matches("TIMESTAMP ").trim_matches('\'');
    let text = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        _ => format!("{}Z", text.replace(' ', "T")),
    };
    EventTime::parse(&text).expect("a time").seconds()
}

fn label(literal: &str) -> i64 {
    let label = literal.trim_matches('\'');
    let place = MODES.iter().position(|mode| *mode == label);
    place.expect("a label of the list") as i64
}
