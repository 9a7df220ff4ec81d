//! `CASE` and `COALESCE`: one value chosen among several of one type.

use sqlparser::ast::{
    CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart,
};

use super::alike::Alike;
use super::check::Checker;
use super::node::Node;
use super::problem::SqlProblem;
use super::types::{Beside, Typed};

impl<'c> Checker<'c> {
    pub(super) fn case(&mut self, expr: &Expr, beside: Beside<'c>) -> Option<Typed<'c>> {
        let Expr::Case { operand, conditions: branches, else_result, .. } = expr else {
            return self.refuse(expr);
        };
        let otherwise = else_result.as_deref();
        let conditions = match operand.as_deref() {
            Some(operand) => self.candidates(operand, branches),
            None => self.conditions(branches).map(|conditions| (None, conditions)),
        };
        let results: Vec<&Expr> = branches.iter().map(|b| &b.result).chain(otherwise).collect();
        let Alike { mut nodes, kind } = self.alike(&results, beside, "`CASE`")?;
        let last = if otherwise.is_some() { nodes.pop() } else { None };
        let otherwise = Box::new(last.unwrap_or(Node::NULL));
        let (operand, conditions) = conditions?;
        let branches = conditions.into_iter().zip(nodes).map(|(c, result)| [c, result]).collect();
        let node = match operand {
            Some(operand) => Node::Switch(Box::new(operand), branches, otherwise),
            None => Node::Case(branches, otherwise),
        };
        Some(Typed { node, kind })
    }

    /// What follows `WHEN` in a `CASE` without an operand: conditions.
    fn conditions(&mut self, branches: &[CaseWhen]) -> Option<Vec<Node>> {
        let checked: Vec<_> =
            branches.iter().map(|branch| self.truth(&branch.condition, "`WHEN`")).collect();
        checked.into_iter().collect()
    }

    /// What follows `CASE` and each `WHEN` in a `CASE` with an operand: values of one type.
    fn candidates(
        &mut self,
        operand: &Expr,
        branches: &[CaseWhen],
    ) -> Option<(Option<Node>, Vec<Node>)> {
        let candidates = branches.iter().map(|branch| &branch.condition);
        let operands: Vec<&Expr> = std::iter::once(operand).chain(candidates).collect();
        let alike = self.alike(&operands, Beside::Nothing, "`CASE`")?;
        let mut nodes = alike.nodes.into_iter();
        Some((nodes.next(), nodes.collect()))
    }

    pub(super) fn function(
        &mut self,
        expr: &Expr,
        function: &Function,
        beside: Beside<'c>,
    ) -> Option<Typed<'c>> {
        let Some(arguments) = coalesced(function) else {
            return self.refuse_function(expr, function);
        };
        if arguments.is_empty() {
            let problem = SqlProblem::new(self.place(expr), "`COALESCE` chooses among nothing");
            return self.note(problem.instead("name what to choose among: COALESCE(a, b)"));
        }
        let Alike { nodes, kind } = self.alike(&arguments, beside, "`COALESCE`")?;
        Some(Typed { node: Node::Coalesce(nodes.into()), kind })
    }
}

/// The arguments of a plain `COALESCE(…)`; nothing if the function is any other.
pub(super) fn coalesced(function: &Function) -> Option<Vec<&Expr>> {
    let [ObjectNamePart::Identifier(name)] = function.name.0.as_slice() else {
        return None;
    };
    let FunctionArguments::List(list) = &function.args else {
        return None;
    };
    let is_plain = function.over.is_none()
        && function.filter.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && function.parameters == FunctionArguments::None
        && !function.uses_odbc_syntax
        && list.duplicate_treatment.is_none()
        && list.clauses.is_empty();
    if !is_plain || !name.value.eq_ignore_ascii_case("coalesce") {
        return None;
    }
    let arguments = list.args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    arguments.collect()
}
