//! What went wrong, as the person at the terminal needs it: one line, what to do about it, and an exit code.
//!
//! Rooms have typed errors of their own and turn them into this one at their door. It knows none of them.

use std::error::Error as StdError;
use std::fmt;

/// What kind of failure it was, and so what the operator can do. Each kind has an exit code of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorKind {
    /// The work was done and its result is not what was asked for (the demo disagrees, a generated file drifted): 1.
    Disagreement,
    /// A pipeline file, a setting or an argument is wrong and has to be mended first: 2.
    Invalid,
    /// The lake cannot be read or written, or refuses: 3.
    Lake,
    /// Another process has taken over what this one was working on; begin anew from the lake: 3.
    TakenOver,
    /// A source of events cannot be read: 4.
    Source,
    /// A mistake in this program: 70.
    Internal,
}

impl ErrorKind {
    /// The exit code of the process.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Disagreement => 1,
            Self::Invalid => 2,
            Self::Lake | Self::TakenOver => 3,
            Self::Source => 4,
            Self::Internal => 70,
        }
    }
}

/// A failure that ends a command.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    advice: Option<String>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A failure of this kind; `message` says what happened and where, in one line.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), advice: None, source: None }
    }

    /// Adds what the reader can do about it.
    pub fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Adds the cause, shown with `--verbose`.
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What the reader can do about it.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source.as_ref() as &(dyn StdError + 'static))
    }
}

/// The result of anything that can end a command.
pub type Result<T> = std::result::Result<T, Error>;
