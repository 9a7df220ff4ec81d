//! Moving rows from files to others while everybody else goes on committing.
//!
//! It does not know which files, nor what is in them: whoever calls it has seen to it that the rows are the same.

use std::collections::HashSet;

use deltalake_core::kernel::Action;
use deltalake_core::protocol::DeltaOperation;

use super::{LakeError, NewFile, Table, TransactionMove};

/// How often a rewrite that others overtake is based on what they have committed. They commit about once a second and a
/// rewrite takes milliseconds, so the second try nearly always wins.
const TRIES_MOST: usize = 100;

impl Table {
    /// Replaces files by others with the same rows, in one commit that changes nothing a reader sees and moves the owner's
    /// transaction on. Others may commit meanwhile; but where one of the files is gone, or the transaction is not where
    /// its owner left it, another owner has been at work, and this one is refused.
    pub async fn rewrite(
        &mut self,
        old: &HashSet<String>,
        new: &[NewFile],
        owner: &TransactionMove,
    ) -> Result<(), LakeError> {
        let refused = LakeError::Fenced { table: self.name.clone() };
        for _ in 0..TRIES_MOST {
            let Some(removals) = self.removals(old) else { return Err(refused) };
            self.refuse_leftovers(new).await?;
            if self.transaction(&owner.app_id).await? != owner.from {
                return Err(refused);
            }
            let additions = new.iter().map(|file| {
                let mut add = file.0.clone();
                add.data_change = false;
                Action::Add(add)
            });
            let actions = removals.into_iter().chain(additions).collect();
            let operation = DeltaOperation::Optimize { predicate: None, target_size: 0 };
            match self.commit(actions, std::slice::from_ref(owner), operation).await {
                Err(LakeError::Fenced { .. }) if self.catch_up().await? => {}
                done => {
                    done?;
                    self.transactions.insert(owner.app_id.clone(), owner.to);
                    return Ok(());
                }
            }
        }
        Err(refused)
    }

    /// What takes these files out; `None` where one of them is not in the table.
    fn removals(&self, old: &HashSet<String>) -> Option<Vec<Action>> {
        let files = self.state.snapshot().log_data();
        let is_old = |path: &str| old.contains(path);
        let removals: Vec<_> = files
            .iter()
            .filter(|file| is_old(file.object_store_path().as_ref()))
            .map(|file| Action::Remove(file.remove_action(false)))
            .collect();
        (removals.len() == old.len()).then_some(removals)
    }
}
