//! The few file operations that durability rests on, as a trait, so that a test can put a disk
//! underneath that loses whatever was not synced.
//!
//! It deliberately does not know in which order they are called (see `protocol`), nor what an
//! object store is: it speaks of files, folders and [`io::Error`].

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use bytes::Bytes;

/// What we ask of a disk. Nothing is durable until the matching sync has returned: content with
/// [`OpenFile::sync`], a directory entry (created, linked, renamed, unlinked) with
/// [`Disk::sync_folder`] of the folder that holds it.
pub(super) trait Disk: Debug + Send + Sync {
    /// Creates one folder in an existing one; fails with `AlreadyExists` if the name is taken.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// Creates a file that must not exist yet, and writes `content` to it.
    fn write_new(&self, path: &Path, content: &[Bytes]) -> io::Result<Box<dyn OpenFile>>;

    /// Opens an existing file, only in order to sync it.
    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>>;

    /// Gives a file a second name; fails with `AlreadyExists` if the name is taken.
    fn link(&self, path: &Path, name: &Path) -> io::Result<()>;

    /// Renames a file within its folder, atomically replacing whatever had the new name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a name of a file.
    fn unlink(&self, path: &Path) -> io::Result<()>;

    /// Makes the entries of a folder durable: not their content, and not the folder's own entry.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
}

/// A file that stays open from its first byte to its sync: the kernel promises to report a failed
/// write-back only to those who held the file open while it happened.
pub(super) trait OpenFile: Debug + Send {
    /// Writes `content` from `offset` on.
    fn write_at(&mut self, offset: u64, content: &[Bytes]) -> io::Result<()>;

    /// Makes everything written so far durable.
    fn sync(&mut self) -> io::Result<()>;
}

/// The file system of the machine. It must be a POSIX one: folders are opened and synced as files.
#[derive(Debug)]
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir(folder)
    }

    fn write_new(&self, path: &Path, content: &[Bytes]) -> io::Result<Box<dyn OpenFile>> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_at(0, content)?;
        Ok(Box::new(file))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        Ok(Box::new(File::open(path)?))
    }

    fn link(&self, path: &Path, name: &Path) -> io::Result<()> {
        fs::hard_link(path, name)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

impl OpenFile for File {
    fn write_at(&mut self, offset: u64, content: &[Bytes]) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset))?;
        content.iter().try_for_each(|chunk| self.write_all(chunk))
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}
