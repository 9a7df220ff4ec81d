//! What metrics say of feeds: who was heard when, and of which areas they tell.

use prometheus::{GaugeVec, IntGaugeVec, Opts, Registry};

use crate::time::EventTime;

/// The metrics of all feeds. A feed is a CloudEvents source, by a name without persons.
#[derive(Clone)]
pub struct FeedMetrics {
    last_event: GaugeVec,
    last_heard: GaugeVec,
    areas: IntGaugeVec,
}

impl FeedMetrics {
    /// Registers them.
    pub(super) fn register(registry: &Registry) -> prometheus::Result<Self> {
        let seconds =
            |name: &str, help: &str| GaugeVec::new(Opts::new(name, help), &["pipeline", "feed"]);
        let metrics = Self {
            last_event: seconds(
                "chunfeng_feed_last_event_timestamp_seconds",
                "Time of the newest accepted event of a feed (CloudEvents source).",
            )?,
            last_heard: seconds(
                "chunfeng_feed_last_heard_timestamp_seconds",
                "When Kafka took the newest record of a feed that was accepted or is a heartbeat.",
            )?,
            areas: IntGaugeVec::new(
                Opts::new("chunfeng_feed_area_info", "1 for each area that a feed tells of."),
                &["pipeline", "feed", "area"],
            )?,
        };
        registry.register(Box::new(metrics.last_event.clone()))?;
        registry.register(Box::new(metrics.last_heard.clone()))?;
        registry.register(Box::new(metrics.areas.clone()))?;
        Ok(metrics)
    }

    /// The newest event time of a feed.
    pub fn last_event(&self, pipeline: &str, feed: &str, newest: EventTime) {
        self.last_event.with_label_values(&[pipeline, feed]).set(newest.seconds() as f64);
    }

    /// When it was last heard of.
    pub fn last_heard(&self, pipeline: &str, feed: &str, heard: EventTime) {
        self.last_heard.with_label_values(&[pipeline, feed]).set(heard.seconds() as f64);
    }

    /// It tells of an area, by its code.
    pub fn tells_of(&self, pipeline: &str, feed: &str, area: &str) {
        self.areas.with_label_values(&[pipeline, feed, area]).set(1);
    }
}
