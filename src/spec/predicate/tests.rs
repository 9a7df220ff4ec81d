//! What predicates say of rows, and what is said of predicates that are none.
//!
//! `logic` holds the truth tables, `language` each construct, `problems` each mistake with its words and its place,
//! `random` compares with the `naive` evaluator. DuckDB itself is asked in the integration tests.

mod language;
mod logic;
mod naive;
mod problems;
mod random;

use super::{Predicate, SqlProblem};
use crate::spec::column::{Column, ColumnType, Value};

/// The columns of every test, and where they are in a row.
pub(super) fn columns() -> Vec<Column> {
    let column = |name: &str, column_type| Column { name: name.to_owned(), column_type };
    vec![
        column("departed_at", ColumnType::Time),
        column("returned_at", ColumnType::Time),
        column("trips", ColumnType::Integer),
        column("insured", ColumnType::Boolean),
        column("local", ColumnType::Boolean),
        column("mode", ColumnType::Label(["air", "rail", "bus"].map(str::to_owned).to_vec())),
    ]
}

/// 2022-02-01 00:00:00 UTC.
const FEBRUARY: i64 = 1_643_673_600;
const DAY: i64 = 86_400;

/// Left on 1 February, back two days later; three trips; insured; local or not is not known; by rail.
const ROW: [Option<i64>; 6] =
    [Some(FEBRUARY), Some(FEBRUARY + 2 * DAY), Some(3), Some(1), None, Some(1)];

fn row(values: &[Option<i64>]) -> Vec<Value> {
    values.iter().map(|value| value.map_or(Value::NULL, |n| Value::new(n).unwrap())).collect()
}

fn compile(sql: &str) -> Predicate {
    Predicate::compile(sql, &columns()).unwrap_or_else(|problems| panic!("{sql}: {problems:?}"))
}

/// What a predicate says of [`ROW`].
fn says(sql: &str) -> Option<bool> {
    compile(sql).evaluate(&row(&ROW))
}

/// The problems of a text.
fn problems(sql: &str) -> Vec<SqlProblem> {
    Predicate::compile(sql, &columns()).expect_err(sql)
}
