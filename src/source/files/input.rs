//! One file to replay, identified by its content.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::decode::TopicPartition;
use crate::error::{Error, ErrorKind};
use crate::time::EventTime;

/// A file whose content has been hashed.
pub struct Input {
    name: String,
    path: Place,
    topic: String,
    bytes: u64,
    modified: EventTime,
}

enum Place {
    Path(PathBuf),
    /// What came on standard input, in a file without a name.
    Spooled(File),
}

/// Why an input cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {name}")]
pub struct InputError {
    name: String,
    source: io::Error,
}

impl Input {
    /// A file.
    pub fn file(path: &Path) -> Result<Self, InputError> {
        let name = path.display().to_string();
        let failed = |source| InputError { name: name.clone(), source };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() && !metadata.is_dir() {
            // It can be read once, and a file is read twice: to name it, then to replay it.
            let why = "it is a pipe: write it to standard input, and name `-`";
            return Err(failed(io::Error::other(why)));
        }
        let modified = metadata.modified().map_err(failed)?;
        let since_epoch = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let (topic, bytes) = topic(file).map_err(failed)?;
        Ok(Self {
            topic,
            bytes,
            modified: EventTime::from_seconds(since_epoch.as_secs() as i64),
            path: Place::Path(path.to_owned()),
            name,
        })
    }

    /// Everything that standard input holds, kept in a file without a name so that it can be identified before it is
    /// read. `now` is when its lines were written at the latest.
    pub fn standard_input(now: EventTime) -> Result<Self, InputError> {
        let failed = |source| InputError { name: "standard input".to_owned(), source };
        let mut spool = tempfile::tempfile().map_err(failed)?;
        io::copy(&mut io::stdin().lock(), &mut spool).map_err(failed)?;
        spool.flush().and_then(|()| spool.rewind()).map_err(failed)?;
        let (topic, bytes) = topic(spool.try_clone().map_err(failed)?).map_err(failed)?;
        Ok(Self {
            name: "standard input".to_owned(),
            path: Place::Spooled(spool),
            topic,
            bytes,
            modified: now,
        })
    }

    /// How long it is.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// When its lines were written at the latest.
    pub fn modified(&self) -> EventTime {
        self.modified
    }

    /// Its partition: the hash of its content.
    pub fn partition(&self) -> TopicPartition {
        TopicPartition { topic: self.topic.as_str().into(), partition: 0 }
    }

    /// Opens it at its beginning, as far as it was named: a file that grows meanwhile is another one.
    pub fn open(&self) -> Result<io::Take<File>, InputError> {
        let failed = |source| InputError { name: self.name.clone(), source };
        let file = match &self.path {
            Place::Path(path) => File::open(path).map_err(failed)?,
            Place::Spooled(spool) => {
                let mut file = spool.try_clone().map_err(failed)?;
                file.rewind().map_err(failed)?;
                file
            }
        };
        Ok(file.take(self.bytes))
    }

    pub(super) fn unreadable(&self, source: io::Error) -> InputError {
        InputError { name: self.name.clone(), source }
    }
}

/// The topic of a file's content, and how long that is.
fn topic(mut file: File) -> io::Result<(String, u64)> {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => drop(hasher.update(&buffer[..read])),
        }
    }
    let topic = format!("file:{}", &hasher.finalize().to_hex()[..32]);
    Ok((topic, hasher.count()))
}

impl From<InputError> for Error {
    fn from(error: InputError) -> Self {
        Error::new(ErrorKind::Source, format!("{error}: {}", error.source)).because(error)
    }
}
