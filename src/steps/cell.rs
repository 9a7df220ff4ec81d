//! Where an entity is counted: a measure in an area, in total or for one dimension value.

use std::fmt;

use crate::area::AreaId;
use crate::spec::{MeasureId, SliceId};

/// Measure × area × dimension value (or the total), packed in one word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell(u64);

impl Cell {
    /// The cell of a measure in an area, for one dimension value or in total.
    pub fn new(measure: MeasureId, area: AreaId, slice: Option<SliceId>) -> Self {
        let slice = slice.map_or(0, |slice| u64::from(slice.0) + 1);
        Self((u64::from(measure.0) << 40) | ((area.index() as u64) << 16) | slice)
    }

    /// What is counted.
    pub fn measure(self) -> MeasureId {
        MeasureId((self.0 >> 40) as u8)
    }

    /// Where it is counted.
    pub fn area(self) -> AreaId {
        AreaId::from_index(((self.0 >> 16) & 0xff_ffff) as usize)
    }

    /// The dimension value; `None` is the total.
    pub fn slice(self) -> Option<SliceId> {
        let slice = (self.0 & 0xffff) as u8;
        slice.checked_sub(1).map(SliceId)
    }

    /// The same cell in another area, for rolling up.
    pub fn in_area(self, area: AreaId) -> Self {
        Self::new(self.measure(), area, self.slice())
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}×{:?}×{:?}", self.measure(), self.area(), self.slice())
    }
}
