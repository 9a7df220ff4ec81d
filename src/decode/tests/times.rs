//! When it happened: how times may be written, and which are believed.

use super::*;

fn at(time: impl Into<Json>) -> Decoded {
    decode(event_with("/time", time))
}

fn at_record_time(value: &str, written: EventTime) -> Decoded {
    let lenient = TRIPS.replace("missing_time: reject", "missing_time: record_time");
    Desk::of(&lenient).decode(Some(value.as_bytes()), Headers::new(), written)
}

fn read_as(time: &str, utc: &str) {
    assert_eq!(fact(at(time)).time, utc, "{time}");
}

#[test]
fn offsets_count_and_fractions_are_cut_off() {
    read_as("2022-02-10T09:00:00+08:00", "2022-02-10T01:00:00Z");
    read_as("2022-02-10T01:00:00Z", "2022-02-10T01:00:00Z");
    read_as("2022-02-09T13:30:00-11:30", "2022-02-10T01:00:00Z");
    read_as("2022-02-10T09:00:00.999999999+08:00", "2022-02-10T01:00:00Z");
    read_as("2022-02-10T09:00:00.000000001+08:00", "2022-02-10T01:00:00Z");
    read_as("2022-01-01T00:00:00+08:00", "2021-12-31T16:00:00Z");
    read_as("2020-02-29T23:59:59Z", "2020-02-29T23:59:59Z");
}

#[test]
fn rfc_3339_allows_more_than_people_expect() {
    read_as("2022-02-10t01:00:00z", "2022-02-10T01:00:00Z");
    read_as("2022-02-10 01:00:00Z", "2022-02-10T01:00:00Z");
    read_as("2022-02-10T01:00:00-00:00", "2022-02-10T01:00:00Z");
    // A leap second is the second before midnight.
    read_as("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z");
}

#[test]
fn what_is_no_moment_is_refused() {
    for time in [
        "2022-02-10T09:00:00",
        "2022-02-10",
        "2022-02-30T00:00:00Z",
        "2021-02-29T00:00:00Z",
        "2022-13-01T00:00:00Z",
        "2022-02-10T25:00:00Z",
        "2022-02-10T24:00:00Z",
        "2022-02-10T09:60:00Z",
        "2022-02-10T09:00:00+99:00",
        "2022-02-10T09:00:00+08:00 ",
        " 2022-02-10T09:00:00+08:00",
        "2022-02-10T09:00:00.+08:00",
        "2022/02/10 09:00:00",
        "2022年2月10日",
        "10 Feb 2022 09:00:00 GMT",
        "2022-02-10T09:00:00CST",
        "1644454800",
        "yesterday",
        " ",
    ] {
        assert_eq!(at(time), Decoded::Rejected(Reason::InvalidTime), "{time:?}");
    }
    for time in [json!(1_644_454_800), json!(1.5), json!(true), json!({}), json!([])] {
        assert_eq!(at(time.clone()), Decoded::Rejected(Reason::InvalidTime), "{time}");
    }
}

#[test]
fn nothing_happened_before_2000() {
    assert_eq!(fact(at("2000-01-01T00:00:00Z")).time, "2000-01-01T00:00:00Z");
    for time in [
        "1999-12-31T23:59:59Z",
        "2000-01-01T00:00:00+08:00",
        "1970-01-01T00:00:00Z",
        "0001-01-01T00:00:00Z",
    ] {
        assert_eq!(at(time), Decoded::Rejected(Reason::TimeBefore2000), "{time}");
    }
}

#[test]
fn an_event_is_no_later_than_its_record_by_more_than_the_pipeline_allows() {
    read_as("2022-02-22T01:00:00Z", "2022-02-22T01:00:00Z");
    read_as("2022-02-22T01:00:00.9Z", "2022-02-22T01:00:00Z");
    for time in ["2022-02-22T01:00:01Z", "2098-01-01T00:00:00Z", "9999-12-30T00:00:00Z"] {
        assert_eq!(at(time), Decoded::Rejected(Reason::TimeAfterRecord), "{time}");
    }
}

#[test]
fn a_record_of_the_next_century_makes_no_time_of_it_right() {
    let far = EventTime::from_seconds(4_200_000_000);
    let event = event_with("/time", "2100-01-01T00:00:00Z");
    let decoded = Desk::of(TRIPS).decode(Some(event.as_bytes()), Headers::new(), far);
    assert_eq!(decoded, Decoded::Rejected(Reason::TimeAfterRecord));
    let decoded = at_record_time(&event_without("/time"), far);
    assert_eq!(decoded, Decoded::Rejected(Reason::TimeAfterRecord));
}

#[test]
fn the_pipeline_says_what_becomes_of_an_event_without_a_time() {
    for value in [event_without("/time"), event_with("/time", Json::Null), event_with("/time", "")]
    {
        assert_eq!(decode(&value), Decoded::Rejected(Reason::MissingTime), "{value}");
        assert_eq!(fact(at_record_time(&value, WRITTEN)).time, "2022-02-22T00:00:00Z", "{value}");
    }
    // A time that is there and wrong is not missing.
    let wrong = at_record_time(&event_with("/time", "yesterday"), WRITTEN);
    assert_eq!(wrong, Decoded::Rejected(Reason::InvalidTime));
}

#[test]
fn a_record_that_kafka_did_not_stamp_dates_nothing() {
    let unstamped = EventTime::from_milliseconds(-1);
    let decoded = at_record_time(&event_without("/time"), unstamped);
    assert_eq!(decoded, Decoded::Rejected(Reason::TimeBefore2000));
}
