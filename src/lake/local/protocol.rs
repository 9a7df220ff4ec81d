//! The order of disk operations that makes an object appear whole, at once, and for good.
//!
//! It deliberately does not know which disk it runs on (tests give it one that forgets), nor
//! object store paths, nor threads. All it assumes is that the target's folder is durable.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::disk::{Disk, OpenFile};
use super::failure::Failure;
use super::temporary;

/// What to do if the target is already there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IfThere {
    /// Leave it alone and fail.
    Refuse,
    /// Take its place.
    Replace,
}

/// Content that is on the disk under a temporary name, and open. Not durable yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) file: Box<dyn OpenFile>,
    pub(super) path: PathBuf,
}

/// Writes a whole object.
pub(super) fn put(
    disk: &dyn Disk,
    content: &[Bytes],
    target: &Path,
    if_there: IfThere,
) -> Result<(), Failure> {
    let draft = begin(disk, content, target)?;
    publish(disk, draft, target, if_there)
}

/// Starts a draft of `target` in the same folder.
pub(super) fn begin(disk: &dyn Disk, content: &[Bytes], target: &Path) -> Result<Draft, Failure> {
    let path = temporary::beside(target);
    match disk.write_new(&path, content) {
        Ok(file) => Ok(Draft { file, path }),
        Err(error) => {
            discard(disk, &path);
            Err(Failure::to("write", &path)(error))
        }
    }
}

/// Makes a draft the object `target`: the one place where an object comes into being.
///
/// Content before name, name before answer: whoever finds the name finds all of the content, and
/// whoever gets our `Ok` finds the name, also after a power cut. An error after the name was
/// given leaves the outcome open, as with any store: the object may be there or not, but whole.
pub(super) fn publish(
    disk: &dyn Disk,
    draft: Draft,
    target: &Path,
    if_there: IfThere,
) -> Result<(), Failure> {
    let Draft { mut file, path } = draft;
    let synced = file.sync().map_err(Failure::to("sync", &path));
    drop(file);
    let published = synced.and_then(|()| match if_there {
        IfThere::Refuse => claim(disk, &path, target),
        IfThere::Replace => replace(disk, &path, target),
    });
    // Also after a rename, which does nothing if both names already are one file.
    discard(disk, &path);
    published
}

/// Gives a durable file the name `target`, unless it is taken.
fn claim(disk: &dyn Disk, path: &Path, target: &Path) -> Result<(), Failure> {
    let linked = disk.link(path, target).map_err(Failure::to_take("link", target));
    if let Ok(()) | Err(Failure::AlreadyExists { .. }) = linked {
        // The loser syncs, too: it will build upon the winner's object, which must not vanish.
        sync_folder_of(disk, target)?;
    }
    linked
}

/// Gives a durable file the name `target`, whoever has it now.
fn replace(disk: &dyn Disk, path: &Path, target: &Path) -> Result<(), Failure> {
    disk.rename(path, target).map_err(Failure::to("rename to", target))?;
    sync_folder_of(disk, target)
}

/// Copies without copying: the draft is a second name of the source, for objects never change.
pub(super) fn copy(
    disk: &dyn Disk,
    from: &Path,
    to: &Path,
    if_there: IfThere,
) -> Result<(), Failure> {
    let file = disk.open(from).map_err(Failure::to_find("open", from))?;
    let path = temporary::beside(to);
    disk.link(from, &path).map_err(Failure::to("link to", &path))?;
    publish(disk, Draft { file, path }, to, if_there)
}

/// Copies, then deletes. Not the disk's own rename: between two folders a power cut could keep
/// only the half of it that removes the old name.
pub(super) fn rename(
    disk: &dyn Disk,
    from: &Path,
    to: &Path,
    if_there: IfThere,
) -> Result<(), Failure> {
    copy(disk, from, to, if_there)?;
    if from == to { Ok(()) } else { delete(disk, from) }
}

/// Deletes an object for good.
pub(super) fn delete(disk: &dyn Disk, path: &Path) -> Result<(), Failure> {
    disk.unlink(path).map_err(Failure::to_find("delete", path))?;
    sync_folder_of(disk, path)
}

/// Removes a temporary, if it can be: it is out of sight, so a failure changes nothing.
pub(super) fn discard(disk: &dyn Disk, path: &Path) {
    let _ = disk.unlink(path);
}

fn sync_folder_of(disk: &dyn Disk, path: &Path) -> Result<(), Failure> {
    let folder = folder_of(path);
    disk.sync_folder(folder).map_err(Failure::to("sync folder", folder))
}

/// The folder that holds `path`, which is absolute and names a file, and so always has one.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
