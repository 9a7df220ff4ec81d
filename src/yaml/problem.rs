//! A mistake in a file somebody wrote: where it is, what is wrong, and what to write instead.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};

/// A place in a file; line and column count from one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// The file as it was named.
    pub file: Arc<str>,
    /// The line, from one.
    pub line: usize,
    /// The column in characters, from one.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One mistake.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Problem {
    /// Where it is.
    pub place: Place,
    /// What is wrong, in one line.
    pub message: String,
    /// What to write instead.
    pub instead: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)?;
        match &self.instead {
            Some(instead) => write!(f, "\n    {instead}"),
            None => Ok(()),
        }
    }
}

/// All mistakes found so far.
#[derive(Default, Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Notes a mistake.
    pub fn note(&mut self, place: &Place, message: impl Into<String>) {
        self.0.push(Problem { place: place.clone(), message: message.into(), instead: None });
    }

    /// Notes a mistake and what to write instead.
    pub fn suggest(
        &mut self,
        place: &Place,
        message: impl Into<String>,
        instead: impl Into<String>,
    ) {
        let instead = Some(instead.into());
        self.0.push(Problem { place: place.clone(), message: message.into(), instead });
    }

    /// Takes over the mistakes of another file.
    pub fn extend(&mut self, other: Problems) {
        self.0.extend(other.0);
    }

    /// Whether none was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mistakes in the order of the file.
    pub fn sorted(mut self) -> Vec<Problem> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        let problems = problems.sorted();
        let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
        let count = match problems.len() {
            1 => "1 problem".to_owned(),
            many => format!("{many} problems"),
        };
        Error::new(ErrorKind::Invalid, format!("{}\n{count}", lines.join("\n")))
    }
}
