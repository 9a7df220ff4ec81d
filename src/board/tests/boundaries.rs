//! Figures by the map of today and by that of then.

use super::*;

fn in_hangzhou(boundaries: Boundaries, as_of: &str) -> Vec<(&'static str, i64)> {
    let cells = [
        (Cell::new(DEPARTED, area("330103"), None), vec![3, 3, 3]),
        (Cell::new(DEPARTED, area("330105"), None), vec![4, 4, 4]),
    ];
    figures_of(boundaries, as_of, &cells)
}

fn figures_of(
    boundaries: Boundaries,
    as_of: &str,
    cells: &[(Cell, Vec<i64>)],
) -> Vec<(&'static str, i64)> {
    let as_of = crate::time::EventTime::parse(as_of).unwrap();
    let board = Board::assemble(pipeline(), boundaries, as_of, None, cells.to_vec());
    let areas = board.figures.iter().filter(|figure| figure.key.rate == 0);
    areas.map(|figure| (tree().code(figure.key.area), figure.denominator)).collect()
}

const SPRING_2021: &str = "2021-03-03T18:00:00+08:00";

/// 下城 and 拱墅 of 杭州 were one from April 2021 on.
#[test]
fn what_was_merged_is_one_figure_by_today_s_map() {
    let above = [("100000", 7), ("330000", 7), ("330100", 7)];
    assert_eq!(in_hangzhou(Boundaries::Now, SPRING_2021), [&above[..], &[("330105", 7)]].concat());
    assert_eq!(
        in_hangzhou(Boundaries::Then, "2022-03-03T18:00:00+08:00"),
        [&above[..], &[("330105", 7)]].concat()
    );
}

#[test]
fn by_the_map_of_then_it_is_two_and_above_them_nothing_changes() {
    let above = [("100000", 7), ("330000", 7), ("330100", 7)];
    assert_eq!(
        in_hangzhou(Boundaries::Then, SPRING_2021),
        [&above[..], &[("330103", 3), ("330105", 4)]].concat()
    );
}

/// 临平 was the east of 余杭 until that April.
#[test]
fn what_was_divided_later_is_one_figure_by_the_map_of_then() {
    let cells = [
        (Cell::new(DEPARTED, area("330110"), None), vec![5, 5, 5]),
        (Cell::new(DEPARTED, area("330113"), None), vec![6, 6, 6]),
    ];
    let above = [("100000", 11), ("330000", 11), ("330100", 11)];
    let of = |boundaries| figures_of(boundaries, SPRING_2021, &cells);
    assert_eq!(of(Boundaries::Now), [&above[..], &[("330110", 5), ("330113", 6)]].concat());
    assert_eq!(of(Boundaries::Then), [&above[..], &[("330110", 11)]].concat());
}
