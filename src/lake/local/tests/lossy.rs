//! A disk in memory with a volatile cache, and an adversary who decides what a power cut spares.
//!
//! It deliberately knows nothing of the protocol. Every change stays pending until its sync; after
//! the cut *any subset* of the pending changes may have reached the platter, in no order: real
//! disks and file systems promise no more. A rename within a folder is one change.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;

use super::super::disk::{Disk, OpenFile};

/// What is on the platter after a power cut: the reachable files, by path.
pub(super) type Survivors = BTreeMap<PathBuf, Vec<u8>>;

type Names = BTreeMap<PathBuf, Node>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Node {
    Folder,
    /// Indexes `State::files`.
    File(usize),
}

/// A change that no sync has covered yet.
#[derive(Clone, Debug)]
enum Change {
    Write { file: usize, nth: usize },
    Names { folder: PathBuf, edits: Vec<(PathBuf, Option<Node>)> },
}

#[derive(Debug, Default)]
struct State {
    /// The names as the running system sees them.
    live: Names,
    /// The names that are on the platter for sure.
    durable: Names,
    /// All writes to each file.
    files: Vec<Vec<(u64, Bytes)>>,
    pending: Vec<Change>,
    log: Vec<&'static str>,
    operations_left: Option<usize>,
    is_off: bool,
    ignores: Option<&'static str>,
    /// A folder that belongs to somebody else.
    locked: Option<PathBuf>,
}

/// A handle on the disk; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct LossyDisk(Arc<Mutex<State>>);

#[derive(Debug)]
struct LossyFile {
    disk: LossyDisk,
    file: usize,
}

impl LossyDisk {
    /// From now on: counts and records anew, fails everything after so many operations, and
    /// pretends to perform the operation it `ignores`.
    pub(super) fn cut_power_after(&self, operations: usize, ignores: Option<&'static str>) {
        let mut state = self.state();
        state.log.clear();
        state.operations_left = Some(operations);
        state.ignores = ignores;
    }

    /// From now on: refuses to sync this folder.
    pub(super) fn lock(&self, folder: &Path) {
        self.state().locked = Some(folder.to_owned());
    }

    /// Whether some operation came after the cut.
    pub(super) fn is_off(&self) -> bool {
        self.state().is_off
    }

    /// The operations that were performed, by name.
    pub(super) fn log(&self) -> Vec<&'static str> {
        self.state().log.clone()
    }

    /// What a crash leaves if every change that was not made durable is dropped.
    pub(super) fn crash(&self) -> Survivors {
        self.state().survivors(0)
    }

    /// All that a crash could leave, whichever pending changes it spares.
    pub(super) fn crashes(&self) -> Vec<Survivors> {
        let state = self.state();
        (0..1_u32 << state.pending.len()).map(|spared| state.survivors(spared)).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Performs an operation, unless the power is gone.
    fn operate<T>(
        &self,
        name: &'static str,
        act: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.state();
        match &mut state.operations_left {
            Some(0) => {
                state.is_off = true;
                return Err(io::Error::other("the power is gone"));
            }
            Some(left) => *left -= 1,
            None => {}
        }
        state.log.push(name);
        act(&mut state)
    }
}

impl State {
    fn survivors(&self, spared: u32) -> Survivors {
        let is_spared = |index: usize| spared & (1 << index) != 0;
        let mut names = self.durable.clone();
        let mut lost = Vec::new();
        for (index, change) in self.pending.iter().enumerate() {
            match change {
                Change::Names { edits, .. } if is_spared(index) => apply(&mut names, edits),
                Change::Write { file, nth } if !is_spared(index) => lost.push((*file, *nth)),
                _ => {}
            }
        }
        let content = |file: usize| self.content(file, |nth| !lost.contains(&(file, nth)));
        let files = names.iter().filter_map(|(path, node)| match node {
            Node::File(file) if is_reachable(&names, path) => Some((path.clone(), content(*file))),
            _ => None,
        });
        files.collect()
    }

    /// A lost write leaves zeros if a later one was spared, else a file that is too short.
    fn content(&self, file: usize, is_there: impl Fn(usize) -> bool) -> Vec<u8> {
        let mut content = Vec::new();
        for (nth, (offset, chunk)) in self.files[file].iter().enumerate() {
            if is_there(nth) {
                let (begin, end) = (*offset as usize, *offset as usize + chunk.len());
                content.resize(content.len().max(end), 0);
                content[begin..end].copy_from_slice(chunk);
            }
        }
        content
    }

