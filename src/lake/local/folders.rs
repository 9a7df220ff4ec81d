//! The folders that objects are put into, made and made durable.
//!
//! It deliberately does not know what will be put there.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::disk::Disk;
use super::failure::Failure;

/// The folders known to survive a power cut.
///
/// Invariant: a folder is only ever created inside a durable one. So of the folders that exist,
/// only the innermost can be in doubt (somebody made it a moment ago, or died before the sync),
/// and one sync of its parent settles it. Knowing the settled ones saves that sync on every put.
#[derive(Debug, Default)]
pub(super) struct Folders {
    settled: Mutex<HashSet<PathBuf>>,
}

impl Folders {
    /// Makes sure that `folder` exists and survives a power cut.
    pub(super) fn settle(&self, disk: &dyn Disk, folder: &Path) -> Result<(), Failure> {
        if self.settled().contains(folder) {
            return Ok(());
        }
        if let Some(parent) = folder.parent() {
            self.settle_in(disk, parent, folder)?;
        }
        self.settled().insert(folder.to_owned());
        Ok(())
    }

    /// Forgets everything: somebody removed folders under us.
    pub(super) fn forget(&self) {
        self.settled().clear();
    }

    fn settle_in(&self, disk: &dyn Disk, parent: &Path, folder: &Path) -> Result<(), Failure> {
        let is_new = match disk.create_folder(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.settle(disk, parent)?;
                create_or_find(disk, folder)?
            }
            created => found(created, folder)?,
        };
        match disk.sync_folder(parent) {
            // Not ours, and in a folder we may not even open: so are its owner's worries.
            Err(error) if !is_new && error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            synced => synced.map_err(Failure::to("sync folder", parent)),
        }
    }

    /// The set is whole after every statement, so a panic elsewhere cannot have spoilt it.
    fn settled(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the folder is new.
fn create_or_find(disk: &dyn Disk, folder: &Path) -> Result<bool, Failure> {
    found(disk.create_folder(folder), folder)
}

/// Reads the outcome of a creation: to find the folder there is as good as to make it.
fn found(created: io::Result<()>, folder: &Path) -> Result<bool, Failure> {
    match created {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(Failure::to("create folder", folder)(error)),
    }
}
