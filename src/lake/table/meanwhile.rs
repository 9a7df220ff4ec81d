//! What others have committed to a table since this handle last looked, and how the handle goes on from there.
//!
//! It tells what each commit changed. It does not know which changes its caller can live with.

use deltalake_core::kernel::Action;
use deltalake_core::logstore::get_actions;
use deltalake_core::table::state::DeltaTableState;

use super::{LakeError, LedgerVersion, Table, failed, load};

/// What upkeep's transactions are called, behind the pipeline's name.
const UPKEEP_TRANSACTIONS: [&str; 2] = [super::UPKEEP, super::LEFTOVERS];

/// Checkpoints are as far apart: it is cheapest right behind one.
const COMMITS_BETWEEN_LOADS: u64 = 100;

/// What one commit changed.
#[derive(Debug)]
pub struct Change {
    /// The application transactions it moved.
    transactions: Vec<String>,
    /// Whether it brought or took rows. What moves rows from file to file does neither.
    brings_rows: bool,
    /// Whether it describes the table otherwise.
    describes_otherwise: bool,
}

impl Change {
    /// Whether it is upkeep's: rows are what they were, and no transaction has moved but upkeep's own. No partition is
    /// named like those: partitions name a topic and a number.
    pub fn is_upkeep(&self) -> bool {
        let is_ours = |moved: &String| {
            moved.split_once('/').is_some_and(|(_, rest)| UPKEEP_TRANSACTIONS.contains(&rest))
        };
        !self.brings_rows && !self.describes_otherwise && self.transactions.iter().all(is_ours)
    }

    /// Whether it brought or took rows.
    pub fn brings_rows(&self) -> bool {
        self.brings_rows
    }

    fn of(actions: Vec<Action>) -> Self {
        let mut change =
            Self { transactions: Vec::new(), brings_rows: false, describes_otherwise: false };
        for action in actions {
            match action {
                Action::Txn(moved) => change.transactions.push(moved.app_id),
                Action::Add(add) => change.brings_rows |= add.data_change,
                Action::Remove(remove) => change.brings_rows |= remove.data_change,
                Action::CommitInfo(_) => {}
                _ => change.describes_otherwise = true,
            }
        }
        change
    }
}

impl Table {
    /// Goes on to the newest version, whatever others have committed. Returns whether there was one.
    pub async fn catch_up(&mut self) -> Result<bool, LakeError> {
        let newest = self.newest().await?;
        Ok(newest.map(|newest| self.go_on_to(newest)).is_some())
    }

    /// Goes on to the newest version, if `tolerates` every commit on the way. Returns whether it went on: it stays where
    /// nobody has committed, where a commit is not tolerated, and where the log no longer tells.
    pub async fn catch_up_over(
        &mut self,
        tolerates: impl Fn(&Change) -> bool,
    ) -> Result<bool, LakeError> {
        let Some(newest) = self.newest().await? else { return Ok(false) };
        let changes = self.changes(self.version(), LedgerVersion(newest.version())).await?;
        let goes_on = changes.is_some_and(|changes| changes.iter().all(tolerates));
        if goes_on {
            self.go_on_to(newest);
        }
        Ok(goes_on)
    }

    /// What the table is now; `None` where that is what this handle holds.
    async fn newest(&self) -> Result<Option<DeltaTableState>, LakeError> {
        let newest = self.patiently("reload", async || load(&self.log_store, None).await).await?;
        Ok((newest.version() > self.state.version()).then_some(newest))
    }

    fn go_on_to(&mut self, newest: DeltaTableState) {
        self.state = newest;
        self.transactions.clear();
    }

    /// Loads the version whole from time to time. A snapshot that goes on commit by commit keeps a batch of the log for each,
    /// and looks through all of them at every commit.
    pub(super) async fn lighten(&mut self) {
        let version = self.state.version();
        if !version.is_multiple_of(COMMITS_BETWEEN_LOADS) {
            return;
        }
        // Where the storage fails just now, the next time will do.
        if let Ok(whole) = load(&self.log_store, Some(version)).await {
            self.state = whole;
        }
    }

    /// Whether the table can be read, and is at this version or a later one.
    pub(super) async fn is_left_behind(&self, version: u64) -> bool {
        load(&self.log_store, None).await.is_ok_and(|newest| newest.version() >= version)
    }

    /// What the commits behind `version` changed; `None` where the log no longer reaches that far back.
    pub async fn changes_after(
        &self,
        version: LedgerVersion,
    ) -> Result<Option<Vec<Change>>, LakeError> {
        self.changes(version, self.version()).await
    }

    async fn changes(
        &self,
        behind: LedgerVersion,
        up_to: LedgerVersion,
    ) -> Result<Option<Vec<Change>>, LakeError> {
        let mut changes = Vec::new();
        for version in behind.0 + 1..=up_to.0 {
            let Some(actions) = self.actions(version).await? else { return Ok(None) };
            changes.push(Change::of(actions));
        }
        Ok(Some(changes))
    }

    /// A commit's actions; `None` where the log no longer holds it.
    pub(super) async fn actions(&self, version: u64) -> Result<Option<Vec<Action>>, LakeError> {
        let read = async || self.log_store.read_commit_entry(version).await;
        let Some(entry) = self.patiently("read its log", read).await? else { return Ok(None) };
        let actions = get_actions(version, &entry);
        actions.map(Some).map_err(|error| failed(&self.name, "read its log", error))
    }
}
