//! A predicate in a file: compiled against the state's columns, its problems placed in the file.

use super::super::column::Column;
use super::super::predicate::{Predicate, SqlProblem};
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
                let (place, message) = placed(node, &problem);
                match problem.instead {
                    Some(instead) => problems.suggest(&place, message, instead),
                    None => problems.note(&place, message),
                }
            }
            None
        }
    }
}

/// A text over several lines is folded or indented by YAML, so there the place is told in words.
fn placed(node: &Node, problem: &SqlProblem) -> (Place, String) {
    let (line, column) = (problem.line, problem.column);
    let message = problem.message.clone();
    if node.on_one_line {
        let before = usize::try_from(column).unwrap_or(1).saturating_sub(1);
        return (Place { column: node.place.column + before, ..node.place.clone() }, message);
    }
    (node.place.clone(), format!("{message} (line {line}, character {column} of the predicate)"))
}
