//! The types of expressions, and what an expression's surroundings tell about a string within it.
//!
//! Does not know how types are found: that is the checker's business.

use std::fmt;

use super::node::Node;
use crate::spec::amount::Denomination;
use crate::spec::column::ColumnType;

/// What an expression's value is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Type<'c> {
    /// NULL, which goes with everything.
    Null,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number with this unit and so many decimals.
    Amount(Denomination),
    /// A moment.
    Time,
    /// One of this closed list.
    Label(&'c [String]),
}

impl<'c> Type<'c> {
    /// The type of a column's values.
    pub(super) fn of(column: &'c ColumnType) -> Self {
        match column {
            ColumnType::Time => Self::Time,
            ColumnType::Integer => Self::Integer,
            ColumnType::Amount(of) => Self::Amount(*of),
            ColumnType::Boolean => Self::Boolean,
            ColumnType::Label(labels) => Self::Label(labels),
        }
    }
}

impl fmt::Display for Type<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::Null => "NULL",
            Type::Boolean => "a boolean",
            Type::Integer => "an integer",
            Type::Amount(_) => "an amount",
            Type::Time => "a time",
            Type::Label(_) => "a label",
        })
    }
}

/// A checked expression.
#[derive(Debug)]
pub(super) struct Typed<'c> {
    /// What computes it.
    pub(super) node: Node,
    /// What its value is.
    pub(super) kind: Type<'c>,
}

/// What the operands beside a string tell about its type: on its own a string could be a label of any column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Beside<'c> {
    /// Nothing stands beside it.
    Nothing,
    /// Values of this type.
    Type(Type<'c>),
    /// Something that is itself in error, so that nothing more can be said.
    Broken,
}
