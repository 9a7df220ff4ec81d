//! Commits: files and application transactions, both or neither, on the very snapshot that was looked at.
//!
//! It does not know whose transactions they are.

use deltalake_core::kernel::transaction::{CommitBuilder, CommitProperties, TransactionError};
use deltalake_core::kernel::{Action, Transaction};
use deltalake_core::logstore::get_actions;
use deltalake_core::protocol::{DeltaOperation, SaveMode};
use deltalake_core::table::state::DeltaTableState;
use deltalake_core::{DeltaTableError, Path};
use object_store::ObjectStoreExt;
use uuid::Uuid;

use super::{Change, LakeError, LedgerVersion, NewFile, Table, TransactionMove, failed, load};

/// Under this key a commit carries a name that no other has.
const COMMIT_NAME: &str = "chunfeng.commit";

impl Table {
    /// Adds files and moves application transactions on, in one commit. Refused where one of them is not where it is to
    /// be moved from, on the very snapshot the commit is based on, and where others have committed what is not tolerated.
    pub async fn append(
        &mut self,
        files: &[NewFile],
        moves: &[TransactionMove],
        tolerates: impl Fn(&Change) -> bool,
    ) -> Result<LedgerVersion, LakeError> {
        loop {
            match self.append_here(files, moves).await {
                Err(LakeError::Fenced { .. }) if self.catch_up_over(&tolerates).await? => {}
                done => return done,
            }
        }
    }

    async fn append_here(
        &mut self,
        files: &[NewFile],
        moves: &[TransactionMove],
    ) -> Result<LedgerVersion, LakeError> {
        self.refuse_leftovers(files).await?;
        self.check(moves).await?;
        let actions = files.iter().map(|file| Action::Add(file.0.clone())).collect();
        self.commit(actions, moves, writing(SaveMode::Append)).await
    }

    /// Takes out the files below some folders (the empty one is the table's own), adds files, and moves transactions on,
    /// in one commit, beside whatever others commit to folders of theirs. What was taken out is deleted at the next but
    /// one replacement, so that a reader has time to finish.
    pub async fn replace(
        &mut self,
        folders: &[String],
        files: &[NewFile],
        moves: &[TransactionMove],
    ) -> Result<(), LakeError> {
        loop {
            match self.replace_here(folders, files, moves).await {
                Ok(replaced) => {
                    if !replaced.is_empty() {
                        self.delete_replaced_before(replaced).await;
                    }
                    return Ok(());
                }
                Err(LakeError::Fenced { .. }) if self.catch_up().await? => {}
                Err(error) => return Err(error),
            }
        }
    }

    async fn replace_here(
        &mut self,
        folders: &[String],
        files: &[NewFile],
        moves: &[TransactionMove],
    ) -> Result<Vec<Path>, LakeError> {
        self.refuse_leftovers(files).await?;
        self.check(moves).await?;
        let live = self.state.snapshot().log_data();
        let is_replaced =
            |path: &Path| folders.iter().any(|folder| path.as_ref().starts_with(folder));
        let old = || live.iter().filter(|file| is_replaced(&file.object_store_path()));
        let replaced: Vec<Path> = old().map(|file| file.object_store_path()).collect();
        let removals = old().map(|file| Action::Remove(file.remove_action(true)));
        let additions = files.iter().map(|file| Action::Add(file.0.clone()));
        let actions = removals.chain(additions).collect();
        let mode = if replaced.is_empty() { SaveMode::Append } else { SaveMode::Overwrite };
        self.commit(actions, moves, writing(mode)).await?;
        Ok(replaced)
    }

    async fn check(&self, moves: &[TransactionMove]) -> Result<(), LakeError> {
        #[cfg(test)]
        if crate::lake::planted::is(crate::lake::planted::Bug::ForgetsWhoOwnsWhat) {
            return Ok(());
        }
        for one in moves {
            let is_at = match self.transactions.get(&one.app_id) {
                Some(version) => Some(*version),
                None => self.transaction(&one.app_id).await?,
            };
            if is_at != one.from {
                return Err(LakeError::Fenced { table: self.name.clone() });
            }
        }
        Ok(())
    }

    async fn delete_replaced_before(&mut self, replaced: Vec<Path>) {
        let store = self.log_store.object_store(None);
        for path in std::mem::replace(&mut self.replaced, replaced) {
            // Nothing refers to it any more: it costs room, and nothing else.
            if let Err(error) = store.delete(&path).await {
                tracing::warn!(table = self.name, %path, "a replaced file stays: {error}");
            }
        }
    }

    pub(super) async fn commit(
        &mut self,
        actions: Vec<Action>,
        moves: &[TransactionMove],
        operation: DeltaOperation,
    ) -> Result<LedgerVersion, LakeError> {
        let transactions =
            moves.iter().map(|one| Transaction::new(one.app_id.clone(), one.to)).collect();
        let name = Uuid::new_v4().to_string();
        let properties = CommitProperties::default()
            .with_max_retries(0)
            .with_cleanup_expired_logs(Some(false))
            .with_application_transactions(transactions)
            .with_metadata([(COMMIT_NAME.to_owned(), name.as_str().into())]);
        let attempt = async || {
            let commit = CommitBuilder::from(properties.clone())
                .with_actions(actions.clone())
                .build(Some(&self.state), self.log_store.clone(), operation.clone())
                .await;
            match commit {
                Ok(committed) => Ok(committed.snapshot()),
                Err(error) => self.despite(error, &name).await,
            }
        };
        self.state = self.patience.spend(&self.name, attempt).await?;
        self.transactions.extend(moves.iter().map(|one| (one.app_id.clone(), one.to)));
        self.lighten().await;
        Ok(self.version())
    }

    /// What came of a commit that failed, by its own account: the answer may have been lost, and the commit be there. A
    /// name in it tells ours from another's at the only version it can have.
    async fn despite(
        &self,
        error: DeltaTableError,
        name: &str,
    ) -> Result<DeltaTableState, LakeError> {
        let unreadable = |error| failed(&self.name, "read its log", error);
        let next = self.state.version() + 1;
        let Some(entry) = self.log_store.read_commit_entry(next).await.map_err(unreadable)? else {
            // Who has slept for very long finds the log trimmed where it would go on.
            return Err(match (self.is_left_behind(next).await, error) {
                (true, _) => LakeError::Fenced { table: self.name.clone() },
                // The name was refused and is free: what had it was still under way, ours of a try before or another's.
                (
                    false,
                    error @ DeltaTableError::Transaction {
                        source: TransactionError::MaxCommitAttempts(_),
                    },
                ) => {
                    let (table, source) = (self.name.clone(), error.into());
                    LakeError::Unavailable { table, action: "commit", source }
                }
                (false, error) => failed(&self.name, "commit", error),
            });
        };
        let actions = get_actions(next, &entry).map_err(unreadable)?;
        let is_ours = actions.iter().any(|action| match action {
            Action::CommitInfo(info) => info.info.get(COMMIT_NAME).is_some_and(|is| is == name),
            _ => false,
        });
        if !is_ours {
            return Err(LakeError::Fenced { table: self.name.clone() });
        }
        tracing::info!(table = self.name, version = next, "committed, though no answer said so");
        load(&self.log_store, Some(next)).await.map_err(unreadable)
    }
}

fn writing(mode: SaveMode) -> DeltaOperation {
    DeltaOperation::Write { mode, partition_by: None, predicate: None }
}