    /// Changes names in the folder of the first of them.
    fn edit(&mut self, edits: Vec<(PathBuf, Option<Node>)>) {
        let folder = edits[0].0.parent().unwrap().to_owned();
        assert!(edits.iter().all(|(path, _)| path.parent() == Some(&folder)), "one folder only");
        apply(&mut self.live, &edits);
        self.pending.push(Change::Names { folder, edits });
    }

    fn write(&mut self, file: usize, mut offset: u64, content: &[Bytes]) {
        for chunk in content {
            let nth = self.files[file].len();
            self.files[file].push((offset, chunk.clone()));
            self.pending.push(Change::Write { file, nth });
            offset += chunk.len() as u64;
        }
    }

    fn sync_file(&mut self, synced: usize) {
        if self.ignores != Some("sync_file") {
            let is_synced = |c: &Change| matches!(c, Change::Write { file, .. } if *file == synced);
            self.pending.retain(|change| !is_synced(change));
        }
    }

    fn sync_folder(&mut self, synced: &Path) {
        if self.ignores != Some("sync_folder") {
            let durable = &mut self.durable;
            self.pending.retain(|change| match change {
                Change::Names { folder, edits } if folder == synced => {
                    apply(durable, edits);
                    false
                }
                _ => true,
            });
        }
    }

    fn file(&self, path: &Path) -> io::Result<usize> {
        match self.live.get(path) {
            Some(Node::File(file)) => Ok(*file),
            _ => Err(ErrorKind::NotFound.into()),
        }
    }

    fn expect_folder(&self, folder: &Path) -> io::Result<()> {
        let is_there = folder.parent().is_none() || self.live.get(folder) == Some(&Node::Folder);
        if is_there { Ok(()) } else { Err(ErrorKind::NotFound.into()) }
    }

    fn expect_free(&self, path: &Path) -> io::Result<()> {
        self.expect_folder(path.parent().unwrap())?;
        if self.live.contains_key(path) { Err(ErrorKind::AlreadyExists.into()) } else { Ok(()) }
    }
}

fn apply(names: &mut Names, edits: &[(PathBuf, Option<Node>)]) {
    for (path, node) in edits {
        match node {
            Some(node) => drop(names.insert(path.clone(), *node)),
            None => drop(names.remove(path)),
        }
    }
}

/// A name is lost with any of the folders above it; the disk's root is always there.
fn is_reachable(names: &Names, path: &Path) -> bool {
    let mut folders = path.ancestors().skip(1).filter(|folder| folder.parent().is_some());
    folders.all(|folder| names.get(folder) == Some(&Node::Folder))
}

impl Disk for LossyDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        self.operate("create_folder", |state| {
            state.expect_free(folder)?;
            state.edit(vec![(folder.to_owned(), Some(Node::Folder))]);
            Ok(())
        })
    }

    fn write_new(&self, path: &Path, content: &[Bytes]) -> io::Result<Box<dyn OpenFile>> {
        self.operate("write", |state| {
            state.expect_free(path)?;
            let file = state.files.len();
            state.files.push(Vec::new());
            state.edit(vec![(path.to_owned(), Some(Node::File(file)))]);
            state.write(file, 0, content);
            Ok(Box::new(LossyFile { disk: self.clone(), file }) as Box<dyn OpenFile>)
        })
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        self.operate("open", |state| {
            let file = state.file(path)?;
            Ok(Box::new(LossyFile { disk: self.clone(), file }) as Box<dyn OpenFile>)
        })
    }

    fn link(&self, path: &Path, name: &Path) -> io::Result<()> {
        self.operate("link", |state| {
            let file = state.file(path)?;
            state.expect_free(name)?;
            state.edit(vec![(name.to_owned(), Some(Node::File(file)))]);
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.operate("rename", |state| {
            let file = state.file(from)?;
            // POSIX: two names of one file both stay.
            if state.live.get(to) != Some(&Node::File(file)) {
                let edits = vec![(from.to_owned(), None), (to.to_owned(), Some(Node::File(file)))];
                state.edit(edits);
            }
            Ok(())
        })
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        self.operate("unlink", |state| {
            state.file(path)?;
            state.edit(vec![(path.to_owned(), None)]);
            Ok(())
        })
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        self.operate("sync_folder", |state| {
            state.expect_folder(folder)?;
            if state.locked.as_deref() == Some(folder) {
                return Err(ErrorKind::PermissionDenied.into());
            }
            state.sync_folder(folder);
            Ok(())
        })
    }
}

impl OpenFile for LossyFile {
    fn write_at(&mut self, offset: u64, content: &[Bytes]) -> io::Result<()> {
        self.disk.operate("write", |state| {
            state.write(self.file, offset, content);
            Ok(())
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.operate("sync_file", |state| {
            state.sync_file(self.file);
            Ok(())
        })
    }
}
