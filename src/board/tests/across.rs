//! Rates that lie across pipelines.

use super::super::joined;
use super::*;

const HIRING: &str = r#"
pipeline: hiring
title: { zh: 招工, en: Hiring }
entity: worker
source: { topic: hr.hiring }
decode: { entity: /subject, kind: /type, time: /time, area: /data/area }
areas: { zone: { zh: 开发区, en: Zone, within: "350206" } }
kinds: { hired: { events: [hired] } }
measures: { hired: { where: hired_at IS NOT NULL } }
rates:
  hired: { title: { zh: 录用, en: Hired }, definition: { zh: 录用, en: Hired }, numerator: hired }
"#;

const DEMAND: &str = r#"
pipeline: demand
title: { zh: 需求, en: Demand }
entity: enterprise
source: { topic: hr.demand }
decode: { entity: /subject, kind: /type, time: /time, area: /data/area }
areas: { "350206405": { zh: 火炬园, en: Torch Park }, elsewhere: { zh: 别处, en: Elsewhere, within: "350206" } }
kinds: { declared: { events: [declared], fields: { persons: { path: /data/persons, type: amount, unit: person } } } }
measures: { wanted: { where: declared_at IS NOT NULL, sum: declared_persons } }
rates:
  wanted: { title: { zh: 需求, en: Wanted }, definition: { zh: 需求, en: Wanted }, numerator: wanted }
  hired_over_demand:
    title: { zh: 满足率, en: Hired over demand }
    definition: { zh: 满足率, en: Hired over demand }
    across:
      numerator: { rate: hiring/hired, title: { zh: 录用, en: Hired } }
      denominator: { rate: demand/wanted, title: { zh: 需求, en: Wanted } }
"#;

fn board_of(text: &str, cells: &[(&str, i64)]) -> Board {
    let pipeline = Arc::new(load_text("f.yaml", text).expect("a valid file"));
    let cell = |(code, level): &(&str, i64)| {
        let area = pipeline.areas.resolve(code).expect("an area");
        (Cell::new(MeasureId(0), area, None), vec![*level])
    };
    let cells: Vec<_> = cells.iter().map(cell).collect();
    Board::assemble(pipeline, Boundaries::Now, EARLIEST, None, cells)
}

fn hired_over_demand(board: &Board) -> Vec<(&'static str, i64, i64)> {
    let across = board.figures.iter().filter(|figure| figure.key.rate == 1);
    let areas = board.pipeline.areas;
    across.map(|f| (areas.code(f.key.area), f.numerator, f.denominator)).collect()
}

#[test]
fn what_one_board_counts_is_laid_over_what_another_counts() {
    let hiring = board_of(HIRING, &[("350206", 3), ("350203", 1)]);
    let demand = board_of(DEMAND, &[("350206", 8)]);
    assert_eq!(demand.neighbours().collect::<Vec<_>>(), ["hiring"]);
    assert_eq!(hired_over_demand(&demand), [], "not before the other board is there");
    let demand = demand.with_neighbours(&[&hiring]);
    assert_eq!(
        hired_over_demand(&demand),
        [("100000", 4, 8), ("350000", 4, 8), ("350200", 4, 8), ("350203", 1, 0), ("350206", 3, 8)]
    );
    assert!(demand.figures.is_sorted_by_key(|figure| figure.key));
    let rate = demand.rate(&demand.figures[demand.figures.len() - 1]);
    assert_eq!(demand.pipeline.titles_of(rate).0.en, "Hired");
    assert_eq!(demand.ratio(&demand.figures[demand.figures.len() - 1]), Some(0.375));
}

/// The ids of what pipelines add are the same number for another place.
#[test]
fn areas_are_the_same_by_their_codes_alone() {
    let hiring = board_of(HIRING, &[("zone", 3)]);
    let demand = board_of(DEMAND, &[("elsewhere", 5), ("350206405", 2)]);
    let demand = demand.with_neighbours(&[&hiring]);
    let found = hired_over_demand(&demand);
    let of = |code| found.iter().filter(|(known, ..)| *known == code).collect::<Vec<_>>();
    assert_eq!(of("350206"), [&("350206", 3, 7)], "the county counts both");
    assert_eq!(of("elsewhere"), [&("elsewhere", 0, 5)]);
    assert_eq!(of("350206405"), [&("350206405", 0, 2)]);
    assert_eq!(of("zone"), Vec::<&(&str, i64, i64)>::new(), "this pipeline has no such area");
}

#[test]
fn boards_of_one_moment_are_joined_in_any_order() {
    let both = || [board_of(HIRING, &[("350206", 3)]), board_of(DEMAND, &[("350206", 8)])];
    let forwards = joined(both().into());
    let backwards = joined(both().into_iter().rev().collect());
    assert_eq!(hired_over_demand(&forwards[1]).last(), Some(&("350206", 3, 8)));
    assert_eq!(forwards[1].figures, backwards[0].figures);
    assert_eq!(forwards[0].figures, backwards[1].figures);
}

/// Levels now and at midnight; nobody is hired any more.
#[test]
fn what_is_gone_from_a_neighbour_was_there_at_midnight() {
    let at = |text: &str, levels: Levels| {
        let pipeline = Arc::new(load_text("f.yaml", text).expect("a valid file"));
        let cell = Cell::new(MeasureId(0), area("350206"), None);
        Board::assemble(pipeline, Boundaries::Now, EARLIEST, None, [(cell, levels)])
    };
    let key = FigureKey { rate: 1, area: area("350206"), slice: None };
    let hiring = at(HIRING, vec![0, 3]);
    let demand = at(DEMAND, vec![8, 8]).with_neighbours(&[&hiring]);
    assert_eq!(demand.figure(key).map(|f| (f.numerator, f.at_midnight)), Some((0, (3, 8))));
    let demand = at(DEMAND, vec![0, 8]).with_neighbours(&[&hiring]);
    assert_eq!((demand.figure(key), demand.at_midnight(key)), (None, (3, 8)));
}
