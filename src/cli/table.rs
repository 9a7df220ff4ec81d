//! Tables for people: columns apart, no lines, numbers to the right.

use comfy_table::{CellAlignment, Table, presets};

/// A table with these headings, of whose columns these hold numbers.
pub fn plain<const COLUMNS: usize>(headings: [&str; COLUMNS], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(headings);
    for column in numbers {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}
