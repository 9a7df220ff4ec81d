//! The compiled form of a predicate: a small tree whose every node yields one [`Value`].
//!
//! Names, types and strings are gone; intervals are seconds. How a node is evaluated is told in `evaluate`.

use crate::spec::column::Value;

/// A comparison that is unknown as soon as one side is NULL.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

/// One step of a computation.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// A literal.
    Constant(Value),
    /// A column of the row, by index.
    Column(usize),
    /// `a = b` and its like.
    Compare(Comparison, Box<[Node; 2]>),
    /// `a IS NOT DISTINCT FROM b`: never unknown, two NULLs are the same.
    Same(Box<[Node; 2]>),
    /// Whether the node yields exactly this value: `IS NULL`, `IS TRUE`, `IS FALSE`. Never unknown.
    Is(Value, Box<Node>),
    /// `NOT a`.
    Not(Box<Node>),
    /// A chain of `AND`.
    All(Box<[Node]>),
    /// A chain of `OR`.
    Any(Box<[Node]>),
    /// `a IN (…)` over literals, sorted and without NULL; the flag tells whether the list had a NULL.
    OneOf(Box<Node>, Box<[Value]>, bool),
    /// `a IN (…)` over any expressions.
    In(Box<Node>, Box<[Node]>),
    /// `a BETWEEN low AND high`.
    Between(Box<[Node; 3]>),
    /// A time plus so many seconds.
    Shift(Box<Node>, i64),
    /// `CASE WHEN condition THEN result … ELSE otherwise END`.
    Case(Box<[[Node; 2]]>, Box<Node>),
    /// `CASE operand WHEN value THEN result … ELSE otherwise END`.
    Switch(Box<Node>, Box<[[Node; 2]]>, Box<Node>),
    /// `COALESCE(…)`: the first that is not NULL.
    Coalesce(Box<[Node]>),
}

impl Node {
    /// A literal's node.
    pub(super) const NULL: Node = Node::Constant(Value::NULL);

    /// `NOT` of this node where asked for.
    pub(super) fn negated_if(self, negated: bool) -> Node {
        if negated { Node::Not(Box::new(self)) } else { self }
    }
}
