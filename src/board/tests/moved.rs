//! What moved a figure: the parts' doings add up to the change.

use proptest::prelude::*;

use super::super::{Moved, Part, moved};
use super::*;

fn did<'m>(moved: &'m [Moved], is_wanted: impl Fn(Part) -> bool + 'm) -> f64 {
    moved.iter().filter(|m| is_wanted(m.part)).filter_map(|moved| moved.did).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_children_and_the_area_itself_did_what_the_whole_did(
        now in some_cells(), then in some_cells(), code in select(&AREAS[..]),
    ) {
        let (now, then) = (board(&now), board(&then));
        for rate in [RETURN_RATE, SETTLED_RATE] {
            let moved = moved([&now, &then], usize::from(rate), area(code));
            let ratio = |board: &Board| {
                let (numerator, denominator) = counts(board, key(rate, code));
                quotient(numerator, denominator)
            };
            if let (Some(now), Some(then)) = (ratio(&now), ratio(&then)) {
                let whole = did(&moved, |part| part == Part::Whole);
                let parts = did(&moved, |part| matches!(part, Part::Child(_) | Part::Itself));
                prop_assert!((whole - (now - then)).abs() < 1e-9, "{whole} {now} {then}");
                prop_assert!((parts - whole).abs() < 1e-9, "{parts} {whole}");
                // The first four values are those of the way of travel.
                let mode = |part| matches!(part, Part::Slice(SliceId(0..4)) | Part::Without(0));
                if moved.iter().any(|moved| mode(moved.part)) {
                    let by_mode = did(&moved, mode);
                    prop_assert!((by_mode - whole).abs() < 1e-9, "{by_mode} {whole}");
                }
            }
        }
    }
}

#[test]
fn who_did_most_comes_first() {
    let then = [("350206", 10, 5), ("350203", 10, 5)];
    let now = [("350206", 10, 6), ("350203", 10, 9)];
    let cells = |counts: [(&str, i64, i64); 2]| {
        let cells = counts.into_iter().flat_map(|(code, departed, returned)| {
            [(DEPARTED, departed), (RETURNED, returned)]
                .map(|(measure, level)| (Cell::new(measure, area(code), None), vec![level; 3]))
        });
        board(&cells.collect::<Vec<_>>())
    };
    let moved = moved([&cells(now), &cells(then)], usize::from(RETURN_RATE), area("350200"));
    let parts: Vec<_> = moved.iter().map(|moved| (moved.part, moved.did)).collect();
    assert_eq!(
        parts,
        [
            (Part::Whole, Some(0.25)),
            (Part::Child(area("350203")), Some(0.2)),
            (Part::Child(area("350206")), Some(0.05)),
        ]
    );
}
