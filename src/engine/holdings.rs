//! What an engine holds: which partitions are assigned to it, and of which homes it knows everything.
//!
//! Pure bookkeeping. What it decides is in the table that its tests walk through: assigned, recalled, read, revoked,
//! lost, in any order.

use std::collections::{BTreeMap, BTreeSet};

use super::Publication;
use super::committer::Knows;
use super::shard::RecallId;
use super::sink::Assignment;
use crate::decode::TopicPartition;
use crate::lake::{Home, Scope, Share};

/// What is held, over all lanes.
pub struct Holdings {
    publication: Publication,
    share: Share,
    partitions: BTreeMap<TopicPartition, Held>,
    homes: BTreeMap<Home, Standing>,
    /// Assigned as far as the source knows, and somebody else's by the ledger.
    missing: BTreeSet<TopicPartition>,
    recalls: RecallId,
    /// Whatever home comes has been recalled already.
    lake_is_known: bool,
}

struct Held {
    assignment: Assignment,
    homes: Vec<Home>,
}

/// How much is known of a home.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    /// It is being recalled.
    Recalling(RecallId),
    /// Everything.
    Known,
}

/// What to do with a batch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Take it.
    Take,
    /// It was read before its partition was given up or taken on anew: it is read again.
    Drop,
    /// It came before anybody awaited it.
    Unawaited,
}

/// What a change asks for.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Change {
    /// Homes to recall, under this number.
    pub recall: Option<(RecallId, Vec<Home>)>,
    /// Homes to forget.
    pub forget: Vec<Home>,
    /// Homes of which everything is known now.
    pub known: Vec<Home>,
    /// Partitions whose records are awaited from now on, if they are read under these assignments.
    pub ready: Vec<(TopicPartition, Assignment)>,
}

impl Holdings {
    /// Nothing is held yet.
    pub fn new(publication: Publication, share: Share) -> Self {
        Self {
            publication,
            share,
            partitions: BTreeMap::new(),
            homes: BTreeMap::new(),
            missing: BTreeSet::new(),
            recalls: RecallId::default(),
            lake_is_known: false,
        }
    }

    /// Everything the lake holds has been recalled, before anything is assigned.
    pub fn knows_the_lake(&mut self) {
        self.homes.insert(Home::Elsewhere, Standing::Known);
        self.lake_is_known = true;
    }

