//! Where a place counts that is no more, today and then.

use super::*;
use crate::area::Boundaries;
use crate::time::EventTime;

fn time(text: &str) -> EventTime {
    EventTime::parse(text).expect("a time")
}

/// The codes of the areas in which another one counts.
fn line(code: &str, boundaries: Boundaries, as_of: &str) -> Vec<&'static str> {
    let areas = tree().counts_in(at(code), boundaries, time(as_of));
    areas.map(|area| tree().code(area)).collect()
}

const SPRING_2021: &str = "2021-03-03T18:00:00+08:00";

/// 杭州, April 2021: 下城 went to 拱墅, and 江干 for the most part to 上城.
#[test]
fn what_was_merged_counts_where_it_went() {
    let now = |code| line(code, Boundaries::Now, SPRING_2021);
    assert_eq!(now("330103"), ["330105", "330100", "330000", "100000"]);
    assert_eq!(now("330104"), ["330102", "330100", "330000", "100000"]);
    assert_eq!(now("330102"), ["330102", "330100", "330000", "100000"], "what is still there");
}

#[test]
fn by_the_map_of_then_it_counts_by_itself_until_the_day_it_was_merged() {
    let then = |as_of| line("330103", Boundaries::Then, as_of)[0];
    assert_eq!(then(SPRING_2021), "330103");
    assert_eq!(then("2021-04-08T23:59:59+08:00"), "330103");
    assert_eq!(then("2021-04-09T00:00:00+08:00"), "330105");
}

/// 莱芜 was a prefecture of two districts, and is a district of 济南.
#[test]
fn a_prefecture_may_be_merged_too_with_all_that_lay_in_it() {
    let (now, then) = (Boundaries::Now, Boundaries::Then);
    assert_eq!(line("371202", now, SPRING_2021), ["370116", "370100", "370000", "100000"]);
    assert_eq!(line("371200", now, SPRING_2021), ["370100", "370000", "100000"]);
    let before = "2018-12-01T00:00:00+08:00";
    assert_eq!(line("371202", then, before), ["371202", "371200", "370000", "100000"]);
}

#[test]
fn of_what_was_merged_on_a_day_that_is_not_known_every_day_is_behind_it() {
    assert_eq!(line("310108", Boundaries::Then, "2005-01-01T00:00:00+08:00")[0], "310106");
}

#[test]
fn what_is_retired_goes_to_what_is_living_and_stays_on_its_level() {
    let level = |row: &Row| row.code.level();
    let living: Vec<Row> =
        rows().filter(|row| matches!(row.kind, Kind::Prefecture | Kind::County)).collect();
    let (mut lines, mut before) = (0, "");
    for line in build::SUCCESSIONS.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [code, until, successor] = cells[..] else { panic!("{line}") };
        let gone = rows_of(Kind::Retired).find(|row| row.digits == code);
        let gone = gone.unwrap_or_else(|| panic!("{code} is not retired"));
        let successor = living.iter().find(|row| row.digits == successor);
        let successor = successor.unwrap_or_else(|| panic!("{line}: nobody lives there"));
        assert_eq!(level(&gone), level(successor), "{line}");
        assert_eq!(code[..2], successor.digits[..2], "{line}: in the same province");
        assert!(until.is_empty() || EventTime::parse(&format!("{until}T00:00:00Z")).is_some());
        assert!(before < code, "{line} is in order");
        (lines, before) = (lines + 1, code);
    }
    assert_eq!(tree().successions.len(), lines, "every line is read");
    assert_eq!(lines, 212);
}

/// 撤县设区: the place is the same, and its code another.
#[test]
fn whatever_has_a_namesake_in_its_prefecture_goes_there() {
    let stem = |name: &'static str| {
        let kinds = ["地区", "县", "市", "区", "盟"];
        kinds.iter().find_map(|kind| name.strip_suffix(kind)).unwrap_or(name)
    };
    let around =
        |row: &Row| row.digits[..if row.digits.ends_with("00") { 2 } else { 4 }].to_owned();
    for gone in rows_of(Kind::Retired).filter(|row| stem(row.name_zh).chars().count() > 1) {
        let namesakes: Vec<Row> = rows()
            .filter(|row| matches!(row.kind, Kind::Prefecture | Kind::County))
            .filter(|row| row.code.level() == gone.code.level() && around(row) == around(&gone))
            .filter(|row| stem(row.name_zh) == stem(gone.name_zh))
            .collect();
        if let [namesake] = namesakes[..] {
            let into = line(gone.digits, Boundaries::Now, SPRING_2021)[0];
            assert_eq!(into, namesake.digits, "{} {}", gone.digits, gone.name_zh);
        }
    }
}
