//! What the lake remembers of some homes: the newest roster snapshot of each, then the ledger behind it.
//!
//! Facts join idempotently, so a snapshot may hold more than it says, and a row may be told twice. Knows nothing of
//! what is counted; it only says of every fact whether the panes table holds what it moves.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::counted::Counted;
use super::table::{DataFile, Table};
use super::{Home, LakeError, LedgerVersion, PipelineLake, ledger_read, roster};
use crate::decode::TopicPartition;
use crate::roster::{FactHead, TimelineBatch, Token};

/// Whether the panes hold what a fact or a timeline moves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InPanes {
    /// The panes table does.
    Held,
    /// Its roster file said what all timelines of the file move, and whoever counts has taken that.
    Counted,
    /// It has to be told of it.
    Missing,
}

/// Receives what the lake remembers, timelines by the batch and facts one by one, in any order.
pub trait Remembered {
    /// About so many timelines will come.
    fn expect(&mut self, _entities: usize) {}
    /// What the timelines of a roster file that is about to be told add up to. Whether it is taken: if so, they come as
    /// counted, and otherwise as missing.
    fn counted(&mut self, _home: &Home, _counted: Counted) -> bool {
        false
    }
    /// Whole timelines from the roster.
    fn timelines(&mut self, home: &Home, timelines: TimelineBatch, panes: InPanes);
    /// One fact from the ledger, to be joined to whatever is there.
    fn fact(&mut self, home: &Home, entity: Token, head: FactHead, fields: &[u64], panes: InPanes);
}

/// What to recall.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Every home.
    Whole,
    /// These homes.
    Homes(Vec<Home>),
}

/// One home as it was recalled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recalled {
    /// Which.
    pub home: Home,
    /// Where the panes table says that it stands for it.
    pub held: Option<LedgerVersion>,
    /// The same, if what moves can go on from there; `None` where the table has to be told all of it anew.
    pub panes: Option<LedgerVersion>,
}

/// From where on rows of a home are to be told.
#[derive(Clone, Copy, Debug)]
struct Since {
    /// The snapshot holds everything up to this version; `None` where there is none.
    roster: Option<LedgerVersion>,
    /// The panes table holds everything up to this version.
    panes: Option<LedgerVersion>,
}

impl Since {
    /// A snapshot that knows more than the panes table is of no use to it, unless all of it is told anew (ORDER).
    fn in_order(roster: Option<LedgerVersion>, panes: Option<LedgerVersion>) -> Self {
        match roster > panes {
            true => Self { roster, panes: None },
            false => Self { roster, panes },
        }
    }

    fn in_panes(self, version: Option<LedgerVersion>) -> InPanes {
        // A file whose commit is not known is older than every commit that is.
        let held = self.panes.is_some_and(|panes| version.is_none_or(|version| version <= panes));
        if held { InPanes::Held } else { InPanes::Missing }
    }
}

/// Which rows of the ledger to tell, and of what.
pub(super) struct Wanted {
    /// `None` for whoever wants every home.
    homes: Option<BTreeMap<Home, Since>>,
    everything: Since,
}

impl Wanted {
    /// The home of a row, and whether the panes hold it, if the row is wanted.
    pub fn row(&self, home: Home, version: Option<LedgerVersion>) -> Option<(Home, InPanes)> {
        let since = match &self.homes {
            Some(homes) => *homes.get(&home)?,
            None => self.everything,
        };
        let in_roster = since.roster.is_some_and(|roster| version.is_some_and(|is| is <= roster));
        (!in_roster).then(|| (home, since.in_panes(version)))
    }

    /// Whether a file may hold wanted rows, by the least and greatest topic and partition in it.
    fn may_be_in(&self, places: Option<&RangeInclusive<TopicPartition>>, topic: &str) -> bool {
        let (Some(homes), Some(places)) = (&self.homes, places) else { return true };
        homes.keys().any(|home| match home {
            Home::Partition(partition) => {
                let topics = &*places.start().topic..=&*places.end().topic;
                let numbers = places.start().partition..=places.end().partition;
                topics.contains(&&*partition.topic) && numbers.contains(&partition.partition)
            }
            Home::Elsewhere => *places.start().topic != *topic || *places.end().topic != *topic,
        })
    }
}

impl PipelineLake {
    /// Tells `remembered` what the lake knows of a scope up to the ledger's version: the newest roster snapshots, then
    /// the ledger behind them. Returns the homes that were asked for, and how many facts came from the ledger.
    pub async fn recall(
        &self,
        scope: &Scope,
        remembered: &mut impl Remembered,
    ) -> Result<(Vec<Recalled>, u64), LakeError> {
        let whole = self.roster_version(None).await?;
        let homes = match scope {
            Scope::Homes(homes) => homes,
            Scope::Whole => {
                let told = self.recall_whole(whole, remembered).await?;
                return Ok((Vec::new(), told));
            }
        };
        let (mut wanted, mut recalled) = (BTreeMap::new(), Vec::new());
        for home in homes {
            let held = self.panes_version(home).await?;
            wanted.insert(home.clone(), (self.roster_version(Some(home)).await?, held));
        }
        // Which rows the panes hold can only be told from the commits behind them.
        let earliest_panes = wanted.values().filter_map(|(_, held)| *held).min();
        let behind_panes = match earliest_panes {
            Some(panes) => self.ledger.files_after(panes).await?,
            None => None,
        };
        let mut since_when = BTreeMap::new();
        for (home, (own, held)) in wanted {
            let panes = held.filter(|_| behind_panes.is_some());
            let since = Since::in_order(own.max(whole), panes);
            recalled.push(Recalled { home: home.clone(), held, panes: since.panes });
            since_when.insert(home, since);
        }
        self.snapshots(&mut since_when, remembered).await?;
        let mut told = 0;
        let behind_panes = behind_panes.unwrap_or_default();
        for from in earliest(since_when.values()) {
            let part = |since: &Since| since.roster.is_some() == from.is_some();
            let homes = since_when.iter().filter(|(_, since)| part(since));
            let homes = homes.map(|(home, since)| (home.clone(), *since)).collect();
            let wanted = Wanted { homes: Some(homes), everything: NOTHING };
            told += self.tail(from, &wanted, &behind_panes, remembered).await?;
        }
        Ok((recalled, told))
    }

