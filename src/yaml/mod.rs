//! A YAML file as a tree whose every node knows its place, read so that *all* its problems are told at once.
//!
//! serde stops at the first mistake and a person then mends a file one run at a time; so files that people write are
//! read through [`Node`] and [`Fields`], which note a [`Problem`] and carry on. Knows nothing of what the files mean.

mod fields;
mod node;
mod problem;

pub use fields::{Fields, nearest};
pub use node::{Key, Node, Value, parse};
pub use problem::{Place, Problem, Problems};

#[cfg(test)]
mod tests;
