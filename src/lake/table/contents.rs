//! What is in a table, and beside it: its data files, which of them came when, and their bytes.
//!
//! It does not know what the files say.

use std::collections::HashSet;

use bytes::Bytes;
use deltalake_core::Path;
use deltalake_core::kernel::{Action, LogicalFileView};
use futures::TryStreamExt;
use object_store::ObjectStoreExt;

use super::{DataFile, LakeError, LedgerVersion, Table};

impl Table {
    /// Every data file of this version.
    pub fn files(&self) -> Result<Vec<DataFile>, LakeError> {
        let files = self.state.snapshot().log_data();
        let file = |view: LogicalFileView| DataFile {
            path: view.object_store_path().to_string(),
            statistics: view.stats(),
            version: None,
        };
        Ok(files.iter().map(file).collect())
    }

    /// The data files whose rows came behind `version`; `None` where they can no longer be told from the others: the log
    /// does not reach that far back, or their rows have been moved to other files since.
    pub async fn files_after(
        &self,
        version: LedgerVersion,
    ) -> Result<Option<Vec<DataFile>>, LakeError> {
        let Some(News { files, .. }) = self.news(version).await? else { return Ok(None) };
        let live: HashSet<String> = self.files()?.into_iter().map(|file| file.path).collect();
        Ok(files.iter().all(|file| live.contains(&file.path)).then_some(files))
    }

    /// The data files appended behind `version`; `None` where the log no longer reaches that far back, or something was
    /// taken out.
    pub async fn appended_after(
        &self,
        version: LedgerVersion,
    ) -> Result<Option<Vec<DataFile>>, LakeError> {
        let news = self.news(version).await?;
        Ok(news.filter(|news| !news.takes_out).map(|news| news.files))
    }

    async fn news(&self, behind: LedgerVersion) -> Result<Option<News>, LakeError> {
        let mut news = News { files: Vec::new(), takes_out: false };
        for version in behind.0 + 1..=self.state.version() {
            let Some(actions) = self.actions(version).await? else { return Ok(None) };
            let takes_out =
                |action: &Action| matches!(action, Action::Remove(it) if it.data_change);
            news.takes_out |= actions.iter().any(takes_out);
            news.files.extend(actions.into_iter().filter_map(|action| added(action, version)));
        }
        Ok(Some(news))
    }

    /// Writes an object beside the table's files, over what is there.
    pub async fn put_beside(&self, path: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        let bytes = Bytes::from(bytes);
        self.patiently("write beside it", async || {
            self.log_store.object_store(None).put(&Path::from(path), bytes.clone().into()).await?;
            Ok(())
        })
        .await
    }

    /// The objects below a folder beside the table's files, by their paths within it.
    pub async fn list_beside(&self, folder: &str) -> Result<Vec<(String, Bytes)>, LakeError> {
        self.patiently("list what is beside it", async || {
            let (store, folder) = (self.log_store.object_store(None), Path::from(folder));
            let mut found = Vec::new();
            for object in store.list(Some(&folder)).try_collect::<Vec<_>>().await? {
                let within = object.location.prefix_match(&folder).into_iter().flatten();
                let within: Vec<String> = within.map(|part| part.as_ref().to_owned()).collect();
                found.push((within.join("/"), store.get(&object.location).await?.bytes().await?));
            }
            Ok(found)
        })
        .await
    }

    /// Reads a data file whole; `None` where it is not there.
    pub async fn read(&self, file: &DataFile) -> Result<Option<Bytes>, LakeError> {
        self.read_path(&file.path).await
    }

    /// Reads the data file at a path whole; `None` where it is not there.
    pub async fn read_path(&self, path: &str) -> Result<Option<Bytes>, LakeError> {
        self.patiently("read a file", async || {
            let (store, path) = (self.log_store.object_store(None), Path::from(path));
            let got = match store.get(&path).await {
                Err(object_store::Error::NotFound { .. }) => return Ok(None),
                got => got?,
            };
            Ok(Some(got.bytes().await?))
        })
        .await
    }
}

/// What some commits changed about the rows.
struct News {
    /// The files that brought rows.
    files: Vec<DataFile>,
    /// Whether rows were taken out.
    takes_out: bool,
}

/// The data file that an action brings, if what it brings is new.
fn added(action: Action, version: u64) -> Option<DataFile> {
    match action {
        Action::Add(add) if add.data_change => Some(DataFile {
            path: add.path,
            statistics: add.stats,
            version: Some(LedgerVersion(version)),
        }),
        _ => None,
    }
}
