//! The key file: the one that is named, or the user's own, made at the first use.

use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::Settings;
use crate::decode::Key;
use crate::error::{Error, ErrorKind, Result};

/// Reads the key. A key file that is named must exist; the user's own, `~/.config/chunfeng/key`, is made when it does
/// not.
pub fn key(settings: &Settings) -> Result<Key> {
    let path = match &settings.key_file {
        Some(path) => path.clone(),
        None => {
            let path = own_path()?;
            if !path.exists() {
                make(&path)?;
                tracing::warn!(
                    "made a new key at {}: keep it safe, pseudonyms depend on it",
                    path.display()
                );
            }
            path
        }
    };
    Ok(Key::read(&path, settings.pseudonyms)?)
}

fn own_path() -> Result<PathBuf> {
    let home = |variable: &str| {
        std::env::var_os(variable).filter(|home| !home.is_empty()).map(PathBuf::from)
    };
    let config = home("XDG_CONFIG_HOME").or_else(|| home("HOME").map(|home| home.join(".config")));
    let config = config.ok_or_else(|| {
        Error::new(
            ErrorKind::Invalid,
            "no key file is named, and there is no home folder to keep one in",
        )
        .advise("set `key_file`, or CHUNFENG_KEY_FILE")
    })?;
    Ok(config.join("chunfeng").join("key"))
}

/// Writes a new key that only its owner may read.
pub fn make(path: &Path) -> Result<()> {
    write_new(path).map_err(|error| {
        Error::new(ErrorKind::Invalid, format!("cannot make a key at {}: {error}", path.display()))
            .because(error)
    })
}

fn write_new(path: &Path) -> std::io::Result<()> {
    let mut secret = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut secret)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(Key::file_text(&secret).as_bytes())?;
    file.sync_all()
}
