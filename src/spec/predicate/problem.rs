//! What is wrong with a predicate, and where. Knows nothing of SQL but lines and columns.

use sqlparser::tokenizer::Location;
use thiserror::Error;

/// One mistake in a predicate.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("line {line}, column {column}: {message}")]
pub struct SqlProblem {
    /// The line inside the SQL text, from one.
    pub line: u64,
    /// The column in characters, from one.
    pub column: u64,
    /// What is wrong, in one line.
    pub message: String,
    /// What to write instead.
    pub instead: Option<String>,
}

impl SqlProblem {
    /// A mistake for which there is nothing better to write.
    pub(super) fn new(at: Location, message: impl Into<String>) -> Self {
        Self { line: at.line, column: at.column, message: message.into(), instead: None }
    }

    /// Adds what to write instead.
    pub(super) fn instead(self, instead: impl Into<String>) -> Self {
        Self { instead: Some(instead.into()), ..self }
    }
}
