//! Everything that changes the lake's folder: the protocol, run in folders that are durable.
//!
//! It deliberately does not know object store paths, options or runtimes; it works on absolute
//! file paths and blocks.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use super::disk::Disk;
use super::failure::Failure;
use super::folders::Folders;
use super::protocol::{self, Draft, IfThere};

/// A disk, and what we know about its folders.
#[derive(Debug)]
pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    folders: Folders,
}

impl Writer {
    pub(super) fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk, folders: Folders::default() }
    }

    /// Makes sure that a folder exists and is durable.
    pub(super) fn settle(&self, folder: &Path) -> Result<(), Failure> {
        self.folders.settle(&*self.disk, folder)
    }

    /// Writes a whole object.
    pub(super) fn put(
        &self,
        content: &[Bytes],
        target: &Path,
        if_there: IfThere,
    ) -> Result<(), Failure> {
        self.on_ground(target, |disk| protocol::put(disk, content, target, if_there))
    }

    /// Starts an object that is written bit by bit.
    pub(super) fn begin(&self, target: &Path) -> Result<Draft, Failure> {
        self.on_ground(target, |disk| protocol::begin(disk, &[], target))
    }

    /// Makes a draft an object, in the place of any that is there.
    pub(super) fn publish(&self, draft: Draft, target: &Path) -> Result<(), Failure> {
        protocol::publish(&*self.disk, draft, target, IfThere::Replace)
    }

    /// Gives up a draft.
    pub(super) fn discard(&self, draft: Draft) {
        protocol::discard(&*self.disk, &draft.path);
    }

    /// Copies an object.
    pub(super) fn copy(&self, from: &Path, to: &Path, if_there: IfThere) -> Result<(), Failure> {
        self.on_ground(to, |disk| protocol::copy(disk, from, to, if_there))
    }

    /// Moves an object; for a moment it has both names.
    pub(super) fn rename(&self, from: &Path, to: &Path, if_there: IfThere) -> Result<(), Failure> {
        self.on_ground(to, |disk| protocol::rename(disk, from, to, if_there))
    }

    /// Deletes an object. Folders stay, also empty ones.
    pub(super) fn delete(&self, path: &Path) -> Result<(), Failure> {
        protocol::delete(&*self.disk, path)
    }

    /// Acts in a durable folder. If that was removed since we settled it, makes it once more.
    fn on_ground<T>(
        &self,
        target: &Path,
        act: impl Fn(&dyn Disk) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let folder = protocol::folder_of(target);
        self.settle(folder)?;
        match act(&*self.disk) {
            Err(failure) if failure.is_ground_lost() => {
                self.folders.forget();
                self.settle(folder)?;
                act(&*self.disk)
            }
            outcome => outcome,
        }
    }
}
