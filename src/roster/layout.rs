//! How facts of each kind lie in a timeline: how many field words follow the head, where they land in the state,
//! and how many such facts are kept.

use std::ops::Range;

use super::FactCode;
use crate::spec::{Keep, Pipeline};

/// The layout of a pipeline's facts.
#[derive(Clone, Debug)]
pub struct Layout {
    kinds: Vec<KindLayout>,
    columns: usize,
}

#[derive(Clone, Debug)]
struct KindLayout {
    fields: usize,
    is_counted: bool,
    columns: Range<usize>,
    keep: Keep,
}

impl Layout {
    /// The layout of a pipeline's facts.
    pub fn of(pipeline: &Pipeline) -> Self {
        let kinds = pipeline.kinds.iter().map(|kind| KindLayout {
            fields: kind.fields.len(),
            is_counted: kind.counted.is_some(),
            columns: kind.columns.clone(),
            keep: kind.keep,
        });
        Self { kinds: kinds.collect(), columns: pipeline.columns.len() }
    }

    /// How many field words follow a head. A retraction has none.
    pub fn fields(&self, code: FactCode) -> usize {
        if code.is_retraction() { 0 } else { self.kinds[usize::from(code.kind().0)].fields }
    }

    /// Whether the last of a kind's columns is how many such facts there are.
    pub fn is_counted(&self, code: FactCode) -> bool {
        self.kinds[usize::from(code.kind().0)].is_counted
    }

    /// The state's columns of a kind: its time, its fields, and how many such facts there are if they are counted.
    pub fn columns_of(&self, code: FactCode) -> Range<usize> {
        self.kinds[usize::from(code.kind().0)].columns.clone()
    }

    /// How many facts of this code a timeline keeps. Of retractions only the last matters.
    pub fn keep(&self, code: FactCode) -> Keep {
        if code.is_retraction() {
            Keep::Last(1)
        } else {
            self.kinds[usize::from(code.kind().0)].keep
        }
    }

    /// How many columns the state has.
    pub fn columns(&self) -> usize {
        self.columns
    }
}
