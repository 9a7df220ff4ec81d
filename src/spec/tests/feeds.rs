//! What is expected of feeds, and what is told of a wrong expectation.

use super::super::Quiet;
use super::{file_with, load, told};

fn with_feeds(feeds: &str) -> String {
    file_with("ignore: [stayed.v1]\n", &format!("ignore: [stayed.v1]\nfeeds: {feeds}\n"))
}

#[test]
fn silence_heartbeats_and_quiet_times_are_read() {
    let text = with_feeds(
        r#"{ silent_after: 2h, heartbeats: [alive.v1, nil.v1], quiet: { hours: "20:00-08:30", days: [-1, 6] } }"#,
    );
    let feeds = load(&text).feeds.unwrap();
    assert_eq!(feeds.silent_after.seconds, 7_200);
    assert_eq!(feeds.heartbeats, ["alive.v1", "nil.v1"]);
    assert_eq!(feeds.quiet, Quiet { hours: Some([1_200, 510]), days: Some([-1, 6]) });
    assert_eq!(load(&with_feeds("{ silent_after: 1d }")).feeds.unwrap().quiet, Quiet::default());
    assert!(load(&file_with("ignore", "ignore")).feeds.is_none());
}

#[test]
fn a_silence_that_nobody_would_ever_notice_is_told() {
    let nights = |silent_after: &str, hours: &str| {
        with_feeds(&format!(r#"{{ silent_after: {silent_after}, quiet: {{ hours: "{hours}" }} }}"#))
    };
    let said = told(&nights("26h", "20:00-08:00")).join("\n");
    assert!(
        said.contains("no feed is ever silent for 26h: between quiet hours only 720"),
        "{said}"
    );
    assert!(said.contains("where feeds report once a day"), "{said}");
    assert_eq!(told(&nights("16h", "12:00-20:01")).len(), 1);
    let said = told(&with_feeds("{ silent_after: 7d }")).join("\n");
    assert!(said.contains("no feed is ever silent for 7d | write less than a week"), "{said}");
    load(&nights("16h", "12:00-20:00"));
    load(&nights("12h", "20:00-08:00"));
}

#[test]
fn wrong_expectations_are_told() {
    let says = |feeds: &str| told(&with_feeds(feeds)).join("\n");
    assert!(says("{}").contains("`silent_after` is missing"));
    for hours in ["20:00", "20:00-24:00", "8-9", "08:00-08:00", "20:61-08:00"] {
        let said = says(&format!(r#"{{ silent_after: 2h, quiet: {{ hours: "{hours}" }} }}"#));
        assert!(
            said.contains(&format!("`{hours}` is no span of hours | write two times of day")),
            "{said}"
        );
    }
    for days in ["[1]", "[6, -1]", "[1, 2, 3]"] {
        let said = says(&format!("{{ silent_after: 2h, quiet: {{ days: {days} }} }}"));
        assert!(said.contains("expected two days of the season"), "{said}");
    }
    let said = says("{ silent_after: 2h, heartbeats: [stayed.v1] }");
    assert!(said.contains("event type `stayed.v1` is named twice"), "{said}");
}
