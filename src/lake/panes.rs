//! The panes table: what moved in every cell, appended epoch by epoch. Whoever follows it knows every level without
//! knowing any entity.
//!
//! The rows of a home are in files of their own, so that a home can be told anew. What counts otherwise (another
//! measure, another dimension) is another *generation*, in folders of its own beside the old one's.

mod rows;

use std::collections::BTreeMap;
use std::fmt;

pub use self::rows::{Followed, Moved, PaneRows, Reached};
use super::table::TransactionMove;
use super::{Home, Lake, LakeError, LedgerVersion, PipelineLake, open_derived, recall, schema};

/// How far a commit moves a home's panes on.
#[derive(Clone, Default, Debug)]
pub struct PanesAdvance {
    /// Where the table says they stand.
    pub held: Option<LedgerVersion>,
    /// From where on these rows tell what moved; `None` where they tell everything, in place of what the table says.
    pub from: Option<LedgerVersion>,
    /// What moved.
    pub rows: PaneRows,
}

/// A version of the panes table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PanesVersion(LedgerVersion);

impl PipelineLake {
    /// The same with the panes table open, which is created where it is missing.
    pub async fn with_panes(mut self, lake: &Lake) -> Result<Self, LakeError> {
        let schema = arrow::datatypes::Schema::new(schema::panes());
        let panes = open_derived(lake, &self.pipeline.name, "panes", &schema, None).await?;
        self.panes = Some(panes);
        Ok(self)
    }

    /// Appends what moved in the panes of these homes up to where `reached` says (ORDER: never more than the
    /// ledger). A home whose panes are not where `from` says has been taken over: refused with [`LakeError::Fenced`].
    pub async fn commit_panes(
        &mut self,
        homes: &BTreeMap<Home, PanesAdvance>,
        reached: Reached,
    ) -> Result<(), LakeError> {
        let generation = self.pipeline.counting_fingerprint();
        let Some(panes) = &self.panes else { return Ok(()) };
        let (mut files, mut moves, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
        for (home, advance) in homes {
            let folder = format!("{generation}/{}", home.folder());
            if !advance.rows.is_empty() {
                let batch = advance.rows.to_batch(&self.pipeline, home, reached)?;
                files.push(panes.put_file(None, &folder, vec![batch]).await?);
            }
            if advance.from.is_none() {
                replaced.push(folder);
            }
            moves.push(TransactionMove {
                app_id: self.panes_app_id(home),
                from: advance.held.map(|version| version.0 as i64),
                to: reached.ledger.0 as i64,
            });
        }
        match &mut self.panes {
            Some(panes) => panes.replace(&replaced, &files, &moves).await,
            None => Ok(()),
        }
    }

    /// What is told the panes table's rows up to its newest version; `None` where everything has to be told anew.
    pub async fn follow_panes(
        &mut self,
        from: Option<PanesVersion>,
        followed: &mut impl Followed,
    ) -> Result<Option<PanesVersion>, LakeError> {
        let generation = format!("{}/", self.pipeline.counting_fingerprint());
        let Some(panes) = &mut self.panes else { return Ok(from) };
        panes.catch_up().await?;
        let mut files = match from {
            None => panes.files()?,
            Some(PanesVersion(version)) => match panes.appended_after(version).await? {
                Some(files) => files,
                None => return Ok(None),
            },
        };
        files.retain(|file| file.path.starts_with(&generation));
        rows::read(panes, &files, &self.pipeline, followed).await?;
        Ok(Some(PanesVersion(panes.version())))
    }

    /// Names what is counted: panes that were counted otherwise are not found, and so are told anew.
    fn panes_app_id(&self, home: &impl fmt::Display) -> String {
        format!("{}/panes/{}/{home}", self.pipeline.name, self.pipeline.counting_fingerprint())
    }

    /// Homes of the ledger whose panes have not been told as they are counted now, or `Elsewhere`, which has none.
    pub async fn homes_without_panes(&self) -> Result<Vec<Home>, LakeError> {
        let mut missing = Vec::new();
        for partition in self.partitions().await? {
            let home = Home::Partition(partition);
            if self.panes_version(&home).await?.is_none() {
                missing.push(home);
            }
        }
        Ok(missing)
    }

    /// Whether rows have been committed that no panes tell of. Between a commit of the ledger and that of its panes they
    /// have for a moment; where they have for long, nobody tells.
    pub async fn is_ahead_of_its_panes(&self) -> Result<bool, LakeError> {
        let mut newest = None;
        for partition in self.partitions().await? {
            newest = newest.max(self.panes_version(&Home::Partition(partition)).await?);
        }
        match newest {
            Some(version) => Ok(!self.has_had_no_rows_since(version).await?),
            None => Ok(false),
        }
    }

    /// The ledger version that a home's panes reflect.
    pub async fn panes_version(
        &self,
        home: &impl fmt::Display,
    ) -> Result<Option<LedgerVersion>, LakeError> {
        let Some(panes) = &self.panes else { return Ok(None) };
        recall::reached(panes, &self.panes_app_id(home), self.ledger.version()).await
    }
}
