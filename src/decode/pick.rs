//! What was picked out of one record: a slot for every pointer that any pipeline wants.

use std::borrow::Cow;

/// A JSON value as far as an event's wanted members go.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Picked<'a> {
    /// Not there, or null.
    #[default]
    Absent,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number that fits 64 bits.
    Integer(i64),
    /// A number that is no 64-bit whole number.
    Number(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// An object or an array.
    Composite,
}

impl Picked<'_> {
    /// The text, unless it is empty.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The same value without borrowing from the record.
    pub fn into_owned(self) -> Picked<'static> {
        match self {
            Self::Absent => Picked::Absent,
            Self::Boolean(boolean) => Picked::Boolean(boolean),
            Self::Integer(integer) => Picked::Integer(integer),
            Self::Number(number) => Picked::Number(number),
            Self::Text(text) => Picked::Text(Cow::Owned(text.into_owned())),
            Self::Composite => Picked::Composite,
        }
    }
}
