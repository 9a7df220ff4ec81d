//! SUM: an area's figures are the sum over its children plus its own; and what a figure says beyond its two counts.

mod across;
mod boundaries;
mod formulas;
mod golden;
mod moved;
mod qualifiers;
mod ranking;
mod sums;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use proptest::sample::select;

use super::{Board, Boards, FigureKey, rows};
use crate::area::{AreaId, AreaTree, Boundaries};
use crate::panes::Levels;
use crate::spec::{MeasureId, Pipeline, SliceId, load_text};
use crate::steps::Cell;
use crate::time::{EARLIEST, EventTime};

const DEPARTED: MeasureId = MeasureId(0);
const RETURNED: MeasureId = MeasureId(1);
const SETTLED: MeasureId = MeasureId(2);

const RETURN_RATE: u16 = 0;
const SETTLED_RATE: u16 = 1;

/// Two counties of Xiamen, Xiamen and Fujian themselves, a county of another province, a city district that hangs from
/// its province, the country itself, and nowhere.
const AREAS: [&str; 8] =
    ["350206", "350203", "350200", "350000", "330782", "110105", "100000", "unassigned"];

fn pipeline() -> Arc<Pipeline> {
    static READ: LazyLock<Arc<Pipeline>> = LazyLock::new(|| {
        let text = include_str!("../../pipelines/return-to-work.yaml");
        Arc::new(load_text("return-to-work.yaml", text).expect("the pipeline is valid"))
    });
    READ.clone()
}

fn tree() -> &'static AreaTree {
    AreaTree::gbt2260()
}

fn area(code: &str) -> AreaId {
    tree().resolve(code).expect("the area is in the table")
}

fn key(rate: u16, code: &str) -> FigureKey {
    FigureKey { rate, area: area(code), slice: None }
}

/// The board of cells whose levels are those now, an hour ago and a day ago.
fn board(cells: &[(Cell, Levels)]) -> Board {
    Board::assemble(pipeline(), Boundaries::Now, EARLIEST, None, cells.to_vec())
}

fn measures(rate: u16) -> (MeasureId, MeasureId) {
    match rate {
        RETURN_RATE => (RETURNED, DEPARTED),
        _ => (SETTLED, DEPARTED),
    }
}

/// The figure's counts, zeros where there is none.
fn counts(board: &Board, key: FigureKey) -> (i64, i64) {
    board.figure(key).map_or((0, 0), |figure| (figure.numerator, figure.denominator))
}

/// Cells of all measures, as several shards would report them: the same cell may come more than once.
fn some_cells() -> impl Strategy<Value = Vec<(Cell, Levels)>> {
    let slice = prop::option::of((0_u8..4).prop_map(SliceId));
    let cell = (0_u8..3, select(&AREAS[..]), slice)
        .prop_map(|(measure, code, slice)| Cell::new(MeasureId(measure), area(code), slice));
    prop::collection::vec((cell, prop::collection::vec(0_i64..4, 3)), 0..24)
}

/// Every key that could have a figure: the areas of the cells and all areas above them, total and by dimension value.
fn all_keys() -> Vec<FigureKey> {
    let areas: BTreeSet<AreaId> =
        AREAS.iter().flat_map(|code| tree().ancestors(area(code))).collect();
    let mut keys = Vec::new();
    for (rate, area) in [RETURN_RATE, SETTLED_RATE]
        .into_iter()
        .flat_map(|rate| areas.iter().map(move |area| (rate, *area)))
    {
        let slices = [None, Some(0), Some(1), Some(2), Some(3)];
        keys.extend(slices.map(|slice| FigureKey { rate, area, slice: slice.map(SliceId) }));
    }
    keys
}

/// What is reported of a measure at the area itself, at a column of the levels.
fn own(cells: &[(Cell, Levels)], cell: Cell, column: usize) -> i64 {
    cells.iter().filter(|(reported, _)| *reported == cell).map(|(_, levels)| levels[column]).sum()
}

/// The same with everything below: whatever is reported at areas that lead up to this one.
fn with_all_below(cells: &[(Cell, Levels)], cell: Cell, column: usize) -> i64 {
    let is_below = |reported: &Cell| {
        reported.in_area(cell.area()) == cell
            && tree().ancestors(reported.area()).any(|area| area == cell.area())
    };
    cells.iter().filter(|(cell, _)| is_below(cell)).map(|(_, levels)| levels[column]).sum()
}

