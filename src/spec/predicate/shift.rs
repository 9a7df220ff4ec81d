//! Times plus and minus intervals, the only arithmetic there is.
//!
//! Does not know how an interval is written.

use sqlparser::ast::{BinaryOperator, Expr};
use sqlparser::tokenizer::Location;

use super::check::Checker;
use super::interval::interval_in;
use super::node::Node;
use super::problem::SqlProblem;
use super::types::{Beside, Type, Typed};

impl<'c> Checker<'c> {
    pub(super) fn shift(
        &mut self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
    ) -> Option<Typed<'c>> {
        let is_minus = *op == BinaryOperator::Minus;
        match (interval_in(left), interval_in(right)) {
            (None, None) => self.no_shift(left, is_minus, right),
            (None, Some(interval)) => {
                let time = self.time(left);
                let seconds = self.seconds(interval)?;
                shifted(time?, if is_minus { -seconds } else { seconds })
            }
            (Some(interval), None) if !is_minus => {
                let seconds = self.seconds(interval);
                let time = self.time(right)?;
                shifted(time, seconds?)
            }
            _ => {
                let problem =
                    SqlProblem::new(self.place(left), "an interval has no time before it");
                self.note(problem.instead("write a time first: departed_at + INTERVAL '3 days'"))
            }
        }
    }

    /// What an interval is added to. A bare NULL is not enough: DuckDB cannot tell that it is a time.
    fn time(&mut self, expr: &Expr) -> Option<Node> {
        let typed = self.value(expr, Beside::Type(Type::Time))?;
        if typed.kind == Type::Time {
            return Some(typed.node);
        }
        let message = format!("an interval is added to a time, and this is {}", typed.kind);
        self.note(SqlProblem::new(self.place(expr), message))
    }

    fn no_shift(&mut self, left: &Expr, is_minus: bool, right: &Expr) -> Option<Typed<'c>> {
        let at = self.place(left);
        let (first, second) = (self.value(left, Beside::Broken), self.value(right, Beside::Broken));
        match (first?.kind, second?.kind) {
            (Type::Time, Type::Time) if is_minus => self.refuse_difference(at, left, right),
            (Type::Time, Type::Integer) => {
                let problem = SqlProblem::new(self.place(right), "an integer beside a time");
                self.note(problem.instead("write a length of time: INTERVAL '3 days'"))
            }
            _ => self.refuse_arithmetic(at),
        }
    }

    fn refuse_difference(&mut self, at: Location, left: &Expr, right: &Expr) -> Option<Typed<'c>> {
        let instead = match (left, right) {
            (Expr::Identifier(a), Expr::Identifier(b)) => {
                format!("compare the times: {a} >= {b} + INTERVAL '3 days'")
            }
            _ => "compare the times: a >= b + INTERVAL '3 days'".to_owned(),
        };
        self.note(SqlProblem::new(at, "a time minus a time is not supported").instead(instead))
    }
}

fn shifted<'c>(time: Node, seconds: i64) -> Option<Typed<'c>> {
    Some(Typed { node: Node::Shift(Box::new(time), seconds), kind: Type::Time })
}
