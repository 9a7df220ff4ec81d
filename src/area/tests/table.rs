//! The embedded table, row by row.

use super::*;

#[test]
fn no_line_of_the_table_is_skipped() {
    let mut lines = TABLE.lines();
    assert_eq!(lines.next(), Some("code,name_zh,name_en,kind"));
    for line in lines {
        assert!(Row::parse(line).is_some(), "{line}");
    }
}

#[test]
fn no_code_stands_twice() {
    let mut seen = HashSet::new();
    assert!(rows().all(|row| seen.insert(row.digits)));
}

#[test]
fn the_table_is_in_the_order_of_its_codes() {
    assert!(rows().is_sorted_by_key(|row| row.code));
}

#[test]
fn a_kind_that_names_a_level_agrees_with_the_digits() {
    for row in rows() {
        let level = match row.kind {
            Kind::Province => Level::Province,
            Kind::Prefecture => Level::Prefecture,
            Kind::County | Kind::Zone => Level::County,
            Kind::Retired | Kind::Grouping => continue,
        };
        assert_eq!(row.code.level(), level, "{}", row.digits);
    }
}

#[test]
fn the_table_has_the_size_it_should() {
    assert_eq!(rows_of(Kind::Province).count(), 34);
    assert_eq!(rows_of(Kind::Prefecture).count(), 333);
    assert_eq!(rows_of(Kind::County).count(), 2849);
    assert!(tree().len() < 1 << 22, "ids fit 22 bits");
}

#[test]
fn a_line_that_is_no_row_is_not_read() {
    for line in [
        "",
        "330000",
        "330000,浙江省,Zhejiang",
        "330000,浙江省,Zhejiang,province,more",
        "330000,浙江省,Zhejiang,Province",
        "330000,,Zhejiang,province",
        "33,浙江省,Zhejiang,province",
        "33000x,浙江省,Zhejiang,province",
        "浙江,浙江省,Zhejiang,province",
    ] {
        assert_eq!(Row::parse(line), None, "{line}");
    }
}
