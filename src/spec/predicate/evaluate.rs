//! Evaluates a compiled predicate over one row: no allocation, and no way to fail.
//!
//! SQL's unknown is NULL throughout: true and false are 1 and 0. The tree is at most as deep as the checker let it be.

use super::node::{Comparison, Node};
use crate::spec::column::Value;

const TRUE: Value = Value::from_bool(true);
const FALSE: Value = Value::from_bool(false);

impl Node {
    /// The node's value for a row; a column that the row lacks is NULL.
    pub(super) fn evaluate(&self, row: &[Value]) -> Value {
        match self {
            Node::Constant(value) => *value,
            Node::Column(index) => column(row, *index),
            Node::Compare(comparison, sides) => compare(*comparison, sides, row),
            Node::Same(sides) => {
                let [left, right] = sides.as_ref();
                Value::from_bool(left.operand(row) == right.operand(row))
            }
            Node::Is(value, inner) => Value::from_bool(inner.operand(row) == *value),
            Node::Not(inner) => not(inner.evaluate(row)),
            Node::All(conditions) => chain(conditions, row, FALSE),
            Node::Any(conditions) => chain(conditions, row, TRUE),
            Node::OneOf(inner, list, has_null) => one_of(inner.operand(row), list, *has_null),
            Node::In(inner, list) => is_in(inner.operand(row), list, row),
            Node::Between(operands) => between(operands, row),
            Node::Shift(inner, seconds) => shift(inner.operand(row), *seconds),
            Node::Case(branches, otherwise) => case(branches, otherwise, row),
            Node::Switch(inner, branches, otherwise) => {
                switch(inner.operand(row), branches, otherwise, row)
            }
            Node::Coalesce(nodes) => coalesce(nodes, row),
        }
    }

    /// The same as [`Node::evaluate`], short for what most operands are.
    #[inline]
    fn operand(&self, row: &[Value]) -> Value {
        match self {
            Node::Column(index) => column(row, *index),
            Node::Constant(value) => *value,
            other => other.evaluate(row),
        }
    }
}

#[inline]
fn column(row: &[Value], index: usize) -> Value {
    row.get(index).copied().unwrap_or(Value::NULL)
}

#[inline]
fn compare(comparison: Comparison, sides: &[Node; 2], row: &[Value]) -> Value {
    let [left, right] = sides;
    compare_values(comparison, left.operand(row), right.operand(row))
}

#[inline]
fn compare_values(comparison: Comparison, left: Value, right: Value) -> Value {
    if left.is_null() || right.is_null() {
        return Value::NULL;
    }
    Value::from_bool(match comparison {
        Comparison::Equal => left == right,
        Comparison::Unequal => left != right,
        Comparison::Less => left < right,
        Comparison::AtMost => left <= right,
        Comparison::More => left > right,
        Comparison::AtLeast => left >= right,
    })
}

fn not(value: Value) -> Value {
    match value.get() {
        None => Value::NULL,
        Some(truth) => Value::from_bool(truth == 0),
    }
}

/// `AND` is decided by the first false, `OR` by the first true; otherwise one unknown makes the whole unknown.
fn chain(conditions: &[Node], row: &[Value], decisive: Value) -> Value {
    let mut result = not(decisive);
    for condition in conditions {
        let value = condition.evaluate(row);
        if value == decisive {
            return decisive;
        }
        if value.is_null() {
            result = Value::NULL;
        }
    }
    result
}

fn one_of(value: Value, list: &[Value], has_null: bool) -> Value {
    if value.is_null() {
        return Value::NULL;
    }
    match list.binary_search(&value) {
        Ok(_) => TRUE,
        Err(_) if has_null => Value::NULL,
        Err(_) => FALSE,
    }
}

/// `x IN (a, b)` is `x = a OR x = b`.
fn is_in(value: Value, list: &[Node], row: &[Value]) -> Value {
    let mut result = FALSE;
    for node in list {
        let equal = compare_values(Comparison::Equal, value, node.operand(row));
        if equal == TRUE {
            return TRUE;
        }
        if equal.is_null() {
            result = Value::NULL;
        }
    }
    result
}

/// `x BETWEEN a AND b` is `x >= a AND x <= b`: one side that is false decides, even beside a NULL.
fn between(operands: &[Node; 3], row: &[Value]) -> Value {
    let [value, low, high] = operands;
    let value = value.operand(row);
    let from = compare_values(Comparison::AtLeast, value, low.operand(row));
    let to = compare_values(Comparison::AtMost, value, high.operand(row));
    if from == FALSE || to == FALSE {
        return FALSE;
    }
    if from.is_null() { from } else { to }
}

fn shift(time: Value, seconds: i64) -> Value {
    let shifted = time.get().and_then(|time| time.checked_add(seconds));
    shifted.and_then(Value::new).unwrap_or(Value::NULL)
}

fn case(branches: &[[Node; 2]], otherwise: &Node, row: &[Value]) -> Value {
    for [condition, result] in branches {
        if condition.evaluate(row) == TRUE {
            return result.operand(row);
        }
    }
    otherwise.operand(row)
}

fn switch(value: Value, branches: &[[Node; 2]], otherwise: &Node, row: &[Value]) -> Value {
    for [candidate, result] in branches {
        if compare_values(Comparison::Equal, value, candidate.operand(row)) == TRUE {
            return result.operand(row);
        }
    }
    otherwise.operand(row)
}

fn coalesce(nodes: &[Node], row: &[Value]) -> Value {
    let mut values = nodes.iter().map(|node| node.operand(row));
    values.find(|value| !value.is_null()).unwrap_or(Value::NULL)
}
