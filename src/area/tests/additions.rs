//! Townships that a pipeline names, and areas without a code that it declares.

use super::*;
use crate::area::Addition;

fn addition(code: &str, name_zh: &str, within: &str) -> Addition {
    let text = str::to_owned;
    Addition {
        code: text(code),
        name_zh: text(name_zh),
        name_en: text("Zone"),
        within: text(within),
    }
}

/// The torch park of Huli, and the development zone of Jinhua.
fn extended() -> &'static AreaTree {
    tree().with(&[
        addition("350206405", "火炬高技术开发区", "350206"),
        addition("jinhua-zone", "金华开发区", "330702"),
        addition("west-coast", "西岸", "350200"),
    ])
}

fn counted(code: &str) -> &'static str {
    extended().code(extended().resolve(code).unwrap_or_else(|| panic!("{code} is nowhere")))
}

#[test]
fn a_township_that_is_named_has_figures_of_its_own_below_its_county() {
    let township = extended().resolve("350206405").unwrap();
    let line: Vec<&str> =
        extended().ancestors(township).map(|area| extended().code(area)).collect();
    assert_eq!(line, ["350206405", "350206", "350200", "350000", "100000"]);
    assert_eq!(extended().level(township), Level::Township);
    assert_eq!(counted("350206405001"), "350206405", "a village lies in its township");
    assert_eq!(counted("350206001"), "350206", "one that nobody names counts at its county");
    assert_eq!(super::counted("350206405"), "350206", "so does this one where nobody names it");
}

#[test]
fn an_area_without_a_code_lies_where_its_pipeline_says() {
    let zone = extended().resolve("jinhua-zone").unwrap();
    assert_eq!(extended().name_zh(zone), "金华开发区");
    assert_eq!(extended().parent(zone), extended().resolve("330702"));
    assert_eq!(extended().level(zone), Level::Township);
    let across = extended().resolve("west-coast").unwrap();
    assert_eq!(extended().level(across), Level::County, "within a prefecture it is like a county");
    assert_eq!(tree().resolve("jinhua-zone"), None, "to others the word says nothing");
}

#[test]
fn what_is_added_changes_no_id_and_no_fingerprint_of_the_table() {
    assert!(tree().ids().all(|id| extended().code(id) == tree().code(id)));
    assert_eq!(extended().unassigned(), tree().unassigned());
    assert_eq!(extended().len(), tree().len() + 3);
    assert_eq!(extended().fingerprint(), tree().fingerprint());
    assert!(extended().ids().all(|id| extended().parent(id).is_none_or(|parent| parent < id)));
}

#[test]
fn the_same_additions_are_the_same_tree() {
    assert!(std::ptr::eq(extended(), extended()));
    assert!(std::ptr::eq(tree().with(&[]), tree()));
}
