//! Feeds: when each was last heard of, by what, and which areas it tells of.

use std::sync::Arc;

use prometheus::{Encoder, Registry, TextEncoder};

use super::super::feeds::{Feeds, Heard};
use super::world::return_to_work;
use crate::area::AreaId;
use crate::spec::Pipeline;
use crate::telemetry::EngineMetrics;
use crate::time::{EventTime, LATEST};

struct Desk {
    pipeline: Arc<Pipeline>,
    feeds: Feeds,
    metrics: EngineMetrics,
}

impl Desk {
    fn new() -> Self {
        let metrics = EngineMetrics::new().unwrap();
        Self { pipeline: return_to_work(), feeds: Feeds::default(), metrics }
    }

    fn area(&self, code: &str) -> Option<AreaId> {
        self.pipeline.areas.resolve(code)
    }

    /// The metrics' lines that say something of feeds.
    fn shown(&mut self) -> Vec<String> {
        self.feeds.show(&self.pipeline, self.metrics.feeds());
        lines(self.metrics.registry())
    }
}

fn lines(registry: &Registry) -> Vec<String> {
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("chunfeng_feed_"));
    lines
        .map(|line| {
            line.strip_prefix("chunfeng_feed_")
                .unwrap()
                .replace(r#",pipeline="return-to-work""#, "")
        })
        .collect()
}

fn seconds(seconds: i64) -> EventTime {
    EventTime::from_seconds(seconds)
}

#[test]
fn a_feed_that_reports_late_is_heard_now() {
    let mut desk = Desk::new();
    let area = desk.area("350206");
    desk.feeds.note("/huli", Heard { at: seconds(9_000), event: Some(seconds(70)), area });
    desk.feeds.note("/huli", Heard { at: seconds(9_060), event: Some(seconds(50)), area });
    assert_eq!(
        desk.shown(),
        [
            r#"area_info{area="350206",feed="/huli"} 1"#,
            r#"last_event_timestamp_seconds{feed="/huli"} 70"#,
            r#"last_heard_timestamp_seconds{feed="/huli"} 9060"#,
        ]
    );
}

#[test]
fn a_heartbeat_shows_that_a_feed_lives_and_nothing_else() {
    let mut desk = Desk::new();
    desk.feeds.note("/huli", Heard { at: seconds(9_000), event: None, area: None });
    assert_eq!(desk.shown(), [r#"last_heard_timestamp_seconds{feed="/huli"} 9000"#]);
}

#[test]
fn where_nobody_knows_when_a_record_came_it_was_not_heard() {
    let mut desk = Desk::new();
    desk.feeds.note("/huli", Heard { at: LATEST, event: Some(seconds(70)), area: None });
    assert_eq!(desk.shown(), [r#"last_event_timestamp_seconds{feed="/huli"} 70"#]);
}

#[test]
fn too_many_areas_are_left_out_and_too_many_feeds_are_one() {
    let mut desk = Desk::new();
    let areas: Vec<AreaId> = (0..3_000).map(AreaId::from_index).collect();
    for (feed, area) in
        ["/one", "/other"].into_iter().flat_map(|f| areas.iter().map(move |a| (f, *a)))
    {
        desk.feeds.note(feed, Heard { at: seconds(1), event: None, area: Some(area) });
    }
    for feed in 0..1_000 {
        desk.feeds.note(&format!("/{feed}"), Heard { at: seconds(1), event: None, area: None });
    }
    let shown = desk.shown();
    let count = |start: &str| shown.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("area_info"), count("last_heard")), (4_000, 501));
    assert!(shown.iter().any(|line| line.contains(r#"feed="other""#)), "{shown:?}");
}
