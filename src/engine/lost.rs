//! Partitions that turned out to be somebody else's: the committer finds them out, the conductor and the source forget
//! what they knew of them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::decode::TopicPartition;

/// Lost partitions, told to each of the two once.
#[derive(Default)]
pub struct Lost {
    to_conductor: Mutex<BTreeSet<TopicPartition>>,
    to_source: Mutex<BTreeSet<TopicPartition>>,
}

impl Lost {
    /// The committer has found that these are not ours.
    pub fn note(&self, partitions: Vec<TopicPartition>) {
        locked(&self.to_conductor, |lost| lost.extend(partitions));
    }

    /// What the conductor has to forget.
    pub fn take_for_conductor(&self) -> BTreeSet<TopicPartition> {
        locked(&self.to_conductor, std::mem::take)
    }

    /// The conductor has forgotten these.
    pub fn forgotten(&self, partitions: BTreeSet<TopicPartition>) {
        locked(&self.to_source, |lost| lost.extend(partitions));
    }

    /// What the source has to begin anew, if it is still assigned.
    pub fn take_for_source(&self) -> BTreeSet<TopicPartition> {
        locked(&self.to_source, std::mem::take)
    }
}

fn locked<T>(
    lost: &Mutex<BTreeSet<TopicPartition>>,
    work: impl FnOnce(&mut BTreeSet<TopicPartition>) -> T,
) -> T {
    work(&mut lost.lock().unwrap_or_else(PoisonError::into_inner))
}
