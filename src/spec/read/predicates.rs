//! A predicate in a file: compiled against the state's columns, its problems placed in the file.

use super::super::column::Column;
use super::super::predicate::Predicate;
use crate::yaml::{Node, Place, Problems};

/// Reads and compiles a predicate; returns its text too, which data teams run as it is.
pub fn read(
    node: &Node,
    columns: &[Column],
    problems: &mut Problems,
) -> Option<(String, Predicate)> {
    let sql = node.text(problems)?.trim();
    match Predicate::compile(sql, columns) {
        Ok(predicate) => Some((sql.to_owned(), predicate)),
        Err(found) => {
            for problem in found {
                let (place, message) = placed(node, problem.column, problem.message);
                match problem.instead {
                    Some(instead) => problems.suggest(&place, message, instead),
                    None => problems.note(&place, message),
                }
            }
            None
        }
    }
}

/// A folded text has lost its lines, so there the column is told in words.
fn placed(node: &Node, column: u64, message: String) -> (Place, String) {
    let column = column as usize;
    if node.on_one_line {
        let place =
            Place { column: node.place.column + column.saturating_sub(1), ..node.place.clone() };
        return (place, message);
    }
    (node.place.clone(), format!("{message} (at character {column} of the predicate)"))
}
