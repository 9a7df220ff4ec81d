//! Rankings: the best first, equals side by side, small samples apart.

use super::super::{Board, FigureKey, Ranked, ranking};
use super::{area, tree};
use crate::board::Figure;
use crate::spec::load_text;
use crate::time::EARLIEST;

const FILE: &str = r#"
pipeline: p
title: { zh: p, en: p }
entity: e
source: { topic: t }
decode: { entity: /s, kind: /k, time: /t, area: /a }
kinds: { done: { events: [done] } }
measures: { done: { where: done_at IS NOT NULL } }
rates:
  high: { title: { zh: 高, en: high }, definition: { zh: 高, en: high }, numerator: done, denominator: done, minimum_sample: 10 }
  low: { title: { zh: 低, en: low }, definition: { zh: 低, en: low }, numerator: done, better: lower }
"#;

/// The ranking of Enshi's counties by a rate, with these counts, in the order of their codes.
fn ranked(rate: u16, counts: &[(i64, i64)]) -> Vec<(String, Option<usize>, bool)> {
    let pipeline = load_text("p.yaml", FILE).expect("valid").into();
    let counties = ["422801", "422802", "422822", "422823", "422825"];
    let figure = |(county, (numerator, denominator)): (&&str, &(i64, i64))| {
        let key = FigureKey { rate, area: area(county), slice: None };
        Figure {
            key,
            numerator: *numerator,
            denominator: *denominator,
            change: Vec::new(),
            at_midnight: (0, 0),
            last_spring: None,
        }
    };
    let mut figures: Vec<Figure> = counties.iter().zip(counts).map(figure).collect();
    // Neither the parent nor somebody else's county takes part.
    figures.extend(
        [("422800", 1_000), ("330782", 1_000)]
            .map(|(code, count)| figure((&code, &(count, 1_000)))),
    );
    figures.sort_by_key(|figure| figure.key);
    let board =
        Board { pipeline, as_of: EARLIEST, ledger_version: None, figures, gone: Vec::new() };
    let told =
        |ranked: Ranked| (tree().code(ranked.area).to_owned(), ranked.place, ranked.is_shared);
    ranking(&board, usize::from(rate), area("422800")).into_iter().map(told).collect()
}

fn place(code: &str, place: usize, is_shared: bool) -> (String, Option<usize>, bool) {
    (code.to_owned(), Some(place), is_shared)
}

#[test]
fn equals_share_a_place_and_the_next_is_as_many_behind() {
    // 1/3 is 33/99 although neither is so in binary.
    let told = ranked(0, &[(33, 99), (90, 100), (10, 30), (1, 100), (50, 100)]);
    assert_eq!(
        told,
        [
            place("422802", 1, false),
            place("422825", 2, false),
            place("422801", 3, true),
            place("422822", 3, true),
            place("422823", 5, false),
        ]
    );
}

#[test]
fn who_has_too_small_a_sample_has_no_place() {
    let told = ranked(0, &[(9, 9), (8, 10), (7, 10)]);
    assert_eq!(
        told,
        [place("422802", 1, false), place("422822", 2, false), ("422801".to_owned(), None, false)]
    );
}

#[test]
fn where_lower_is_better_the_least_is_first() {
    let told = ranked(1, &[(30, 0), (20, 0), (20, 0)]);
    assert_eq!(
        told,
        [place("422802", 1, true), place("422822", 1, true), place("422801", 3, false)]
    );
}
