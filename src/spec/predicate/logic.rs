//! `AND`, `OR`, `NOT` and `IS …`: whatever asks for conditions or tells of them.

use sqlparser::ast::{BinaryOperator, Expr};

use super::check::Checker;
use super::node::Node;
use super::problem::SqlProblem;
use super::types::{Beside, Type, Typed};
use crate::spec::column::Value;

/// What `IS` can ask for.
struct Question<'e> {
    inner: &'e Expr,
    wanted: Value,
    negated: bool,
    /// Only a condition can be asked this; whether it is NULL can be asked of anything.
    of_condition: bool,
}

impl<'c> Checker<'c> {
    /// Checks an expression that must be true, false or unknown.
    pub(super) fn truth(&mut self, expr: &Expr, wanted_by: &str) -> Option<Node> {
        let typed = self.value(expr, Beside::Type(Type::Boolean))?;
        if matches!(typed.kind, Type::Boolean | Type::Null) {
            return Some(typed.node);
        }
        let message = format!("{wanted_by} needs a condition, and this is {}", typed.kind);
        let problem = SqlProblem::new(self.place(expr), message);
        self.note(problem.instead(condition_instead(expr, typed.kind)))
    }

    pub(super) fn not(&mut self, inner: &Expr) -> Option<Typed<'c>> {
        let node = self.truth(inner, "`NOT`")?;
        Some(boolean(Node::Not(Box::new(node))))
    }

    /// A chain of one operator leans to the left; taken together it is one level, however long it is.
    pub(super) fn chain(&mut self, expr: &Expr) -> Option<Typed<'c>> {
        let Expr::BinaryOp { op: chained, .. } = expr else {
            return None;
        };
        let mut conditions = Vec::new();
        let mut rest = expr;
        while let Expr::BinaryOp { left, op, right } = rest
            && op == chained
        {
            conditions.push(right.as_ref());
            rest = left;
        }
        conditions.push(rest);
        let is_and = *chained == BinaryOperator::And;
        let wanted_by = if is_and { "`AND`" } else { "`OR`" };
        let checked: Vec<_> =
            conditions.into_iter().rev().map(|c| self.truth(c, wanted_by)).collect();
        let nodes = checked.into_iter().collect::<Option<Box<[Node]>>>()?;
        Some(boolean(if is_and { Node::All(nodes) } else { Node::Any(nodes) }))
    }

    /// `IS [NOT] NULL`, `TRUE`, `FALSE`, `UNKNOWN`; anything else is not part of the language.
    pub(super) fn is(&mut self, expr: &Expr) -> Option<Typed<'c>> {
        let Some(Question { inner, wanted, negated, of_condition }) = question(expr) else {
            return self.refuse(expr);
        };
        let enclosed = self.enclosed(&[inner]);
        let node = match of_condition {
            true => self.truth(inner, "`IS`")?,
            false => self.value(inner, Beside::Nothing)?.node,
        };
        enclosed.then(|| boolean(Node::Is(wanted, Box::new(node)).negated_if(negated)))
    }
}

/// A condition.
pub(super) fn boolean<'c>(node: Node) -> Typed<'c> {
    Typed { node, kind: Type::Boolean }
}

fn question(expr: &Expr) -> Option<Question<'_>> {
    let (inner, wanted, negated, of_condition) = match expr {
        Expr::IsNull(inner) => (inner, Value::NULL, false, false),
        Expr::IsNotNull(inner) => (inner, Value::NULL, true, false),
        Expr::IsUnknown(inner) => (inner, Value::NULL, false, true),
        Expr::IsNotUnknown(inner) => (inner, Value::NULL, true, true),
        Expr::IsTrue(inner) => (inner, Value::from_bool(true), false, true),
        Expr::IsNotTrue(inner) => (inner, Value::from_bool(true), true, true),
        Expr::IsFalse(inner) => (inner, Value::from_bool(false), false, true),
        Expr::IsNotFalse(inner) => (inner, Value::from_bool(false), true, true),
        _ => return None,
    };
    Some(Question { inner, wanted, negated, of_condition })
}

/// What to write where a condition is wanted.
fn condition_instead(expr: &Expr, kind: Type<'_>) -> String {
    let name = match expr {
        Expr::Identifier(name) => name.to_string(),
        _ => "…".to_owned(),
    };
    match kind {
        Type::Label([first, ..]) => format!("compare it: {name} = '{}'", first.replace('\'', "''")),
        Type::Integer | Type::Amount(_) => format!("compare it: {name} > 0"),
        _ => format!("ask whether there is one: {name} IS NOT NULL"),
    }
}