    /// Tells every fact that the ledger holds and no snapshot: a snapshot's timelines hold only what is kept of each kind
    /// today, and of an earlier moment something else would be.
    pub async fn recall_facts(&self, remembered: &mut impl Remembered) -> Result<u64, LakeError> {
        let wanted = Wanted { homes: None, everything: NOTHING };
        self.tail(None, &wanted, &[], remembered).await
    }

    async fn recall_whole(
        &self,
        roster: Option<LedgerVersion>,
        remembered: &mut impl Remembered,
    ) -> Result<u64, LakeError> {
        let mut since = Since { roster, panes: None };
        if roster.is_some() {
            let (files, panes) = (roster::files_of(&self.roster, None)?, since.in_panes(None));
            let damaged = roster::load(self, &files, |_| panes, remembered).await?;
            since.roster = roster.filter(|_| damaged.is_empty());
        }
        let wanted = Wanted { homes: None, everything: since };
        self.tail(since.roster, &wanted, &[], remembered).await
    }

    /// Tells the snapshots of homes that have one. A damaged snapshot is as good as none: the ledger tells all of it.
    async fn snapshots(
        &self,
        homes: &mut BTreeMap<Home, Since>,
        remembered: &mut impl Remembered,
    ) -> Result<(), LakeError> {
        let mut files = Vec::new();
        for (home, _) in homes.iter().filter(|(_, since)| since.roster.is_some()) {
            files.extend(roster::files_of(&self.roster, Some(home))?);
        }
        let panes =
            |home: &Home| homes.get(home).map_or(InPanes::Missing, |since| since.in_panes(None));
        for home in roster::load(self, &files, panes, remembered).await? {
            if let Some(since) = homes.get_mut(&home) {
                since.roster = None;
            }
        }
        Ok(())
    }

    /// Tells what the ledger holds behind `from`, or all of it.
    async fn tail(
        &self,
        from: Option<LedgerVersion>,
        wanted: &Wanted,
        behind_panes: &[DataFile],
        remembered: &mut impl Remembered,
    ) -> Result<u64, LakeError> {
        let behind = match from {
            Some(version) => self.ledger.files_after(version).await?,
            None => None,
        };
        let files = match behind {
            Some(files) => files,
            None => self.dated_files(behind_panes)?,
        };
        let topic = &self.pipeline.topic;
        let may_be_in =
            |file: &DataFile| wanted.may_be_in(ledger_read::places(file).as_ref(), topic);
        let files = files.into_iter().filter(may_be_in);
        #[cfg(test)]
        let files = super::planted::turned_round_if_planted(files);
        let files: Vec<DataFile> = files.collect();
        ledger_read::facts(&self.ledger, &files, &self.pipeline, wanted, remembered).await
    }

    /// Every file of the ledger, those behind what the panes hold with the version that added them.
    fn dated_files(&self, behind_panes: &[DataFile]) -> Result<Vec<DataFile>, LakeError> {
        let dated: BTreeMap<_, _> =
            behind_panes.iter().map(|file| (&file.path, file.version)).collect();
        let mut files = self.ledger.files()?;
        for file in &mut files {
            file.version = dated.get(&file.path).copied().flatten();
        }
        // What the panes hold comes first: only so does what comes behind it move what the panes lack.
        files.sort_by_key(|file| file.version);
        Ok(files)
    }

    /// Refuses a ledger with rows that no partition of the pipeline's topic brought, by what its files say of
    /// themselves: no instance of several would have them.
    pub fn refuse_elsewhere(&self) -> Result<(), LakeError> {
        let homes = BTreeMap::from([(Home::Elsewhere, NOTHING)]);
        let wanted = Wanted { homes: Some(homes), everything: NOTHING };
        let files = self.ledger.files()?;
        let places = files.iter().map(ledger_read::places);
        match places.into_iter().any(|at| wanted.may_be_in(at.as_ref(), &self.pipeline.topic)) {
            true => Err(LakeError::Undivided { pipeline: self.pipeline.name.clone() }),
            false => Ok(()),
        }
    }
}

const NOTHING: Since = Since { roster: None, panes: None };

/// Where to begin reading the ledger: once for the homes that have a snapshot, once for those that have none.
fn earliest<'s>(
    homes: impl Iterator<Item = &'s Since> + Clone,
) -> impl Iterator<Item = Option<LedgerVersion>> {
    let without = homes.clone().any(|since| since.roster.is_none()).then_some(None);
    let with = homes.filter_map(|since| since.roster).min().map(Some);
    without.into_iter().chain(with)
}

/// Where a table's transactions say it stands for a home.
pub(super) async fn reached(
    table: &Table,
    app_id: &str,
    ledger: LedgerVersion,
) -> Result<Option<LedgerVersion>, LakeError> {
    let version = table.transaction(app_id).await?;
    Ok(version.map(|version| LedgerVersion(version as u64)).filter(|version| *version <= ledger))
}
