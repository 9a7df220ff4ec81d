//! Levels of cells up the tree of areas, then one measure over another.
//!
//! SUM: the level of an area is the sum over its children plus what is reported at the area itself.

use hashbrown::HashMap;

use super::{Figure, FigureKey};
use crate::area::{AreaId, AreaTree};
use crate::panes::Levels;
use crate::spec::{MeasureId, Pipeline, Rate, SliceId};
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

/// Every figure that has a numerator or a denominator, sorted by key.
pub fn figures(pipeline: &Pipeline, levels: &HashMap<Cell, Levels>) -> Vec<Figure> {
    let windows: Vec<i64> = pipeline.windows().iter().map(|window| window.seconds).collect();
    let mut figures = Vec::new();
    for (index, rate) in pipeline.rates.iter().enumerate() {
        let column = |seconds: i64| windows.iter().position(|w| *w == seconds).map(|at| at + 1);
        let columns: Vec<usize> = rate.change.iter().filter_map(|w| column(w.seconds)).collect();
        for (area, slice) in places(levels, rate, pipeline.slices_of(rate)) {
            let key = FigureKey { rate: index as u16, area, slice };
            figures.extend(figure(key, rate, &columns, levels));
        }
    }
    figures.sort_by_key(|figure| figure.key);
    figures
}

/// Where the rate's numerator or denominator has a cell, each place once, in total and for the `slices` it is broken out by.
fn places(
    levels: &HashMap<Cell, Levels>,
    rate: &Rate,
    slices: u128,
) -> Vec<(AreaId, Option<SliceId>)> {
    let concerns =
        |measure: MeasureId| measure == rate.numerator || Some(measure) == rate.denominator;
    let mut places: Vec<_> = levels
        .keys()
        .filter(|cell| concerns(cell.measure()))
        .filter(|cell| cell.slice().is_none_or(|slice| slices & (1 << slice.0) != 0))
        .map(|cell| (cell.area(), cell.slice()))
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn figure(
    key: FigureKey,
    rate: &Rate,
    columns: &[usize],
    levels: &HashMap<Cell, Levels>,
) -> Option<Figure> {
    let level = |measure: MeasureId, column: usize| {
        let cell = Cell::new(measure, key.area, key.slice);
        levels.get(&cell).and_then(|levels| levels.get(column)).copied().unwrap_or(0)
    };
    let below = |column| rate.denominator.map_or(0, |measure| level(measure, column));
    let at = |column| (level(rate.numerator, column), below(column));
    let (numerator, denominator) = at(0);
    if (numerator, denominator) == (0, 0) {
        return None;
    }
    let change = |column: &usize| rate.change((numerator, denominator), at(*column));
    Some(Figure { key, numerator, denominator, change: columns.iter().map(change).collect() })
}
