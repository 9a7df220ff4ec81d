//! Where entities are kept in the lake: the Kafka partition they were first heard of in, or elsewhere.
//!
//! What is derived from a partition moves with it between instances. What no partition of the pipeline's topic brought
//! (replayed files, a topic the pipeline read formerly) stays with whoever has everything.

use std::fmt;

use crate::decode::TopicPartition;
use crate::spec::Pipeline;

/// A part of the roster and of the panes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Home {
    /// A partition of the pipeline's topic.
    Partition(TopicPartition),
    /// Everything else.
    Elsewhere,
}

impl Home {
    /// The home of what a partition brings.
    pub fn of(partition: &TopicPartition, pipeline: &Pipeline) -> Self {
        match *partition.topic == *pipeline.topic {
            true => Self::Partition(partition.clone()),
            false => Self::Elsewhere,
        }
    }

    /// The folder of its files, below a table's own.
    pub(super) fn folder(&self) -> String {
        format!("{self}/")
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Partition(partition) => partition.fmt(f),
            Self::Elsewhere => f.write_str("elsewhere"),
        }
    }
}
