//! Which day it is, and which moment of an earlier spring is the same one.

use super::*;

fn at(text: &str) -> EventTime {
    EventTime::parse(&format!("{text}:00+08:00")).expect("a time")
}

fn then(moment: &str, alignment: Alignment, against: Against) -> EventTime {
    counterpart(at(moment), alignment, against).expect("a known spring")
}

#[test]
fn day_one_is_the_festival_and_day_zero_the_eve() {
    let day = |moment| SeasonDay::of(at(moment)).map(|day| (day.year, day.number));
    assert_eq!(day("2022-02-01T00:00"), Some((2022, 1)));
    assert_eq!(day("2022-01-31T23:59"), Some((2022, 0)));
    assert_eq!(day("2022-02-20T18:00"), Some((2022, 20)));
    assert_eq!(day("2021-12-31T12:00"), Some((2022, -31)), "the season begins before the year");
    assert_eq!(SeasonDay::of(at("2022-01-17T00:00")).map(SeasonDay::of_chunyun), Some(1));
    assert_eq!(SeasonDay::of(at("2022-02-25T00:00")).map(SeasonDay::of_chunyun), Some(40));
    assert_eq!(day("1999-02-01T00:00"), None);
}

#[test]
fn a_season_lasts_from_one_august_to_the_next_in_shanghai() {
    let season = Season::of(at("2022-02-20T18:30"));
    assert_eq!(season.year, 2022);
    assert_eq!((season.begins, season.ends), (at("2021-08-01T00:00"), at("2022-08-01T00:00")));
    assert_eq!(Season::of(at("2021-07-31T23:59")).year, 2021);
    assert_eq!(Season::of(at("2021-08-01T00:00")), season, "its first moment belongs to it");
    assert!(!season.contains(season.ends), "its end is the next one's");
    assert_eq!(Season::of(season.ends).begins, season.ends, "seasons leave no gap");
    assert_eq!(Season::of(EARLIEST).year, 2000);
    assert_eq!(Season::of(LATEST).year, 2100);
}

#[test]
fn every_day_of_a_season_counts_from_its_own_festival() {
    let day = |moment| SeasonDay::of(at(moment)).map(|day| (day.year, day.number));
    assert_eq!(day("2022-07-31T23:59"), Some((2022, 181)));
    assert_eq!(
        day("2022-08-01T00:00"),
        Some((2023, -173)),
        "the next season begins before its festival"
    );
}

/// 金华, 20 February 2022: day 20, which was 3 March in 2021, where the same date was day 9.
#[test]
fn the_same_day_of_last_spring_is_another_date() {
    let festival = then("2022-02-20T18:30", Alignment::SpringFestival, Against::Last);
    assert_eq!(festival, at("2021-03-03T18:30"));
    let calendar = then("2022-02-20T18:30", Alignment::Calendar, Against::Last);
    assert_eq!(calendar, at("2021-02-20T18:30"));
    assert_eq!(SeasonDay::of(calendar).map(|day| day.number), Some(9));
}

#[test]
fn any_earlier_spring_may_be_the_one() {
    let of_2019 = then("2022-02-20T18:30", Alignment::SpringFestival, Against::Year(2019));
    assert_eq!(of_2019, at("2019-02-24T18:30"));
    let unknown =
        counterpart(at("2022-02-20T18:30"), Alignment::SpringFestival, Against::Year(2009));
    assert_eq!(unknown, Err(Unaligned { year: 2009 }));
}

#[test]
fn days_before_the_festival_cross_the_end_of_the_year() {
    // 除夕 less 45 days.
    let early = then("2022-12-08T09:00", Alignment::SpringFestival, Against::Last);
    assert_eq!(early, at("2021-12-18T09:00"));
    assert_eq!(
        SeasonDay::of(early).map(|day| day.number),
        SeasonDay::of(at("2022-12-08T09:00")).map(|day| day.number)
    );
}

#[test]
fn of_29_february_the_same_date_is_the_28th() {
    assert_eq!(
        then("2024-02-29T09:00", Alignment::Calendar, Against::Last),
        at("2023-02-28T09:00")
    );
}

/// The holiday of 2022 ended on 6 February, that of 2021 on the 17th, after which Saturday the 20th was worked.
#[test]
fn working_days_are_counted_from_the_end_of_the_holiday_with_make_up_days() {
    let workday = |moment| then(moment, Alignment::Workday, Against::Last);
    assert_eq!(workday("2022-02-07T09:00"), at("2021-02-18T09:00"), "the first");
    assert_eq!(workday("2022-02-09T09:00"), at("2021-02-20T09:00"), "the third, a Saturday");
    assert_eq!(workday("2022-02-10T09:00"), at("2021-02-22T09:00"), "the fourth");
    assert_eq!(
        workday("2022-02-12T09:00"),
        at("2021-02-23T09:00"),
        "a day off is as the day before"
    );
    assert_eq!(
        workday("2022-02-03T09:00"),
        at("2021-02-14T09:00"),
        "within the holiday, by the festival"
    );
}

#[test]
fn where_the_holiday_is_not_announced_there_are_no_working_days() {
    let of_2028 = counterpart(at("2028-02-20T09:00"), Alignment::Workday, Against::Last);
    assert_eq!(of_2028, Err(Unaligned { year: 2028 }));
    assert!(counterpart(at("2028-02-20T09:00"), Alignment::SpringFestival, Against::Last).is_ok());
}

#[test]
fn the_festival_moves_by_ten_to_nineteen_days_and_the_table_has_no_gap() {
    for pair in FESTIVALS.windows(2) {
        let [before, after] = pair else { panic!("pairs") };
        assert_eq!(after.day_one.year(), before.day_one.year() + 1);
        let moved = days(before.day_one, after.day_one) - 365;
        assert!((-13..=20).contains(&moved), "{}: {moved}", after.day_one);
    }
}