    /// Partitions are assigned; `homes_of` names the homes they bring facts to.
    pub fn assign<'p>(
        &mut self,
        partitions: impl IntoIterator<Item = &'p TopicPartition>,
        assignment: Assignment,
        share: Share,
        homes_of: impl Fn(&TopicPartition) -> Vec<Home>,
    ) -> Change {
        self.set_share(share);
        let mut unknown = Vec::new();
        for partition in partitions {
            self.missing.remove(partition);
            let homes = homes_of(partition);
            unknown.extend(homes.iter().filter(|home| !self.homes.contains_key(home)).cloned());
            self.partitions.insert(partition.clone(), Held { assignment, homes });
        }
        // Whoever makes boards needs what no partition brings, too.
        let elsewhere = self.publication == Publication::Boards;
        if elsewhere && !self.homes.contains_key(&Home::Elsewhere) {
            unknown.push(Home::Elsewhere);
        }
        if self.lake_is_known {
            self.homes.extend(unknown.drain(..).map(|home| (home, Standing::Known)));
        }
        unknown.sort();
        unknown.dedup();
        let recall = (!unknown.is_empty()).then(|| self.next_recall());
        for home in &unknown {
            self.homes.insert(home.clone(), Standing::Recalling(self.recalls));
        }
        let ready = self.ready(assignment);
        Change { recall: recall.map(|recall| (recall, unknown)), ready, ..Change::default() }
    }

    /// A recall is done. Homes that were given up meanwhile are not known.
    pub fn recalled(&mut self, recall: RecallId) -> Change {
        let mut known = Vec::new();
        for (home, standing) in &mut self.homes {
            if *standing == Standing::Recalling(recall) {
                *standing = Standing::Known;
                known.push(home.clone());
            }
        }
        let concerns = |held: &&Held| held.homes.iter().any(|home| known.contains(home));
        let assignments: BTreeSet<_> =
            self.partitions.values().filter(concerns).map(|held| held.assignment).collect();
        let ready = assignments.into_iter().flat_map(|assignment| self.ready(assignment));
        Change { ready: ready.collect(), known, ..Change::default() }
    }

    /// Whether a home that was recalled is still ours.
    pub fn knows_home(&self, home: &Home) -> bool {
        self.homes.get(home) == Some(&Standing::Known)
    }

    /// Partitions are given up.
    pub fn revoke<'p>(
        &mut self,
        partitions: impl IntoIterator<Item = &'p TopicPartition>,
        share: Share,
    ) -> Change {
        self.set_share(share);
        let mut change = Change::default();
        for partition in partitions {
            self.missing.remove(partition);
            self.give_up(partition, &mut change);
        }
        change
    }

    /// Partitions turned out to be somebody else's.
    pub fn lose<'p>(&mut self, partitions: impl IntoIterator<Item = &'p TopicPartition>) -> Change {
        let mut change = Change::default();
        for partition in partitions {
            if self.give_up(partition, &mut change) {
                self.missing.insert(partition.clone());
            }
        }
        change
    }

    fn give_up(&mut self, partition: &TopicPartition, change: &mut Change) -> bool {
        let Some(held) = self.partitions.remove(partition) else { return false };
        for home in held.homes.into_iter().filter(|home| *home != Home::Elsewhere) {
            if self.homes.remove(&home).is_some() {
                change.forget.push(home);
            }
        }
        true
    }

    /// What to do with a batch of a partition.
    pub fn judge(&self, partition: &TopicPartition, assignment: Assignment) -> Verdict {
        match self.partitions.get(partition) {
            Some(held) if held.assignment == assignment => {
                if held.homes.iter().all(|home| self.knows_home(home)) {
                    Verdict::Take
                } else {
                    Verdict::Unawaited
                }
            }
            _ => Verdict::Drop,
        }
    }

    /// How much of what counts is known.
    pub fn knows(&self) -> Knows {
        let all_known = self.homes.values().all(|standing| *standing == Standing::Known);
        let everything = self.share == Share::Whole
            && self.missing.is_empty()
            && all_known
            && self.homes.contains_key(&Home::Elsewhere);
        if everything { Knows::Everything } else { Knows::APart }
    }

    /// Who else may commit.
    pub fn share(&self) -> Share {
        self.share
    }

    /// How many homes are still being recalled.
    pub fn recalling(&self) -> usize {
        self.homes.values().filter(|standing| **standing != Standing::Known).count()
    }

    /// Of which homes a roster snapshot can be taken; `concerns` says which of them a lane has.
    pub fn snapshot_scope(&self, concerns: impl Fn(&Home) -> bool) -> Option<Scope> {
        if self.publication == Publication::Boards && self.knows() == Knows::Everything {
            return Some(Scope::Whole);
        }
        let known = self.homes.iter().filter(|(_, standing)| **standing == Standing::Known);
        let homes = known.map(|(home, _)| home.clone());
        // What no partition brings is only written together with everything else.
        let homes: Vec<Home> =
            homes.filter(|home| *home != Home::Elsewhere && concerns(home)).collect();
        (!homes.is_empty()).then_some(Scope::Homes(homes))
    }

    fn ready(&self, assignment: Assignment) -> Vec<(TopicPartition, Assignment)> {
        let is_ready = |held: &Held| {
            held.assignment == assignment && held.homes.iter().all(|home| self.knows_home(home))
        };
        let ready = self.partitions.iter().filter(|(_, held)| is_ready(held));
        ready.map(|(partition, _)| (partition.clone(), assignment)).collect()
    }

    /// Whoever only tells the panes table commits beside others at any time.
    fn set_share(&mut self, share: Share) {
        self.share = match self.publication {
            Publication::Boards => share,
            Publication::Panes => Share::Part,
        };
    }

    fn next_recall(&mut self) -> RecallId {
        self.recalls = RecallId(self.recalls.0 + 1);
        self.recalls
    }
}

#[cfg(test)]
mod tests;
