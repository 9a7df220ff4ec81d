//! What rates say that are more than one measure over another.

use std::sync::Arc;

use super::super::{Board, FigureKey};
use super::area;
use crate::area::Boundaries;
use crate::panes::Levels;
use crate::spec::{MeasureId, Pipeline, SliceId, load_text};
use crate::steps::Cell;
use crate::time::EARLIEST;

const FILE: &str = r#"
pipeline: p
title: { zh: p, en: p }
entity: e
source: { topic: t }
decode: { entity: /s, kind: /k, time: /t, area: /a }
kinds:
  done: { events: [done], fields: { way: { path: /w, type: label, values: [one, other] } } }
measures:
  opened: { where: done_at IS NOT NULL }
  solved: { where: done_at IS NOT NULL }
  tracked: { where: done_at IS NOT NULL }
  counted: { where: done_at IS NOT NULL }
  reported: { where: done_at IS NOT NULL }
dimensions:
  way: { column: done_way, down_to: prefecture }
rates:
  residual: { title: { zh: 余, en: r }, definition: { zh: 余, en: r }, numerator: opened - solved - tracked, change: [1h] }
  solved_rate: { title: { zh: 解, en: s }, definition: { zh: 解, en: s }, numerator: solved, denominator: solved + tracked }
  tracked_rate: { title: { zh: 跟, en: t }, definition: { zh: 跟, en: t }, numerator: tracked, denominator: opened }
  index: { title: { zh: 指, en: i }, definition: { zh: 指, en: i }, index: { solved_rate: 0.25, tracked_rate: 0.75 }, change: [1h] }
  zero: { title: { zh: 零, en: z }, definition: { zh: 零, en: z }, cleared: { open: opened - solved, ever: opened } }
  told:
    title: { zh: 报, en: told }
    definition: { zh: 报, en: told }
    numerator: counted
    denominator: opened
    reported: { numerator: reported, denominator: solved, areas: ["330700", "350206"] }
"#;

const RESIDUAL: u16 = 0;
const INDEX: u16 = 3;
const ZERO: u16 = 4;
const TOLD: u16 = 5;
const TOLD_RECONCILIATION: u16 = 6;

fn pipeline() -> Arc<Pipeline> {
    Arc::new(load_text("p.yaml", FILE).expect("valid"))
}

fn board(levels: &[(&str, &str, Levels)]) -> Board {
    let pipeline = pipeline();
    let cell = |(measure, code, levels): &(&str, &str, Levels)| {
        let measure: MeasureId = pipeline.measure(measure).expect("known");
        (Cell::new(measure, area(code), None), levels.clone())
    };
    let cells: Vec<_> = levels.iter().map(cell).collect();
    Board::assemble(pipeline, Boundaries::Now, EARLIEST, None, cells)
}

/// Numerator and denominator.
fn counts(board: &Board, rate: u16, code: &str) -> Option<(i64, i64)> {
    let figure = board.figure(FigureKey { rate, area: area(code), slice: None })?;
    Some((figure.numerator, figure.denominator))
}

#[test]
fn measures_are_added_and_taken_away_now_and_then() {
    let board = board(&[
        ("opened", "330782", vec![564, 500]),
        ("solved", "330782", vec![350, 300]),
        ("tracked", "330782", vec![170, 190]),
    ]);
    assert_eq!(counts(&board, RESIDUAL, "330782"), Some((44, 0)));
    assert_eq!(counts(&board, RESIDUAL, "330000"), Some((44, 0)));
    let figure = board.figure(FigureKey { rate: RESIDUAL, area: area("330782"), slice: None });
    assert_eq!(figure.map(|figure| figure.change.clone()), Some(vec![Some(34.0)]));
}

#[test]
fn an_index_is_a_hundred_times_its_weighted_ratios_and_nothing_where_one_is_missing() {
    let board = board(&[
        ("opened", "330782", vec![4, 0]),
        ("solved", "330782", vec![3, 3]),
        ("tracked", "330782", vec![1, 1]),
        ("solved", "350206", vec![1, 1]),
    ]);
    // 100 × (0.25 × 3/4 + 0.75 × 1/4), in four decimals.
    assert_eq!(counts(&board, INDEX, "330782"), Some((375_000, 0)));
    assert_eq!(counts(&board, INDEX, "350206"), None, "nothing was opened there");
    let figure = board.figure(FigureKey { rate: INDEX, area: area("330782"), slice: None });
    assert_eq!(figure.map(|figure| figure.change.clone()), Some(vec![None]));
}

#[test]
fn zero_is_a_state_of_each_area_and_of_none_where_nothing_ever_was() {
    let board = board(&[
        ("opened", "330782", vec![5]),
        ("solved", "330782", vec![5]),
        ("opened", "330783", vec![2]),
        ("solved", "330783", vec![1]),
        ("tracked", "330784", vec![1]),
    ]);
    assert_eq!(counts(&board, ZERO, "330782"), Some((1, 1)));
    assert_eq!(counts(&board, ZERO, "330783"), Some((0, 1)));
    assert_eq!(counts(&board, ZERO, "330700"), Some((0, 1)), "one of its counties is not");
    assert_eq!(counts(&board, ZERO, "330784"), None);
}

#[test]
fn where_an_area_reports_its_report_stands_for_it_and_in_every_sum_above_it() {
    let board = board(&[
        ("counted", "330782", vec![7]),
        ("opened", "330782", vec![9]),
        ("reported", "330782", vec![70]),
        ("solved", "330782", vec![90]),
        ("reported", "330700", vec![5]),
        ("counted", "330106", vec![2]),
        ("opened", "330106", vec![3]),
        ("reported", "330106", vec![1_000]),
        ("reported", "350206", vec![4]),
    ]);
    assert_eq!(counts(&board, TOLD, "330782"), Some((70, 90)));
    assert_eq!(counts(&board, TOLD, "330700"), Some((75, 90)));
    assert_eq!(counts(&board, TOLD, "330106"), Some((2, 3)), "its report is not what counts there");
    assert_eq!(counts(&board, TOLD, "330000"), Some((77, 93)));
    assert_eq!(counts(&board, TOLD, "350000"), Some((4, 0)));
    assert_eq!(counts(&board, TOLD, "100000"), Some((81, 93)));
    assert_eq!(counts(&board, TOLD_RECONCILIATION, "330700"), Some((68, 0)));
    assert_eq!(counts(&board, TOLD_RECONCILIATION, "330106"), Some((998, 0)));
}

#[test]
fn below_the_level_a_dimension_goes_down_to_nothing_is_broken_out() {
    let pipeline = pipeline();
    let opened = pipeline.measure("opened").expect("known");
    let slice = Some(SliceId(0));
    let cells = vec![(Cell::new(opened, area("330782"), slice), vec![3])];
    let board = Board::assemble(pipeline, Boundaries::Now, EARLIEST, None, cells);
    let shown =
        |code: &str| board.figure(FigureKey { rate: RESIDUAL, area: area(code), slice }).is_some();
    assert_eq!(["330782", "330700", "330000", "100000"].map(shown), [false, true, true, true]);
}
