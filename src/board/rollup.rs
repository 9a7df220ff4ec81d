//! Levels of cells up the tree of areas.
//!
//! SUM: the level of an area is the sum over its children plus what is counted at the area itself.

use hashbrown::HashMap;

use crate::area::AreaTree;
use crate::panes::Levels;
use crate::steps::Cell;

/// Adds every cell to its area and all areas above it.
pub fn roll_up(
    areas: &AreaTree,
    cells: impl IntoIterator<Item = (Cell, Levels)>,
) -> HashMap<Cell, Levels> {
    let mut sums: HashMap<Cell, Levels> = HashMap::new();
    for (cell, levels) in cells {
        for area in areas.ancestors(cell.area()) {
            let sum = sums.entry(cell.in_area(area)).or_default();
            sum.resize(levels.len(), 0);
            sum.iter_mut().zip(&levels).for_each(|(sum, level)| *sum += level);
        }
    }
    sums
}
