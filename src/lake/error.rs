//! What can go wrong with the lake, each with what the operator can do.

use super::storage_failure::{in_one_line, is_denied};
use crate::error::{Error, ErrorKind};

/// A failure of the lake.
#[derive(Debug, thiserror::Error)]
pub enum LakeError {
    /// The location is not one this program can use.
    #[error("`{url}` is no lake: {reason}")]
    Location {
        /// As given.
        url: String,
        /// Why not.
        reason: String,
    },
    /// The storage or the Delta log failed.
    #[error("table {table}: cannot {action}")]
    Table {
        /// Which table.
        table: String,
        /// What was being done.
        action: &'static str,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The storage failed in a way that may pass by itself.
    #[error("table {table}: cannot {action}, the storage fails: {}", in_one_line(&**source))]
    Unavailable {
        /// Which table.
        table: String,
        /// What was being done.
        action: &'static str,
        /// How it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The storage does not tell which pipelines there are.
    #[error("cannot list the pipelines of `{url}`: {}", in_one_line(&**source))]
    Unlisted {
        /// The lake.
        url: String,
        /// How it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The storage overwrites what it should refuse to.
    #[error("table {table}: its storage gives no put-if-absent")]
    Overwriting {
        /// Which table.
        table: String,
    },
    /// Another process has committed to a table that this one believed to own.
    #[error("table {table}: another process has committed to it since this one last did")]
    Fenced {
        /// Which table.
        table: String,
    },
    /// The lake holds something else than what was asked to be written.
    #[error("the lake belongs to another {what}")]
    Foreign {
        /// `pipeline`, `version`, `key` or `way of decoding`.
        what: &'static str,
        /// What to do about it.
        advice: String,
    },
    /// A table is set up so that the promise could not be kept.
    #[error("table {table}: {what} is set")]
    Unsafe {
        /// Which table.
        table: String,
        /// What is set.
        what: &'static str,
        /// Why not, and what to do.
        advice: &'static str,
    },
    /// The lake has no such pipeline.
    #[error("the lake holds no pipeline `{pipeline}`")]
    NoSuchPipeline {
        /// As asked for.
        pipeline: String,
    },
    /// Several instances are to share a ledger of which a part belongs to none of them.
    #[error("the lake of `{pipeline}` holds records that no partition of its topic brought")]
    Undivided {
        /// Which pipeline.
        pipeline: String,
    },
    /// A file holds what this program does not write.
    #[error("table {table}: {what} cannot be read")]
    Damaged {
        /// Which table.
        table: String,
        /// What in it.
        what: String,
    },
}

impl LakeError {
    pub(super) fn no_answer(table: &str) -> Self {
        let source = std::io::Error::from(std::io::ErrorKind::TimedOut).into();
        Self::Unavailable { table: table.to_owned(), action: "wait for an answer", source }
    }
}

impl From<LakeError> for Error {
    fn from(error: LakeError) -> Self {
        let advice = match &error {
            LakeError::Location { .. } => {
                "name a folder, or a bucket that exists as s3://BUCKET/PREFIX, gs://… or az://…".to_owned()
            }
            LakeError::Unavailable { source, .. } | LakeError::Unlisted { source, .. }
                if is_denied(&**source) =>
            {
                "see that the credentials are right, and allow to list, read, write and delete below the lake's prefix"
                    .to_owned()
            }
            LakeError::Unavailable { .. } | LakeError::Unlisted { .. } => {
                "see that the storage can be reached and written, and has room; nothing that was committed is lost"
                    .to_owned()
            }
            LakeError::Table { .. } => {
                "look at the cause with --verbose; nothing that was committed is lost".to_owned()
            }
            LakeError::Overwriting { .. } => {
                "keep the lake in a storage that honours `If-None-Match: *`: without it two processes could overwrite each other's commits"
                    .to_owned()
            }
            LakeError::Fenced { .. } => {
                "stop the other process; two may not feed the same partitions of one lake"
                    .to_owned()
            }
            LakeError::Foreign { advice, .. } => advice.clone(),
            LakeError::Unsafe { advice, .. } => (*advice).to_owned(),
            LakeError::NoSuchPipeline { .. } => {
                "look at the lake's folders for those it has".to_owned()
            }
            LakeError::Undivided { .. } => {
                "let one `chunfeng run` feed it: what was replayed from files belongs to no instance of several"
                    .to_owned()
            }
            LakeError::Damaged { table, .. } if table.ends_with("/ledger") => {
                "the ledger is the only truth: restore this file from a backup".to_owned()
            }
            LakeError::Damaged { .. } => {
                "delete this table's folder and start again: it is derived from the ledger"
                    .to_owned()
            }
        };
        let kind = match error {
            LakeError::Location { .. } => ErrorKind::Invalid,
            LakeError::Fenced { .. } => ErrorKind::TakenOver,
            _ => ErrorKind::Lake,
        };
        Error::new(kind, error.to_string()).advise(advice).because(error)
    }
}
