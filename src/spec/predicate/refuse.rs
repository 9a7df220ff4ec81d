//! What SQL has and predicates have not: each construct refused in words of its own.

use sqlparser::ast::{BinaryOperator, Expr, Function, FunctionArguments};
use sqlparser::tokenizer::Location;

use super::check::Checker;
use super::problem::SqlProblem;
use super::types::Typed;

const LANGUAGE: &str =
    "a predicate is built of comparisons, AND, OR, NOT, IS, IN, BETWEEN, CASE and COALESCE";

impl<'c> Checker<'c> {
    /// Refuses a construct that no other rule knows.
    pub(super) fn refuse(&mut self, expr: &Expr) -> Option<Typed<'c>> {
        let (message, instead) = reason(expr);
        let problem = SqlProblem::new(self.place(expr), message);
        self.note(problem.instead(instead.unwrap_or_else(|| LANGUAGE.to_owned())))
    }

    pub(super) fn refuse_operator(
        &mut self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
    ) -> Option<Typed<'c>> {
        use BinaryOperator::{Divide, DuckIntegerDivide, Modulo, Multiply};
        if matches!(op, Multiply | Divide | DuckIntegerDivide | Modulo) {
            return self.refuse_arithmetic(self.place(left));
        }
        let message = format!("operator `{op}` is not supported");
        self.note(SqlProblem::new(self.place(right), message).instead(LANGUAGE))
    }

    pub(super) fn refuse_arithmetic(&mut self, at: Location) -> Option<Typed<'c>> {
        let message = "arithmetic is not supported, save a time plus or minus an interval";
        let instead = "compare the column with a number worked out beforehand";
        self.note(SqlProblem::new(at, message).instead(instead))
    }

    pub(super) fn refuse_function(
        &mut self,
        expr: &Expr,
        function: &Function,
    ) -> Option<Typed<'c>> {
        let name = &function.name;
        let (message, instead) = match is_clock(function) {
            true => (
                format!("`{name}` tells another time at every run"),
                "compare with a column or with TIMESTAMP '2022-02-01 08:00:00'",
            ),
            false => {
                (format!("function `{name}` is not supported"), "the only function is COALESCE(…)")
            }
        };
        self.note(SqlProblem::new(self.place(expr), message).instead(instead))
    }
}

/// Functions that SQL calls without parentheses tell the time, the user or the like.
fn is_clock(function: &Function) -> bool {
    let name = function.name.to_string().to_ascii_lowercase();
    let clocks = ["now", "today", "current_timestamp", "get_current_timestamp", "current_date"];
    function.args == FunctionArguments::None || clocks.contains(&name.as_str())
}

/// What is wrong with a construct, and what to write instead of it.
fn reason(expr: &Expr) -> (String, Option<String>) {
    let (message, instead) = match expr {
        Expr::CompoundIdentifier(parts) => {
            let column = parts.last().map(|name| format!("write {name}"));
            return (
                "a column has no table before it: a predicate reads one row".to_owned(),
                column,
            );
        }
        Expr::Interval(_) => (
            "an interval is a length, no value of its own",
            "add it to a time: departed_at + INTERVAL '3 days'",
        ),
        Expr::Like { .. } | Expr::ILike { .. } | Expr::SimilarTo { .. } | Expr::RLike { .. } => {
            ("patterns are not supported", "list the labels: IN ('…', '…')")
        }
        Expr::Cast { .. } | Expr::Convert { .. } => {
            ("casts are not supported", "write literals in the column's own type")
        }
        Expr::AtTimeZone { .. } => ("all times are UTC", "write the literal in UTC"),
        Expr::InSubquery { .. } | Expr::Exists { .. } | Expr::Subquery(_) => {
            ("a predicate reads one row: subqueries are not supported", LANGUAGE)
        }
        Expr::UnaryOp { op, .. } => {
            return (format!("operator `{op}` is not supported"), None);
        }
        Expr::Tuple(_) => {
            ("a list of values stands only after IN", "compare the columns one by one")
        }
        _ => ("this construct is not part of predicates", LANGUAGE),
    };
    (message.to_owned(), Some(instead.to_owned()))
}
