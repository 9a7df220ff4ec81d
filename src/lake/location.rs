//! Where the lake is: a folder, or a prefix of a bucket. What is done there is the same for both.
//!
//! It deliberately does not know tables, nor how a bucket is reached.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use futures::TryStreamExt;
use object_store::ObjectStoreScheme;
use object_store::path::Path;
use url::Url;

use super::local::DurableLocal;
use super::remote::{self, StoreOptions};
use super::storage_failure::is_missing;
use super::table::ObjectStoreRef;
use super::{LakeError, Patience};

/// A lake: a folder whose subfolders are pipelines.
#[derive(Clone)]
pub struct Lake {
    url: Url,
    store: ObjectStoreRef,
    patience: Patience,
}

impl Lake {
    /// The lake at a path or a URL; a bucket is reached as the environment says.
    pub fn at(location: &str) -> Result<Self, LakeError> {
        Self::with_options(location, &StoreOptions::default())
    }

    /// The lake at a path or a URL; a bucket is reached as the options say, and the environment where they say nothing.
    /// Nothing is created before something is written.
    pub fn with_options(location: &str, options: &StoreOptions) -> Result<Self, LakeError> {
        match Url::parse(location) {
            Ok(url) if location.contains("://") => Self::at_url(&url, options),
            _ => Self::in_folder(location, location.into()),
        }
    }

    fn at_url(url: &Url, options: &StoreOptions) -> Result<Self, LakeError> {
        let shown = without_password(url);
        let refuse = |reason: &str| refused(&shown, reason);
        if url.scheme() == "file" {
            let folder = url.to_file_path().map_err(|()| refuse("no local path"))?;
            return Self::in_folder(&shown, folder);
        }
        if url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("a lake's URL is a bucket and a prefix, and nothing else"));
        }
        let kind = match ObjectStoreScheme::parse(url) {
            Ok((kind, _)) if !matches!(url.scheme(), "http" | "https" | "memory") => kind,
            _ => return Err(refuse("neither a folder nor a bucket is named so")),
        };
        let mut url = url.clone();
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let store = remote::open(&url, kind, options).map_err(|reason| refuse(&reason))?;
        Ok(Self { url, store, patience: Patience::default() })
    }

    fn in_folder(location: &str, folder: PathBuf) -> Result<Self, LakeError> {
        let refuse = |reason: &str| refused(location, reason);
        let root = std::path::absolute(&folder).map_err(|error| refuse(&error.to_string()))?;
        let url = Url::from_directory_path(&root).map_err(|()| refuse("no local path"))?;
        let store =
            DurableLocal::new(FilePath::new("/")).map_err(|error| refuse(&error.to_string()))?;
        Ok(Self { url, store: Arc::new(store), patience: Patience::default() })
    }

    /// The same lake, whose failures are waited out.
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The same place in another store.
    #[cfg(test)]
    pub(crate) fn in_another_store(self, store: ObjectStoreRef) -> Self {
        Self { store, ..self }
    }

    /// A lake in a store of its own.
    #[cfg(test)]
    pub(crate) fn in_store(store: ObjectStoreRef) -> Self {
        let url = Url::parse("memory:///lake/").unwrap();
        Self { url, store, patience: Patience::default() }
    }

    /// The names of the pipelines it holds, sorted. A lake that holds none is not where it was looked for.
    pub async fn pipelines(&self) -> Result<Vec<String>, LakeError> {
        let names = match self.folders_with_a_ledger().await {
            Ok(names) => names,
            Err(error) if is_missing(&error) => return Err(self.has_no_bucket()),
            Err(error) => {
                let (url, source) = (self.url.to_string(), error.into());
                return Err(LakeError::Unlisted { url, source });
            }
        };
        match names.is_empty() {
            true => Err(refused(self.url.as_str(), "it holds no pipeline")),
            false => Ok(names),
        }
    }

    async fn folders_with_a_ledger(&self) -> object_store::Result<Vec<String>> {
        let root = Path::from_url_path(self.url.path())?;
        let mut names = Vec::new();
        for folder in self.store.list_with_delimiter(Some(&root)).await?.common_prefixes {
            let log = folder.clone().join("ledger").join("_delta_log");
            // One of them is enough; the log may be long.
            if self.store.list(Some(&log)).try_next().await?.is_some() {
                names.extend(folder.filename().map(str::to_owned));
            }
        }
        names.sort();
        Ok(names)
    }

    /// The URL of a table.
    pub(super) fn table(&self, pipeline: &str, name: &str) -> Result<Url, LakeError> {
        let refuse = |error: url::ParseError| refused(self.url.as_str(), &error.to_string());
        self.url.join(&format!("{pipeline}/{name}/")).map_err(refuse)
    }

    pub(super) fn has_no_bucket(&self) -> LakeError {
        refused(self.url.as_str(), "there is no such bucket")
    }

    pub(super) fn patience(&self) -> Patience {
        self.patience.clone()
    }

    /// The store, rooted at the root of the file system or of the bucket.
    pub(super) fn store(&self) -> ObjectStoreRef {
        self.store.clone()
    }
}

fn refused(url: &str, reason: &str) -> LakeError {
    LakeError::Location { url: url.to_owned(), reason: reason.to_owned() }
}

/// Errors show a URL as it was given, but for a secret in it.
fn without_password(url: &Url) -> String {
    let mut url = url.clone();
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        return format!("{}://…", url.scheme());
    }
    if url.query().is_some() {
        url.set_query(Some("…"));
    }
    url.to_string()
}
