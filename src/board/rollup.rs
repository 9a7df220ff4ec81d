//! Levels of cells up the tree of areas.
//!
//! SUM: the level of an area is the sum over its children plus what is counted at the area itself.

use hashbrown::HashMap;

use crate::area::{AreaTree, Boundaries};
use crate::panes::Levels;
use crate::steps::Cell;
use crate::time::EventTime;

/// Adds every cell to its area, or to where that went, and to all areas above it.
pub fn roll_up(
    areas: &AreaTree,
    (boundaries, as_of): (Boundaries, EventTime),
    cells: impl IntoIterator<Item = (Cell, Levels)>,
) -> HashMap<Cell, Levels> {
    let mut sums: HashMap<Cell, Levels> = HashMap::new();
    for (cell, levels) in cells {
        for area in areas.counts_in(cell.area(), boundaries, as_of) {
            let sum = sums.entry(cell.in_area(area)).or_default();
            sum.resize(levels.len(), 0);
            sum.iter_mut().zip(&levels).for_each(|(sum, level)| *sum += level);
        }
    }
    sums
}
