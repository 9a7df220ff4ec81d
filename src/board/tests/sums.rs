//! SUM, of every pipeline that ships: whatever adds up is, for each area, what is counted at the area itself and at all below
//! it, where areas report as well as where they do not.

use super::*;
use crate::spec::formula::Formula;
use crate::spec::{Rate, load_folder};

fn pipelines() -> &'static [Arc<Pipeline>] {
    static READ: LazyLock<Vec<Arc<Pipeline>>> = LazyLock::new(|| {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
        load_folder(&folder).expect("the pipelines that ship").into_iter().map(Arc::new).collect()
    });
    &READ
}

/// Every area of the five places, all of their counties, and some that lie elsewhere.
fn places(pipeline: &Pipeline) -> Vec<AreaId> {
    let around = ["3507", "3502", "4408", "3307", "4228", "4301", "5301", "4419", "1101", "unassi"];
    let areas = pipeline.areas;
    let is_there = |id: &AreaId| {
        let code = areas.code(*id);
        areas.ancestors(*id).any(|up| around.iter().any(|p| areas.code(up).starts_with(p)))
            || code.ends_with("0000")
    };
    let stands = |id: &AreaId| areas.counts_in(*id, Boundaries::Now, EARLIEST).next() == Some(*id);
    areas.ids().filter(is_there).filter(stands).collect()
}

/// Levels of some cells: measure, place and dimension value are taken modulo how many there are.
fn any_levels() -> impl Strategy<Value = Vec<(u8, usize, Option<u8>, i64)>> {
    prop::collection::vec((0_u8..64, 0_usize..500, prop::option::of(0_u8..128), -3_i64..50), 1..120)
}

fn cells_of(pipeline: &Pipeline, levels: &[(u8, usize, Option<u8>, i64)]) -> Vec<(Cell, Levels)> {
    let (places, slices) = (places(pipeline), pipeline.slices().count());
    let cell = |(measure, place, slice, level): &(u8, usize, Option<u8>, i64)| {
        let measure = MeasureId(measure % pipeline.measures.len() as u8);
        let slice = slice.filter(|_| slices > 0).map(|slice| SliceId(slice % slices.max(1) as u8));
        (Cell::new(measure, places[place % places.len()], slice), vec![*level])
    };
    levels.iter().map(cell).collect()
}

/// The figures of a rate of one area, as numerator and denominator.
fn figure(board: &Board, rate: usize, area: AreaId) -> (i64, i64) {
    counts(board, FigureKey { rate: rate as u16, area, slice: None })
}

fn adds_up(rate: &Rate) -> bool {
    matches!(rate.formula, Formula::Counted { .. })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn of_every_rate_that_adds_up_an_area_is_itself_and_all_below_it(levels in any_levels()) {
        for pipeline in pipelines() {
            let cells = cells_of(pipeline, &levels);
            let board = Board::assemble(pipeline.clone(), Boundaries::Now, EARLIEST, None, cells.clone());
            // What is counted at each area itself is the board of those cells alone, each area in turn.
            let areas: std::collections::BTreeSet<AreaId> = cells
                .iter()
                .flat_map(|(cell, _)| pipeline.areas.ancestors(cell.area()))
                .collect();
            let additive = pipeline.rates.iter().enumerate().filter(|(_, rate)| adds_up(rate));
            for ((rate, ruled), area) in additive.flat_map(|rate| areas.iter().map(move |area| (rate, *area))) {
                let own: Vec<_> = cells.iter().filter(|(cell, _)| cell.area() == area).cloned().collect();
                let own = Board::assemble(pipeline.clone(), Boundaries::Now, EARLIEST, None, own);
                let below = areas.iter().filter(|child| pipeline.areas.parent(**child) == Some(area));
                let mut sum = figure(&own, rate, area);
                for child in below {
                    let of_child = figure(&board, rate, *child);
                    sum = (sum.0 + of_child.0, sum.1 + of_child.1);
                }
                let code = pipeline.areas.code(area);
                prop_assert_eq!(figure(&board, rate, area), sum, "{} of {}", &ruled.name, code);
            }
        }
    }
}
