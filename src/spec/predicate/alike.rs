//! Operands that must be of one type: those of a comparison, the results of a `CASE`, the arguments of `COALESCE`.
//!
//! A string on its own could be a label of any column, and a number an amount, so both are looked at last, when the
//! operands beside them have told what they are. Does not know what is done with the operands.

use sqlparser::ast::{Expr, UnaryOperator, Value};
use sqlparser::tokenizer::Location;

use super::check::Checker;
use super::choose::coalesced;
use super::node::Node;
use super::problem::SqlProblem;
use super::types::{Beside, Type, Typed};

/// Operands of one type.
pub(super) struct Alike<'c> {
    pub(super) nodes: Vec<Node>,
    pub(super) kind: Type<'c>,
}

impl<'c> Checker<'c> {
    /// Checks operands that must be of one type; `beside` tells what they are if none of them does.
    pub(super) fn alike(
        &mut self,
        operands: &[&Expr],
        beside: Beside<'c>,
        what: &str,
    ) -> Option<Alike<'c>> {
        let mut checked: Vec<(Location, Option<Typed<'c>>)> = Vec::with_capacity(operands.len());
        for expr in operands {
            let typed = if waits(expr) { None } else { self.value(expr, beside) };
            checked.push((self.place(expr), typed));
        }
        let mut beside = told(operands, &checked).unwrap_or(beside);
        for (expr, (_, typed)) in operands.iter().zip(&mut checked) {
            if waits(expr) {
                *typed = self.value(expr, beside);
                // One string that stands beside nothing is told once, not once for each string.
                if typed.is_none() && beside == Beside::Nothing {
                    beside = Beside::Broken;
                }
            }
        }
        self.of_one_type(checked, what)
    }

    /// The first operand that has a type decides; each other that differs is a problem of its own.
    fn of_one_type(
        &mut self,
        checked: Vec<(Location, Option<Typed<'c>>)>,
        what: &str,
    ) -> Option<Alike<'c>> {
        let kind = decisive(&checked).unwrap_or(Type::Null);
        let mut nodes = Some(Vec::with_capacity(checked.len()));
        for (at, typed) in checked {
            let node = match typed {
                Some(typed) if typed.kind != kind && typed.kind != Type::Null => {
                    self.note(mixed(at, what, kind, typed.kind))
                }
                typed => typed.map(|typed| typed.node),
            };
            nodes = nodes.zip(node).map(|(mut nodes, node)| {
                nodes.push(node);
                nodes
            });
        }
        nodes.map(|nodes| Alike { nodes, kind })
    }
}

/// What the operands tell about the strings among them.
fn told<'c>(operands: &[&Expr], checked: &[(Location, Option<Typed<'c>>)]) -> Option<Beside<'c>> {
    let mut others = operands.iter().zip(checked).filter(|(expr, _)| !waits(expr));
    let broken = others.any(|(_, (_, typed))| typed.is_none());
    decisive(checked).map(Beside::Type).or(broken.then_some(Beside::Broken))
}

fn decisive<'c>(checked: &[(Location, Option<Typed<'c>>)]) -> Option<Type<'c>> {
    let mut kinds = checked.iter().filter_map(|(_, typed)| typed.as_ref()).map(|typed| typed.kind);
    kinds.find(|kind| *kind != Type::Null)
}

fn mixed(at: Location, what: &str, first: Type<'_>, other: Type<'_>) -> SqlProblem {
    let problem = SqlProblem::new(at, format!("{what} mixes {first} with {other}"));
    match (first, other) {
        (Type::Label(_), Type::Label(_)) => {
            let message = format!("{what} mixes labels from two different lists");
            SqlProblem::new(at, message).instead("compare each with strings of its own list")
        }
        (Type::Time, Type::Integer) => problem.instead("write TIMESTAMP '2022-02-01 08:00:00'"),
        (Type::Boolean, Type::Integer) => problem.instead("write TRUE or FALSE"),
        (Type::Label(_), Type::Integer) => problem.instead("a label is written in quotes"),
        _ => problem,
    }
}

/// Whether an expression is looked at last: a string, a choice among strings or a number takes its type from what stands
/// beside it, and of an interval there is nothing more to say beside something in error.
fn waits(expr: &Expr) -> bool {
    matches!(expr, Expr::Interval(_))
        || is_number(expr)
        || strings_in(expr).is_some_and(|strings| strings > 0)
}

fn is_number(expr: &Expr) -> bool {
    match expr {
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => {
            is_number(inner)
        }
        Expr::Value(literal) => matches!(literal.value, Value::Number(..)),
        _ => false,
    }
}

/// How many strings an expression chooses among, if among nothing but strings and NULL.
fn strings_in(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Nested(inner) => strings_in(inner),
        Expr::Value(literal) => match literal.value {
            Value::SingleQuotedString(_) => Some(1),
            Value::Null => Some(0),
            _ => None,
        },
        Expr::Case { conditions, else_result, .. } => {
            let results = conditions.iter().map(|branch| &branch.result);
            results.chain(else_result.as_deref()).map(strings_in).sum()
        }
        Expr::Function(function) => coalesced(function)?.into_iter().map(strings_in).sum(),
        _ => None,
    }
}
