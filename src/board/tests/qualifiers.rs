//! Totals in which something is not exact.

use super::*;
use crate::board::rows;

const GRANTS: &str = r#"
pipeline: grants
title: { zh: 补贴, en: Grants }
entity: grant
source: { topic: hr.grants }
decode: { entity: /subject, kind: /type, time: /time, area: /data/area }
kinds:
  granted:
    events: [granted]
    fields:
      qualifier: { path: /data/qualifier, type: label, values: [exact, about, at-least] }
      amount: { path: /data/amount, type: amount, unit: CNY, scale: 2 }
measures: { granted: { where: granted_at IS NOT NULL, sum: granted_amount } }
dimensions: { qualifier: { column: granted_qualifier, exact: exact } }
rates: { amount: { title: { zh: 金额, en: Amount }, definition: { zh: 金额, en: Amount }, numerator: granted } }
"#;

const EXACT: u8 = 0;
const AT_LEAST: u8 = 2;

/// The qualifiers of each total.
fn qualifiers(cells: &[(&str, u8, i64)]) -> Vec<(String, Vec<String>)> {
    let pipeline = Arc::new(load_text("f.yaml", GRANTS).expect("a valid file"));
    let cells = cells.iter().flat_map(|(code, value, amount)| {
        let slices = [None, Some(SliceId(*value))];
        slices.map(|slice| (Cell::new(MeasureId(0), area(code), slice), vec![*amount]))
    });
    let board = Board::assemble(pipeline, Boundaries::Now, EARLIEST, None, cells);
    let totals = rows(&board).filter(|row| row.dimension.is_none());
    let told = |name: &&str| (*name).to_owned();
    totals.map(|row| (row.area.to_owned(), row.qualifiers.iter().map(told).collect())).collect()
}

#[test]
fn a_total_says_what_in_it_is_not_exact() {
    let found = qualifiers(&[("350206", EXACT, 500), ("350203", AT_LEAST, 1_800)]);
    let of = |code: &str| found.iter().find(|(area, _)| area == code).map(|(_, of)| of.clone());
    assert_eq!(of("350206"), Some(vec![]));
    assert_eq!(of("350203"), Some(vec!["at-least".to_owned()]));
    assert_eq!(of("350200"), of("350203"), "the city is at least what it is");
}
