//! The columns of a state row: what a row holds about an entity, and how one value of it is stored.
//!
//! Deliberately knows neither which kind of event fills a column nor who reads it.

use std::fmt;

use super::amount::Denomination;

/// One value of a state row, or NULL.
///
/// A time is seconds since 1970 in UTC, a label its index in the column's closed list, a boolean 0 or 1, an
/// amount a number of last decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(i64);

impl Value {
    /// No value. The number inside is not valid for any column, so that a value takes eight bytes and no more.
    pub const NULL: Self = Self(i64::MIN);

    /// A value from its number; `None` for the one number that stands for NULL.
    pub const fn new(number: i64) -> Option<Self> {
        if number == i64::MIN {
            return None;
        }
        Some(Self(number))
    }

    /// True or false.
    pub const fn from_bool(truth: bool) -> Self {
        Self(truth as i64)
    }

    /// The number, unless it is NULL.
    pub const fn get(self) -> Option<i64> {
        if self.is_null() {
            return None;
        }
        Some(self.0)
    }

    /// Whether there is no value.
    pub const fn is_null(self) -> bool {
        self.0 == i64::MIN
    }

    /// What storage writes down, NULL included.
    pub const fn raw(self) -> i64 {
        self.0
    }

    /// The value that storage wrote down with [`Value::raw`].
    pub const fn from_raw(raw: i64) -> Self {
        Self(raw)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.get() {
            Some(number) => write!(f, "{number}"),
            None => f.write_str("NULL"),
        }
    }
}

/// What the values of a column are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ColumnType {
    /// A moment.
    Time,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A number with a unit, exact to its last decimal.
    Amount(Denomination),
    /// One of a closed list.
    Label(Vec<String>),
}

/// A column of the state row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its name, as predicates write it.
    pub name: String,
    /// What its values are.
    pub column_type: ColumnType,
}
