//! Areas that a file adds, and what each mistake is told in.

use super::*;
use crate::area::Level;

fn with_areas(lines: &str) -> String {
    file_with("kinds:\n", &format!("areas:\n{lines}kinds:\n"))
}

const ADDED: &str = "  \"350206405\": { zh: 火炬园, en: Torch Park }\n  jinhua-zone: { zh: 金华开发区, en: Jinhua Zone, within: \"330702\" }\n";

#[test]
fn a_township_and_an_area_without_a_code_are_part_of_the_pipeline_s_tree() {
    let pipeline = load(&with_areas(ADDED));
    let areas = pipeline.areas;
    let township = areas.resolve("350206405").expect("the township is there");
    assert_eq!((areas.name_zh(township), areas.level(township)), ("火炬园", Level::Township));
    let zone = areas.resolve("jinhua-zone").expect("the zone is there");
    assert_eq!(areas.parent(zone), areas.resolve("330702"));
    assert!(std::ptr::eq(load(FILE).areas, crate::area::AreaTree::gbt2260()));
}

#[test]
fn the_order_in_which_areas_are_added_means_nothing() {
    let (first, second) = ADDED.split_at(ADDED.find("  jinhua").unwrap());
    let (one, other) = (load(&with_areas(ADDED)), load(&with_areas(&format!("{second}{first}"))));
    assert!(std::ptr::eq(one.areas, other.areas));
    assert_eq!(one.keeping_fingerprint(), other.keeping_fingerprint());
}

#[test]
fn a_township_is_counted_anew_from_the_ledger_and_a_word_has_to_be_read_again() {
    let plain = load(FILE);
    let with = |lines: &str| load(&with_areas(lines));
    let township = with("  \"350206405\": { zh: 火炬园, en: Torch Park }\n");
    assert_eq!(township.decoding_fingerprint(), plain.decoding_fingerprint());
    assert_ne!(township.keeping_fingerprint(), plain.keeping_fingerprint());
    assert_ne!(township.counting_fingerprint(), plain.counting_fingerprint());
    let renamed = with("  \"350206405\": { zh: 火炬, en: Torch }\n");
    assert_eq!(renamed.counting_fingerprint(), township.counting_fingerprint());
    let word = with("  zone: { zh: 开发区, en: Zone, within: \"330702\" }\n");
    assert_ne!(word.decoding_fingerprint(), plain.decoding_fingerprint());
}

#[test]
fn what_is_no_area_to_add_is_told() {
    for (line, expected) in [
        ("  \"3502064\": { zh: 甲, en: A }", "`3502064` is no township | write its nine digits"),
        ("  \"999999001\": { zh: 甲, en: A }", "`999999001` is no township"),
        ("  \"350206405\": { zh: 甲, en: A, within: \"350206\" }", "unknown key `within`"),
        ("  zone: { zh: 甲, en: A }", "`within` is missing"),
        ("  zone: { zh: 甲, en: A, within: here }", "`here` is no area of the table"),
        ("  Zone: { zh: 甲, en: A, within: \"330702\" }", "`Zone` is no name"),
        ("  zone: { zh: 甲, within: \"330702\" }", "`en` is missing"),
    ] {
        let told = told(&with_areas(&format!("{line}\n"))).join("; ");
        assert!(told.contains(expected), "{line}: {told}");
    }
}
