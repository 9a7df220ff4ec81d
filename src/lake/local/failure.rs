//! What can go wrong between us and the disk, and how an object store says it.
//!
//! It deliberately does not know which operation was under way: whoever calls the disk names it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// A disk operation that failed. The first two are answers, which callers of an object store
/// decide upon; everything else is trouble.
#[derive(Debug, Error)]
pub(super) enum Failure {
    /// The object was to be created, and its name is taken.
    #[error("{} already exists", path.display())]
    AlreadyExists { path: PathBuf, source: io::Error },

    /// The object to read or delete is not there.
    #[error("{} does not exist", path.display())]
    NotFound { path: PathBuf, source: io::Error },

    /// The disk refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Disk { action: &'static str, path: PathBuf, source: io::Error },
}

impl Failure {
    /// Labels an error of the disk with what was attempted on which path.
    pub(super) fn to(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Disk { action, path: path.to_owned(), source }
    }

    /// Like [`Failure::to`], for an operation whose target may rightly be absent.
    pub(super) fn to_find(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path: path.to_owned(), source },
            _ => Self::to(action, path)(source),
        }
    }

    /// Like [`Failure::to`], for an operation whose target may rightly be taken.
    pub(super) fn to_take(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::AlreadyExists => Self::AlreadyExists { path: path.to_owned(), source },
            _ => Self::to(action, path)(source),
        }
    }

    /// Whether something we rely on (a folder, a temporary) was removed under us.
    pub(super) fn is_ground_lost(&self) -> bool {
        matches!(self, Self::Disk { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

impl From<Failure> for object_store::Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::AlreadyExists { path, source } => {
                Self::AlreadyExists { path: path.display().to_string(), source: source.into() }
            }
            Failure::NotFound { path, source } => {
                Self::NotFound { path: path.display().to_string(), source: source.into() }
            }
            Failure::Disk { .. } => Self::Generic { store: "DurableLocal", source: failure.into() },
        }
    }
}
