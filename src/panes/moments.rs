//! The moments at which cells are asked for their levels, so that one pass over a cell's panes answers all of them.

use crate::time::EventTime;

/// Moments in the order of time, each with the column that its level belongs to.
pub struct Moments {
    columns: usize,
    in_order: Vec<(EventTime, usize)>,
}

impl Moments {
    /// By column. A moment that is not known has no level: nobody was there.
    pub fn of(columns: impl Iterator<Item = Option<EventTime>> + Clone) -> Self {
        let known = columns.clone().enumerate();
        let mut in_order: Vec<_> =
            known.filter_map(|(column, moment)| Some((moment?, column))).collect();
        in_order.sort_unstable();
        Self { columns: columns.count(), in_order }
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The moments that are known, in the order of time, each with its column.
    pub fn in_order(&self) -> impl Iterator<Item = (EventTime, usize)> {
        self.in_order.iter().copied()
    }
}
