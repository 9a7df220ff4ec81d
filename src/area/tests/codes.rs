//! What text means which area, and what text means none.

use super::*;

#[test]
fn a_short_code_is_padded_with_zeros() {
    assert_eq!(counted("33"), "330000");
    assert_eq!(counted("3307"), "330700");
    assert_eq!(counted("10"), "100000");
}

#[test]
fn a_township_code_counts_at_its_county() {
    assert_eq!(counted("330783123"), "330783");
    assert_eq!(counted("350206405"), "350206");
}

#[test]
fn a_village_code_counts_at_its_county() {
    assert_eq!(counted("330783123201"), "330783");
}

#[test]
fn a_township_counts_at_its_prefecture_where_that_has_no_counties() {
    assert_eq!(counted("441900003"), "441900");
    assert_eq!(counted("441900003001"), "441900");
    // The bureau counts Jiayuguan's townships below a county of its own making.
    assert_eq!(counted("620201001"), "620200");
}

#[test]
fn a_code_written_with_trailing_zeros_means_the_same_area() {
    for id in tree().ids().filter(|id| *id != tree().unassigned()) {
        let code = tree().code(id);
        assert_eq!(tree().resolve(&format!("{code}000")), Some(id));
        assert_eq!(tree().resolve(&format!("{code}000000")), Some(id));
    }
}

#[test]
fn malformed_text_is_no_area() {
    let malformed = [
        "",
        "3",
        "330",
        "33070",
        "3307000",
        "33070000",
        "3307001234",
        "33078312320",
        "330783123201x",
        "33o700",
        "３３",
        "金华",
        "金华市",
        " 330700",
        "330700 ",
        "+33070",
        "-33070",
        "33078312x",
        "33078x123",
        "3307.0",
        "unassigned ",
        "Unassigned",
        "全国",
        "330783\u{0}23",
    ];
    for text in malformed {
        assert_eq!(tree().resolve(text), None, "{text:?}");
    }
}

#[test]
fn a_well_formed_code_outside_the_table_is_no_area() {
    for code in ["00", "000000", "99", "999999", "330799", "3399", "330799001", "090000"] {
        assert_eq!(tree().resolve(code), None, "{code}");
    }
}

#[test]
fn only_codes_of_the_table_resolve_among_all_six_digits() {
    let known: HashSet<&str> = rows().map(|row| row.digits).collect();
    for number in 0..1_000_000 {
        let code = format!("{number:06}");
        let expected = known.contains(code.as_str()) || code == "100000";
        assert_eq!(tree().resolve(&code).is_some(), expected, "{code}");
    }
}
