//! The names of the files that are still being written.
//!
//! It deliberately does not know who writes them or when they go away. A power cut leaves some
//! behind; they are never listed, never read again, and harmless.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The leading dot hides the file from other readers of a Delta table, too.
const PREFIX: &str = ".chunfeng-";
const SUFFIX: &str = ".tmp";

/// Told apart by chance and not by process id: in a container every process has the same one.
static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A fresh name in the folder of `target`, so that it can be linked or renamed to it.
///
/// Nobody else ever has that name, so a failed write may remove what it began. The target's own
/// name is not part of it: it may already be as long as a name can be.
pub(super) fn beside(target: &Path) -> PathBuf {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    target.with_file_name(format!("{PREFIX}{:016x}-{number}{SUFFIX}", *PROCESS))
}

/// Whether a file name is one of ours, from this or from an earlier process.
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}
