//! Comparisons, `IN` and `BETWEEN`, and what they ask of their operands: an order, and parentheses.
//!
//! That the operands are of one type is told in `alike`.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::alike::Alike;
use super::check::Checker;
use super::dialect::distinguishes;
use super::logic::boolean;
use super::node::{Comparison, Node};
use super::problem::SqlProblem;
use super::types::{Beside, Type, Typed};
use crate::spec::column::Value;

impl<'c> Checker<'c> {
    pub(super) fn comparison(
        &mut self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
    ) -> Option<Typed<'c>> {
        if let Some(is_distinct) = distinguishes(op) {
            return self.same(left, right, is_distinct);
        }
        let Some(comparison) = comparison_of(op) else {
            self.value(left, Beside::Broken);
            self.value(right, Beside::Broken);
            return self.refuse_operator(left, op, right);
        };
        let what = format!("`{op}`");
        let Alike { nodes, kind } = self.compared(&[left, right], &[], &what)?;
        if !matches!(comparison, Comparison::Equal | Comparison::Unequal) {
            self.ordered(kind, left, &what)?;
        }
        Some(boolean(Node::Compare(comparison, pair(nodes)?)))
    }

    fn same(&mut self, left: &Expr, right: &Expr, negated: bool) -> Option<Typed<'c>> {
        let Alike { nodes, .. } = self.compared(&[left, right], &[], "`IS DISTINCT FROM`")?;
        Some(boolean(Node::Same(pair(nodes)?).negated_if(negated)))
    }

    /// `[NOT] IN` and `[NOT] BETWEEN`.
    pub(super) fn range(&mut self, expr: &Expr) -> Option<Typed<'c>> {
        match expr {
            Expr::InList { expr, list, negated } => {
                let node = self.in_list(expr, list)?;
                Some(boolean(node.negated_if(*negated)))
            }
            Expr::Between { expr, negated, low, high } => {
                let node = self.between([expr, low, high])?;
                Some(boolean(node.negated_if(*negated)))
            }
            other => self.refuse(other),
        }
    }

    fn in_list(&mut self, expr: &Expr, list: &[Expr]) -> Option<Node> {
        let mut nodes = self.compared(&[expr], list, "`IN`")?.nodes.into_iter();
        let value = Box::new(nodes.next()?);
        Some(member(value, nodes.collect()))
    }

    fn between(&mut self, operands: [&Expr; 3]) -> Option<Node> {
        let Alike { nodes, kind } = self.compared(&operands, &[], "`BETWEEN`")?;
        let [value, ..] = operands;
        self.ordered(kind, value, "`BETWEEN`")?;
        nodes.into_boxed_slice().try_into().ok().map(Node::Between)
    }

    /// Checks what is compared: operands that only precedence sets apart, and those of a list in parentheses.
    fn compared(&mut self, bare: &[&Expr], listed: &[Expr], what: &str) -> Option<Alike<'c>> {
        let operands: Vec<&Expr> = bare.iter().copied().chain(listed).collect();
        if self.enclosed(bare) {
            return self.alike(&operands, Beside::Nothing, what);
        }
        for operand in operands {
            self.value(operand, Beside::Broken);
        }
        None
    }

    /// Labels have no order: that of their strings in DuckDB would not be that of the list.
    fn ordered(&mut self, kind: Type<'c>, expr: &Expr, what: &str) -> Option<()> {
        if !matches!(kind, Type::Label(_)) {
            return Some(());
        }
        let message = format!("{what} puts values in an order, and labels have none");
        let problem = SqlProblem::new(self.place(expr), message);
        self.note(problem.instead("list the labels: IN ('…', '…')"))
    }

    /// Notes operands of a comparison that are conditions without parentheses: DuckDB refuses some of them, and parsers
    /// differ on what the others mean.
    pub(super) fn enclosed(&mut self, operands: &[&Expr]) -> bool {
        let mut enclosed = true;
        for expr in operands.iter().filter(|expr| is_open_condition(expr)) {
            enclosed = false;
            let message = "a condition within a comparison needs parentheses";
            let problem = SqlProblem::new(self.place(expr), message);
            self.note::<()>(problem.instead("write ( … ) around it"));
        }
        enclosed
    }
}

/// `IN` over literals is a search, over anything else a walk.
fn member(value: Box<Node>, list: Box<[Node]>) -> Node {
    let literals = list.iter().map(|node| match node {
        Node::Constant(literal) => Some(*literal),
        _ => None,
    });
    let Some(mut literals) = literals.collect::<Option<Vec<Value>>>() else {
        return Node::In(value, list);
    };
    let with_nulls = literals.len();
    literals.retain(|literal| !literal.is_null());
    let has_null = literals.len() < with_nulls;
    literals.sort();
    literals.dedup();
    Node::OneOf(value, literals.into(), has_null)
}

fn pair(nodes: Vec<Node>) -> Option<Box<[Node; 2]>> {
    nodes.into_boxed_slice().try_into().ok()
}

fn comparison_of(op: &BinaryOperator) -> Option<Comparison> {
    match op {
        BinaryOperator::Eq => Some(Comparison::Equal),
        BinaryOperator::NotEq => Some(Comparison::Unequal),
        BinaryOperator::Lt => Some(Comparison::Less),
        BinaryOperator::LtEq => Some(Comparison::AtMost),
        BinaryOperator::Gt => Some(Comparison::More),
        BinaryOperator::GtEq => Some(Comparison::AtLeast),
        _ => None,
    }
}

/// Whether an expression is a condition whose extent only precedence tells.
fn is_open_condition(expr: &Expr) -> bool {
    use BinaryOperator::{And, Or};
    match expr {
        Expr::BinaryOp { op: And | Or, .. } => true,
        Expr::BinaryOp { op, .. } => comparison_of(op).is_some() || distinguishes(op).is_some(),
        Expr::UnaryOp { op: UnaryOperator::Not, .. } => true,
        Expr::IsNull(_) | Expr::IsNotNull(_) | Expr::IsUnknown(_) | Expr::IsNotUnknown(_) => true,
        Expr::IsTrue(_) | Expr::IsNotTrue(_) | Expr::IsFalse(_) | Expr::IsNotFalse(_) => true,
        Expr::InList { .. } | Expr::Between { .. } => true,
        _ => false,
    }
}
