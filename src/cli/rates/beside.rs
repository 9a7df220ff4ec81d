//! Rows with something beside them: how both are written, whatever it is.

use crate::board::Row;

/// A row, and what stands beside it.
pub trait Beside {
    /// The row.
    fn row(&self) -> &Row<'_>;

    /// The columns that a CSV file has beside those of a row.
    const COLUMNS: &'static [&'static str] = &[];

    /// What stands in them.
    fn columns(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Beside for Row<'_> {
    fn row(&self) -> &Row<'_> {
        self
    }
}

/// A number in a column; nothing where there is none.
pub fn optional<N: ToString>(number: Option<N>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}
