//! The checker: walks sqlparser's tree once, notes every problem it meets, and builds the compiled form.
//!
//! A node in error yields `None`, and whoever asked for it carries on with its other operands but says nothing more
//! about this one. What each construct asks of its operands is told in the files beside this one.

use std::collections::BTreeSet;

use sqlparser::ast::{BinaryOperator, Expr, Ident, UnaryOperator};
use sqlparser::tokenizer::Location;

use super::node::Node;
use super::parse::too_deep;
use super::place::{self, BEGINNING};
use super::types::{Beside, Type, Typed};
use super::{DEPTH_MOST, SqlProblem};
use crate::spec::column::{Column, Value};
use crate::yaml::nearest;

/// A predicate being checked.
pub(super) struct Checker<'c> {
    columns: &'c [Column],
    problems: Vec<SqlProblem>,
    read: BTreeSet<usize>,
    depth: usize,
    /// The last place known, for expressions that have none.
    near: Location,
}

impl<'c> Checker<'c> {
    /// A checker against these columns.
    pub(super) fn new(columns: &'c [Column]) -> Self {
        Self { columns, problems: Vec::new(), read: BTreeSet::new(), depth: 0, near: BEGINNING }
    }

    /// Compiles a whole predicate; tells the columns it reads too.
    pub(super) fn predicate(
        mut self,
        expr: &Expr,
    ) -> Result<(Node, Box<[usize]>), Vec<SqlProblem>> {
        let root = self.truth(expr, "a predicate");
        if self.problems.is_empty() && self.read.is_empty() {
            let problem = SqlProblem::new(self.place(expr), "the predicate reads no column");
            self.note::<()>(problem.instead(format!("there are {}", self.column_names())));
        }
        match root {
            Some(root) if self.problems.is_empty() => Ok((root, self.read.into_iter().collect())),
            _ => {
                self.problems.sort_by_key(|problem| (problem.line, problem.column));
                self.problems.dedup();
                Err(self.problems)
            }
        }
    }

    /// Notes a problem. Returns nothing, as an expression in error does.
    pub(super) fn note<T>(&mut self, problem: SqlProblem) -> Option<T> {
        self.problems.push(problem);
        None
    }

    /// Where an expression begins, or the last place known before it.
    pub(super) fn place(&self, expr: &Expr) -> Location {
        place::start(expr).unwrap_or(self.near)
    }

    /// Checks any expression. `beside` tells what its strings would be.
    pub(super) fn value(&mut self, expr: &Expr, beside: Beside<'c>) -> Option<Typed<'c>> {
        self.near = self.place(expr);
        if self.depth == DEPTH_MOST {
            return self.note(too_deep(self.near));
        }
        self.depth += 1;
        let typed = self.construct(expr, beside);
        self.depth -= 1;
        typed
    }

    fn construct(&mut self, expr: &Expr, beside: Beside<'c>) -> Option<Typed<'c>> {
        match expr {
            Expr::Nested(inner) => self.value(inner, beside),
            Expr::Identifier(name) => self.column(name),
            Expr::Value(literal) => self.literal(literal, beside),
            Expr::TypedString(literal) => self.timestamp(literal),
            Expr::UnaryOp { op, expr: inner } => match op {
                UnaryOperator::Not => self.not(inner),
                UnaryOperator::Minus => self.negative(expr, inner, beside),
                _ => self.refuse(expr),
            },
            Expr::BinaryOp { left, op, right } => match op {
                BinaryOperator::And | BinaryOperator::Or => self.chain(expr),
                BinaryOperator::Plus | BinaryOperator::Minus => self.shift(left, op, right),
                _ => self.comparison(left, op, right),
            },
            Expr::InList { .. } | Expr::Between { .. } => self.range(expr),
            Expr::Case { .. } => self.case(expr, beside),
            Expr::Function(function) => self.function(expr, function, beside),
            Expr::Interval(_) if beside == Beside::Broken => None,
            other => self.is(other),
        }
    }

    fn column(&mut self, name: &Ident) -> Option<Typed<'c>> {
        let columns = self.columns;
        let written = &name.value;
        let found = columns.iter().enumerate().find(|(_, c)| c.name.eq_ignore_ascii_case(written));
        if let Some((index, column)) = found {
            self.read.insert(index);
            return Some(Typed { node: Node::Column(index), kind: Type::of(&column.column_type) });
        }
        let message = format!("no column is named `{written}`: there are {}", self.column_names());
        let problem = SqlProblem::new(name.span.start, message);
        self.note(match nearest(written, columns.iter().map(|column| column.name.as_str())) {
            Some(meant) => problem.instead(format!("did you mean `{meant}`?")),
            None => problem,
        })
    }

    fn column_names(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|c| format!("`{}`", c.name)).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }

    /// The node of a literal.
    pub(super) fn constant(number: i64, kind: Type<'c>) -> Option<Typed<'c>> {
        Value::new(number).map(|value| Typed { node: Node::Constant(value), kind })
    }
}
