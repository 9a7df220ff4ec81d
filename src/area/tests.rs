//! Tests of the tree against the facts of the field: each special case of the codes, each place the
//! articles name, and what must hold for every row.

mod additions;
mod boundaries;
mod codes;
mod fingerprint;
mod names;
mod shape;
mod special_cases;
mod table;

use std::collections::HashSet;

use super::build::{self, TABLE};
use super::row::{Kind, Row};
use super::{AreaId, AreaTree, Level};

fn tree() -> &'static AreaTree {
    AreaTree::gbt2260()
}

fn at(code: &str) -> AreaId {
    tree().resolve(code).unwrap_or_else(|| panic!("{code} is not in the table"))
}

fn parent_code(code: &str) -> &'static str {
    tree().code(tree().parent(at(code)).unwrap())
}

/// The code of the area that a code counts at.
fn counted(code: &str) -> &'static str {
    tree().code(at(code))
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().filter_map(Row::parse)
}

fn rows_of(kind: Kind) -> impl Iterator<Item = Row> {
    rows().filter(move |row| row.kind == kind)
}
