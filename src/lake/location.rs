//! Where the lake is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::local::DurableLocal;
use super::table::ObjectStoreRef;
use super::{LakeError, Patience};

/// A lake: a folder whose subfolders are pipelines.
#[derive(Clone)]
pub struct Lake {
    url: Url,
    root: PathBuf,
    store: ObjectStoreRef,
    patience: Patience,
}

impl Lake {
    /// The lake at a path or a `file://` URL. The folder is created when it is first written to.
    pub fn at(location: &str) -> Result<Self, LakeError> {
        let refuse = |reason: &str| LakeError::Location {
            url: location.to_owned(),
            reason: reason.to_owned(),
        };
        let path = match Url::parse(location) {
            Ok(url) if url.scheme() == "file" => {
                url.to_file_path().map_err(|()| refuse("no local path"))?
            }
            Ok(url) if location.contains("://") => {
                return Err(refuse(&format!("`{}` storage is not supported", url.scheme())));
            }
            _ => PathBuf::from(location),
        };
        let root = std::path::absolute(&path).map_err(|error| refuse(&error.to_string()))?;
        let url = Url::from_directory_path(&root).map_err(|()| refuse("no local path"))?;
        let store =
            DurableLocal::new(Path::new("/")).map_err(|error| refuse(&error.to_string()))?;
        Ok(Self { url, root, store: Arc::new(store), patience: Patience::default() })
    }

    /// The same lake, whose failures are waited out.
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// A lake in a store of its own.
    #[cfg(test)]
    pub(super) fn in_store(store: ObjectStoreRef) -> Self {
        let url = Url::parse("memory:///lake/").unwrap();
        Self { url, root: PathBuf::from("/lake"), store, patience: Patience::default() }
    }

    /// The names of the pipelines it holds, sorted.
    pub fn pipelines(&self) -> Result<Vec<String>, LakeError> {
        let entries = match std::fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) => {
                return Err(LakeError::Location {
                    url: self.url.to_string(),
                    reason: error.to_string(),
                });
            }
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok())
            .filter(|entry| entry.path().join("ledger/_delta_log").is_dir())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        Ok(names)
    }

    /// The URL of a table.
    pub(super) fn table(&self, pipeline: &str, name: &str) -> Result<Url, LakeError> {
        let refuse = |error: url::ParseError| LakeError::Location {
            url: self.url.to_string(),
            reason: error.to_string(),
        };
        self.url.join(&format!("{pipeline}/{name}/")).map_err(refuse)
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience.clone()
    }

    /// The store, rooted at the root of the file system.
    pub(super) fn store(&self) -> ObjectStoreRef {
        self.store.clone()
    }
}
