//! A measure's SQL: parsed, checked against the columns, compiled, and evaluated over one state row.
//!
//! Data teams run the very same text in DuckDB over a table with the same columns, so whatever compiles here means the
//! same there, three-valued logic included; whatever could mean something else there is a problem here. For that a
//! table's times are `TIMESTAMP`, or the session says `SET TimeZone = 'UTC'`.
//!
//! A predicate is built of columns and literals (`3`, `'label'`, `TRUE`, `NULL`, `TIMESTAMP '2022-02-01 08:00:00'`);
//! `=`, `<>`, `<`, `<=`, `>`, `>=` and `IS [NOT] DISTINCT FROM`; `AND`, `OR`, `NOT`; `IS [NOT] NULL`, `TRUE`, `FALSE`
//! and `UNKNOWN`; `[NOT] IN` and `[NOT] BETWEEN`; `CASE` and `COALESCE`; and a time plus or minus an `INTERVAL`.
//!
//! A time that an interval pushes beyond what 64 bits of seconds hold becomes NULL. No interval is longer than a
//! thousand years and no predicate nests deeper than [`DEPTH_MOST`], so from a time between the years 2000 and 2200 one
//! comes neither there nor to the end of DuckDB's own timestamps, where DuckDB would refuse to answer.
//!
//! Deliberately knows neither measures nor files: problems are placed within the text.

mod alike;
mod check;
mod choose;
mod compare;
mod dialect;
mod evaluate;
mod interval;
mod literal;
mod logic;
mod node;
mod parse;
mod place;
mod problem;
mod refuse;
mod shift;
mod types;

#[cfg(test)]
mod tests;

pub use problem::SqlProblem;

use self::check::Checker;
use self::node::{Comparison, Node};
use crate::spec::column::{Column, Value};

/// How deep a predicate may nest: every parenthesis, `NOT`, comparison … is one level, a whole chain of `AND` is one.
pub const DEPTH_MOST: usize = 64;
/// How many words and signs a predicate may have.
pub const TOKENS_MOST: usize = 4096;

/// A compiled predicate.
#[derive(Clone, Debug)]
pub struct Predicate {
    root: Node,
    columns: Box<[usize]>,
}

impl Predicate {
    /// Compiles a predicate over rows of the given columns, or tells everything that is wrong with it, in the order of
    /// the text.
    pub fn compile(sql: &str, columns: &[Column]) -> Result<Self, Vec<SqlProblem>> {
        let expression = parse::parse(sql).map_err(|problem| vec![problem])?;
        let (root, columns) = Checker::new(columns).predicate(&expression)?;
        Ok(Self { root, columns })
    }

    /// What the predicate says of a row: true, false, or `None` for SQL's unknown. A column the row lacks is NULL.
    pub fn evaluate(&self, row: &[Value]) -> Option<bool> {
        self.root.evaluate(row).get().map(|truth| truth != 0)
    }

    /// Whether the predicate counts the row: only TRUE does.
    pub fn holds(&self, row: &[Value]) -> bool {
        self.root.evaluate(row) == Value::from_bool(true)
    }

    /// The column and the value, if all it says is that a column has a certain value.
    pub fn wants(&self) -> Option<(usize, Value)> {
        let Node::Compare(Comparison::Equal, sides) = &self.root else { return None };
        match sides.as_ref() {
            [Node::Column(column), Node::Constant(value)] if !value.is_null() => {
                Some((*column, *value))
            }
            _ => None,
        }
    }

    /// The columns it reads, ascending, each once.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().copied()
    }
}
