//! Records that are in memory already: examples and tests.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::decode::RecordBatch;
use crate::engine::{Sink, Source};
use crate::error::Result;
use crate::lake::Share;

/// Delivers these batches, then ends.
pub struct MemorySource(pub Vec<RecordBatch>);

impl Source for MemorySource {
    fn run(self: Box<Self>, sink: Sink) -> Result<()> {
        let mut known = BTreeMap::new();
        for mut batch in self.0 {
            let partition = batch.partition.clone();
            let assigned = match known.entry(partition.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    new.insert(sink.assigned(std::slice::from_ref(&partition), Share::Whole)?)
                }
            };
            let begin = assigned.begins.get(&partition).copied().flatten();
            batch.records.retain(|record| begin.is_none_or(|begin| record.offset >= begin));
            if sink.is_stopping() || !sink.send(batch, assigned.assignment) {
                return Ok(());
            }
        }
        Ok(())
    }
}