fn quotient(numerator: i64, denominator: i64) -> Option<f64> {
    (denominator != 0).then(|| numerator as f64 / denominator as f64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn an_area_is_the_sum_of_its_children_and_what_is_reported_at_itself(cells in some_cells()) {
        let board = board(&cells);
        let keys = all_keys();
        let mut of_children: BTreeMap<FigureKey, (i64, i64)> = BTreeMap::new();
        for key in &keys {
            let Some(parent) = tree().parent(key.area) else { continue };
            let (numerator, denominator) = counts(&board, *key);
            let sum = of_children.entry(FigureKey { area: parent, ..*key }).or_default();
            *sum = (sum.0 + numerator, sum.1 + denominator);
        }
        for key in keys {
            let (numerator, denominator) = measures(key.rate);
            let own = |measure| own(&cells, Cell::new(measure, key.area, key.slice), 0);
            let children = of_children.get(&key).copied().unwrap_or_default();
            let sum = (children.0 + own(numerator), children.1 + own(denominator));
            prop_assert_eq!(counts(&board, key), sum, "{:?}", key);
        }
    }

    #[test]
    fn a_figure_is_there_where_anybody_counts_and_nowhere_else(cells in some_cells()) {
        let board = board(&cells);
        let expected: Vec<FigureKey> = all_keys()
            .into_iter()
            .filter(|key| {
                let (numerator, denominator) = measures(key.rate);
                let level = |measure| with_all_below(&cells, Cell::new(measure, key.area, key.slice), 0);
                (level(numerator), level(denominator)) != (0, 0)
            })
            .collect();
        let found: Vec<FigureKey> = board.figures.iter().map(|figure| figure.key).collect();
        prop_assert_eq!(found, expected, "and in the order of their keys");
    }

    #[test]
    fn a_change_is_the_ratio_now_less_the_ratio_then(cells in some_cells()) {
        let board = board(&cells);
        for figure in &board.figures {
            let (numerator, denominator) = measures(figure.key.rate);
            let ratio_at = |column| {
                let level = |measure| {
                    with_all_below(&cells, Cell::new(measure, figure.key.area, figure.key.slice), column)
                };
                quotient(level(numerator), level(denominator))
            };
            prop_assert_eq!(board.ratio(figure), ratio_at(0));
            // The return rate declares an hour and a day, the settled rate a day alone.
            let columns = if figure.key.rate == RETURN_RATE { &[1, 2][..] } else { &[2][..] };
            let change = columns.iter().map(|column| Some(ratio_at(0)? - ratio_at(*column)?));
            prop_assert_eq!(&figure.change, &change.collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_order_in_which_cells_come_makes_no_difference(
        (cells, shuffled) in some_cells().prop_flat_map(|cells| (Just(cells.clone()), Just(cells).prop_shuffle())),
    ) {
        prop_assert_eq!(board(&cells).figures, board(&shuffled).figures);
    }

    #[test]
    fn every_figure_can_be_looked_up_and_read_as_a_row(cells in some_cells()) {
        let board = board(&cells);
        for figure in &board.figures {
            prop_assert_eq!(board.figure(figure.key), Some(figure));
        }
        for (figure, row) in board.figures.iter().zip(rows(&board)) {
            prop_assert_eq!(row.area, tree().code(figure.key.area));
            prop_assert_eq!(row.numerator.to_string(), figure.numerator.to_string());
            let denominator = row.denominator.map(|level| level.to_string());
            prop_assert_eq!(denominator, Some(figure.denominator.to_string()));
            prop_assert_eq!(row.ratio, board.ratio(figure));
            prop_assert_eq!(row.value.is_some(), figure.key.slice.is_some());
            prop_assert_eq!(row.change.len(), figure.change.len());
        }
        prop_assert_eq!(rows(&board).count(), board.figures.len());
    }
}

fn total(measure: MeasureId, code: &str, levels: [i64; 3]) -> (Cell, Levels) {
    (Cell::new(measure, area(code), None), levels.to_vec())
}

#[test]
fn a_county_counts_in_its_prefecture_its_province_and_the_country() {
    let board = board(&[
        total(DEPARTED, "350206", [10, 10, 10]),
        total(RETURNED, "350206", [9, 9, 9]),
        total(DEPARTED, "350203", [5, 5, 5]),
    ]);
    assert_eq!(counts(&board, key(RETURN_RATE, "350206")), (9, 10));
    for above in ["350200", "350000", "100000"] {
        assert_eq!(counts(&board, key(RETURN_RATE, above)), (9, 15), "{above}");
    }
}

#[test]
fn what_is_reported_at_a_prefecture_counts_there_and_in_no_county() {
    let board =
        board(&[total(DEPARTED, "350206", [10, 10, 10]), total(DEPARTED, "350200", [3, 3, 3])]);
    assert_eq!(counts(&board, key(RETURN_RATE, "350206")), (0, 10));
    assert_eq!(counts(&board, key(RETURN_RATE, "350200")), (0, 13));
}

#[test]
fn who_is_unassigned_counts_in_the_country_and_in_no_province() {
    let board = board(&[total(DEPARTED, "unassigned", [2, 2, 2])]);
    assert_eq!(counts(&board, key(RETURN_RATE, "unassigned")), (0, 2));
    assert_eq!(counts(&board, key(RETURN_RATE, "100000")), (0, 2));
    assert_eq!(board.figures.len(), 4, "of both rates, and nothing else");
}

#[test]
fn nobody_in_the_denominator_gives_no_ratio_and_no_change() {
    let board = board(&[total(RETURNED, "350206", [1, 1, 1])]);
    let figure = board.figure(key(RETURN_RATE, "350206")).unwrap();
    assert_eq!((figure.numerator, figure.denominator, board.ratio(figure)), (1, 0, None));
    assert_eq!(figure.change, [None, None]);
}

#[test]
fn nobody_in_the_denominator_then_gives_a_ratio_and_no_change() {
    let board =
        board(&[total(DEPARTED, "350206", [2, 2, 0]), total(RETURNED, "350206", [1, 2, 0])]);
    let figure = board.figure(key(RETURN_RATE, "350206")).unwrap();
    assert_eq!(board.ratio(figure), Some(0.5));
    assert_eq!(figure.change, [Some(-0.5), None]);
}

#[test]
fn who_has_gone_altogether_leaves_no_figure() {
    let board = board(&[total(DEPARTED, "350206", [0, 3, 3])]);
    assert_eq!(board.figures, []);
}

#[test]
fn a_dimension_value_has_its_own_denominator() {
    let rail = Some(SliceId(1));
    let cell = |measure, level: i64| (Cell::new(measure, area("350206"), rail), vec![level; 3]);
    let board =
        board(&[cell(DEPARTED, 4), cell(RETURNED, 3), total(DEPARTED, "350206", [10, 10, 10])]);
    let by_rail = FigureKey { slice: rail, ..key(RETURN_RATE, "350200") };
    assert_eq!(counts(&board, by_rail), (3, 4));
    assert_eq!(counts(&board, key(RETURN_RATE, "350200")), (0, 10));
}

#[test]
fn a_row_names_everything_a_figure_points_at() {
    let rail = Some(SliceId(1));
    let board = board(&[(Cell::new(DEPARTED, area("350206"), rail), vec![4, 4, 4])]);
    let row = serde_json::to_value(rows(&board).last().unwrap()).unwrap();
    let expected = serde_json::json!({
        "pipeline": "return-to-work", "rate": "settled_rate", "area": "350206", "area_name": "湖里区",
        "level": "county", "dimension": "mode", "value": "rail", "as_of": "2000-01-01T00:00:00Z",
        "numerator": 0, "denominator": 4, "unit": "person", "denominator_unit": "person",
        "ratio": 0.0, "change": { "24h": 0.0 },
    });
    assert_eq!(row, expected);
}

#[test]
fn a_published_board_hangs_in_place_of_the_last_one_of_its_pipeline() {
    let boards = Boards::default();
    let at = |seconds| Arc::new(Board::empty(pipeline(), EventTime::from_seconds(seconds)));
    boards.publish(at(1));
    boards.publish(at(2));
    let hung: Vec<i64> = boards.all().iter().map(|board| board.as_of.seconds()).collect();
    assert_eq!(hung, [2]);
}

/// Claims with an amount in cents, how long they were open, and how many there are.
fn claims() -> Arc<Pipeline> {
    let text = "
pipeline: claims
title: { zh: 欠薪, en: Claims }
entity: claim
source: { topic: hr.claims }
decode: { entity: /subject, kind: /type, time: /time, area: /data/area }
kinds:
  opened: { events: [opened] }
  settled: { events: [settled], fields: { amount: { path: /data/amount, type: amount, unit: CNY, scale: 2 } } }
measures:
  settled: { where: settled_at IS NOT NULL, unit: case }
  recovered: { where: settled_at IS NOT NULL, sum: settled_amount }
  took: { where: settled_at IS NOT NULL, sum: settled_at - opened_at }
rates:
  recovered: { title: { zh: 追回, en: Recovered }, definition: { zh: 追回, en: Recovered }, numerator: recovered, change: [1h] }
  mean: { title: { zh: 均额, en: Mean }, definition: { zh: 均额, en: Mean }, numerator: recovered, denominator: settled, change: [1h] }
  took: { title: { zh: 时长, en: Time }, definition: { zh: 时长, en: Time }, numerator: took, denominator: settled }
";
    Arc::new(load_text("claims.yaml", text).expect("the pipeline is valid"))
}

#[test]
fn a_total_has_decimals_and_no_ratio() {
    let total = |measure, levels: [i64; 2]| {
        (Cell::new(MeasureId(measure), area("350206"), None), levels.to_vec())
    };
    let cells = [total(0, [4, 2]), total(1, [1_000_050, 250_025]), total(2, [14_400, 0])];
    let board = Board::assemble(claims(), Boundaries::Now, EARLIEST, None, cells);
    let rows: Vec<_> = rows(&board).filter(|row| row.area == "350206").collect();
    let told = |rate: usize| serde_json::to_value(&rows[rate]).unwrap();
    let part = |rate, keys: [&str; 4]| keys.map(|key| told(rate)[key].clone()).to_vec();
    const KEYS: [&str; 4] = ["numerator", "denominator", "ratio", "change"];
    let expected = serde_json::json!([10_000.5, null, null, { "1h": 7_500.25 }]);
    assert_eq!(serde_json::Value::from(part(0, KEYS)), expected);
    let expected = serde_json::json!([10_000.5, 4, 2_500.125, { "1h": 1_250.0 }]);
    assert_eq!(serde_json::Value::from(part(1, KEYS)), expected);
    let expected = serde_json::json!([14_400, 4, 3_600.0, {}]);
    assert_eq!(serde_json::Value::from(part(2, KEYS)), expected);
    assert_eq!(rows[0].numerator.to_string(), "10000.50");
}
