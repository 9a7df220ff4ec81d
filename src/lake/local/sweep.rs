//! Removes what a power cut left behind: temporaries that nobody writes any more.
//!
//! It deliberately does not know what time it is; whoever calls it says what is old.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use super::temporary::is_temporary;

/// Removes the temporaries below `folder` that were last written to before so many seconds of Unix time. What cannot be
/// looked at or removed stays: it is harmless.
pub async fn sweep(folder: PathBuf, before_seconds: i64) {
    let swept = tokio::task::spawn_blocking(move || sweep_folder(&folder, before_seconds));
    _ = swept.await; // a sweep that panicked has swept less
}

fn sweep_folder(folder: &Path, before_seconds: i64) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            sweep_folder(&entry.path(), before_seconds);
        } else if is_temporary(&entry.file_name().to_string_lossy())
            && is_old(&entry, before_seconds)
        {
            _ = fs::remove_file(entry.path()); // its writer may have come back to it
        }
    }
}

fn is_old(entry: &fs::DirEntry, before_seconds: i64) -> bool {
    let written = entry.metadata().and_then(|metadata| metadata.modified());
    let before = UNIX_EPOCH + Duration::from_secs(before_seconds.unsigned_abs());
    written.is_ok_and(|written| written < before)
}

#[cfg(test)]
mod tests {
    use super::super::temporary;
    use super::*;

    #[tokio::test]
    async fn old_temporaries_go_from_every_folder_and_nothing_else_does() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("ledger/_delta_log");
        fs::create_dir_all(&folder).unwrap();
        let (target, begun) = (folder.join("1.json"), temporary::beside(&folder.join("1.json")));
        fs::write(&target, "{}").unwrap();
        fs::write(&begun, "{}").unwrap();
        sweep(root.path().to_owned(), 1_000).await;
        assert!(begun.exists(), "somebody may still be writing it");
        sweep(root.path().to_owned(), 4_000_000_000).await;
        assert!(target.exists() && !begun.exists());
    }
}
