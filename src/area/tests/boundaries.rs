//! Where a place counts that is no more, or was not yet: today, and by the map of then.

use super::*;
use crate::area::Boundaries;
use crate::area::lifetime::Lifetime;
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
    assert_eq!(line("510123", Boundaries::Then, "2005-01-01T00:00:00+08:00")[0], "510115");
}

/// 临平 was the east of 余杭; 钱塘 lay in 江干 and 萧山, which only 杭州 has both of.
#[test]
fn by_the_map_of_then_a_new_district_counts_in_what_it_was_made_of() {
    let then = |code, as_of| line(code, Boundaries::Then, as_of);
    assert_eq!(then("330113", SPRING_2021), ["330110", "330100", "330000", "100000"]);
    assert_eq!(then("330114", SPRING_2021), ["330100", "330000", "100000"]);
    for code in ["330113", "330114"] {
        assert_eq!(then(code, "2021-04-09T00:00:00+08:00")[0], code);
        assert_eq!(line(code, Boundaries::Now, SPRING_2021)[0], code, "today it is there");
    }
}

/// 那曲地区 became 那曲市 in 2017, and its 那曲县 the district 色尼 under it.
#[test]
fn a_prefecture_under_a_new_code_takes_its_counties_along_both_ways() {
    assert_eq!(
        line("542421", Boundaries::Now, SPRING_2021),
        ["540602", "540600", "540000", "100000"]
    );
    let before = "2016-03-01T18:00:00+08:00";
    let old_map = ["542421", "542400", "540000", "100000"];
    assert_eq!(line("540602", Boundaries::Then, before), old_map);
    assert_eq!(line("542421", Boundaries::Then, before), old_map);
}

/// 错那: a county of 山南地区, then of 山南市, and since 2023 a city.
#[test]
fn what_has_moved_twice_arrives() {
    assert_eq!(line("542232", Boundaries::Now, SPRING_2021)[0], "540581", "by way of 540530");
    let between = "2020-03-01T18:00:00+08:00";
    for code in ["542232", "540530", "540581"] {
        assert_eq!(line(code, Boundaries::Then, between)[0], "540530", "{code}");
    }
}

#[test]
fn what_was_divided_counts_in_what_has_all_of_it_or_in_what_kept_its_name() {
    let now = |code| line(code, Boundaries::Now, SPRING_2021)[0];
    assert_eq!(now("341400"), "340000", "巢湖 was shared among three cities");
    assert_eq!(now("130103"), "130100", "桥东, between two districts of 石家庄");
    assert_eq!(now("130323"), "130306", "抚宁, of which some went to two others");
}

/// Every code of the table: when it was there, and where its ground counts when it was not.
fn lifetimes() -> impl Iterator<Item = (&'static str, Lifetime)> {
    build::HISTORY.lines().skip(1).map(|line| {
        let (id, lifetime) = Lifetime::parse(&tree().index, line).expect(line);
        (tree().code(id), lifetime)
    })
}

#[test]
fn no_line_of_the_history_is_skipped_and_no_code_stands_twice() {
    let codes: Vec<&str> = lifetimes().map(|(code, _)| code).collect();
    assert!(codes.is_sorted_by(|one, next| one < next));
    assert_eq!(tree().lifetimes.len(), codes.len());
    for line in build::HISTORY.lines().skip(1) {
        let written = line.split(',').filter(|cell| !cell.is_empty()).count();
        let (_, read) = Lifetime::parse(&tree().index, line).expect(line);
        let days = [read.since, read.until].into_iter().flatten().count();
        let areas = [read.before, read.after].into_iter().flatten().count();
        assert_eq!(1 + days + areas, written, "{line}");
    }
}

#[test]
fn a_code_is_valid_before_it_is_not_and_only_what_is_no_more_has_gone_elsewhere() {
    let retired: HashSet<&str> = rows_of(Kind::Retired).map(|row| row.digits).collect();
    for (code, lifetime) in lifetimes() {
        if let (Some(since), Some(until)) = (lifetime.since, lifetime.until) {
            assert!(since < until, "{code}");
        }
        assert_eq!(retired.contains(code), lifetime.after.is_some(), "{code}");
        assert!(lifetime.before.is_none() || lifetime.since.is_some(), "{code}");
        for other in [lifetime.before, lifetime.after].into_iter().flatten() {
            assert_eq!(code[..2], tree().code(other)[..2], "{code} stays in its province");
            let no_smaller = tree().level(other) <= tree().level(at(code));
            assert!(
                no_smaller || code == "460400",
                "{code} in nothing smaller, but 儋州 was a county"
            );
        }
    }
}

/// So that figures by any map are of all the ground: nothing goes where nothing is on that day.
#[test]
fn where_ground_goes_there_is_an_area_that_day() {
    let there = |id: &AreaId, moment: EventTime| {
        tree().lifetimes.get(id).is_none_or(|at| {
            at.since.is_none_or(|since| since <= moment)
                && at.until.is_none_or(|until| moment < until)
        })
    };
    let retired: HashSet<&str> = rows_of(Kind::Retired).map(|row| row.digits).collect();
    for (code, lifetime) in lifetimes() {
        for moment in [lifetime.since, lifetime.until].into_iter().flatten() {
            let after = line_of_ids(code, moment);
            assert!(after.iter().all(|id| there(id, moment)), "{code} at {moment}");
            let before = EventTime::from_microseconds(moment.microseconds() - 1);
            let after = line_of_ids(code, before);
            assert!(after.iter().all(|id| there(id, before)), "{code} at {before}");
        }
        let mut today = tree().counts_in(at(code), Boundaries::Now, time(SPRING_2021));
        assert!(
            today.all(|id| !retired.contains(tree().code(id))),
            "{code} has gone to what is gone"
        );
    }
}

fn line_of_ids(code: &str, moment: EventTime) -> Vec<AreaId> {
    tree().counts_in(at(code), Boundaries::Then, moment).collect()
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
