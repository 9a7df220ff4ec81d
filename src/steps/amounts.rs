//! What an entity brings to each measure that counts it: one, or what the measure sums.

use std::sync::Arc;

use super::questions::bits;
use crate::spec::column::Value;
use crate::spec::{MeasureId, Pipeline};

/// Which measures sum what.
pub struct Amounts {
    pipeline: Arc<Pipeline>,
    /// Those that sum; every other one counts an entity as one.
    measures: u64,
    /// By measure, what the entity brought before the newest facts, and what it brings since.
    before: Vec<i64>,
    since: Vec<i64>,
}

impl Amounts {
    /// Those of a pipeline, of an entity that brings nothing but itself.
    pub fn of(pipeline: Arc<Pipeline>) -> Self {
        let summing = pipeline.measures.iter().enumerate().filter(|(_, m)| m.sum.is_some());
        let measures = summing.fold(0, |all, (measure, _)| all | 1 << measure);
        let one_each = vec![1; pipeline.measures.len()];
        Self { pipeline, measures, before: one_each.clone(), since: one_each }
    }

    /// Takes those of a state that the `counting` measures count; what was brought since is now what was brought before.
    pub fn take(&mut self, counting: u64, row: &[Value]) {
        if self.measures == 0 {
            return;
        }
        std::mem::swap(&mut self.before, &mut self.since);
        for measure in bits(u128::from(self.measures & counting)) {
            let measure = usize::from(measure);
            let sum = self.pipeline.measures[measure].sum.as_ref();
            self.since[measure] = sum.map_or(1, |sum| sum.of(row));
        }
    }

    /// What was brought before is no more than what is brought since: time alone has passed.
    pub fn settle(&mut self) {
        if self.measures != 0 {
            self.before.copy_from_slice(&self.since);
        }
    }

    /// What the entity brought to a measure before, and what it brings since.
    pub fn to(&self, measure: MeasureId) -> (i64, i64) {
        let measure = usize::from(measure.0);
        (self.before[measure], self.since[measure])
    }

    /// Whether nothing is summed, so that a presence tells everything.
    pub fn are_counts(&self) -> bool {
        self.measures == 0
    }
}
