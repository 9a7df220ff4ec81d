//! The machine's own disk, on which this process is killed between two steps of writing an object.
//!
//! It relies on an object being written from its first step to its last by one thread. It deliberately does not know what
//! the objects are: whoever asks for the death says which one is meant.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use bytes::Bytes;

use super::super::disk::{Disk, OpenFile, RealDisk};
use super::super::store::DurableLocal;

/// Before what the process is killed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Before {
    /// Nothing of the object is there.
    ItIsWritten,
    /// Its content is there under a temporary name.
    ItIsSynced,
    /// Its content is durable.
    ItHasItsName,
    /// It can be seen.
    ItsNameIsSynced,
    /// It is there for good.
    ItsDraftGoes,
    /// Whoever had it written has not been told yet.
    ItIsAnswered,
}

/// Whether this object, by its folder and its content, is the one at which the process is killed. Asked once an object.
pub type IsMeant = Box<dyn Fn(&Path, &[u8]) -> bool + Send + Sync>;

thread_local! {
    /// Whether the object that this thread is writing is the one.
    static IS_THE_ONE: Cell<bool> = const { Cell::new(false) };
}

/// A store on all folders that kills this process at a moment of writing an object.
pub fn deadly(moment: Before, is_meant: IsMeant) -> object_store::Result<DurableLocal> {
    DurableLocal::on(Path::new("/"), Arc::new(DeadlyDisk { moment, is_meant }))
}

struct DeadlyDisk {
    moment: Before,
    is_meant: IsMeant,
}

impl fmt::Debug for DeadlyDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeadlyDisk({:?})", self.moment)
    }
}

/// SIGKILL, if this is the moment.
fn comes_to(now: Before, deadly: Before) {
    if now == deadly && IS_THE_ONE.get() {
        let process = std::process::id().to_string();
        drop(Command::new("kill").args(["-KILL", &process]).status());
        loop {
            std::thread::park(); // no step is taken any more
        }
    }
}

#[derive(Debug)]
struct DeadlyFile {
    file: Box<dyn OpenFile>,
    moment: Before,
}

impl OpenFile for DeadlyFile {
    fn write_at(&mut self, offset: u64, content: &[Bytes]) -> io::Result<()> {
        self.file.write_at(offset, content)
    }

    fn sync(&mut self) -> io::Result<()> {
        comes_to(Before::ItIsSynced, self.moment);
        self.file.sync()
    }
}

impl Disk for DeadlyDisk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        RealDisk.create_folder(folder)
    }

    fn write_new(&self, path: &Path, content: &[Bytes]) -> io::Result<Box<dyn OpenFile>> {
        let folder = path.parent().unwrap_or(path);
        IS_THE_ONE.set((self.is_meant)(folder, &content.concat()));
        comes_to(Before::ItIsWritten, self.moment);
        let file = RealDisk.write_new(path, content)?;
        Ok(Box::new(DeadlyFile { file, moment: self.moment }))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        RealDisk.open(path)
    }

    fn link(&self, path: &Path, name: &Path) -> io::Result<()> {
        comes_to(Before::ItHasItsName, self.moment);
        RealDisk.link(path, name)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        comes_to(Before::ItHasItsName, self.moment);
        RealDisk.rename(from, to)
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        comes_to(Before::ItsDraftGoes, self.moment);
        let unlinked = RealDisk.unlink(path);
        comes_to(Before::ItIsAnswered, self.moment);
        IS_THE_ONE.set(false);
        unlinked
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        comes_to(Before::ItsNameIsSynced, self.moment);
        RealDisk.sync_folder(folder)
    }
}
