//! The state of an entity: one row with, for every kind, the time and fields of its last (or first) fact so far.

use super::{FactHead, Layout};
use crate::area::AreaId;
use crate::spec::column::Value;

/// A state row being folded. Reused from entity to entity.
#[derive(Clone, Debug)]
pub struct State {
    row: Vec<Value>,
    area: Option<AreaId>,
}

impl State {
    /// The state of an entity without facts.
    pub fn new(layout: &Layout) -> Self {
        Self { row: vec![Value::NULL; layout.columns()], area: None }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.row.fill(Value::NULL);
        self.area = None;
    }

    /// Folds in the next fact in canonical order. A retraction is no state: what it voids is gone already.
    pub fn apply(&mut self, head: FactHead, fields: &[u64], layout: &Layout) {
        if head.code().is_retraction() {
            return;
        }
        let columns = &mut self.row[layout.columns_of(head.code())];
        if let [at, carried @ ..] = columns {
            *at = Value::from_raw(head.time().seconds());
            for (column, word) in carried.iter_mut().zip(fields) {
                *column = Value::from_raw(*word as i64);
            }
            if let (true, Some(count)) = (layout.is_counted(head.code()), carried.last_mut()) {
                *count = Value::from_raw(count.get().unwrap_or(0) + 1);
            }
        }
        self.area = head.area().or(self.area);
    }

    /// The columns, in the order of the pipeline's.
    pub fn row(&self) -> &[Value] {
        &self.row
    }

    /// The area of the last fact of any kind that names one.
    pub fn area(&self) -> Option<AreaId> {
        self.area
    }
}
