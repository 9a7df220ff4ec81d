//! How fresh each feed is: the newest accepted event of every CloudEvents source, shown under a name without persons.

use std::collections::HashMap;

use crate::decode::feed_name;
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

/// More feeds than this are shown as one, so that a producer's mistake cannot fill the metrics.
const FEEDS_MOST: usize = 500;
const OTHER: &str = "other";

/// The newest event time of every feed.
#[derive(Default)]
pub struct Feeds {
    newest: HashMap<Box<str>, Feed>,
}

struct Feed {
    name: String,
    newest: EventTime,
    changed: bool,
}

impl Feeds {
    /// Notes an accepted event.
    pub fn note(&mut self, source: &str, time: EventTime) {
        let known = if self.newest.len() < FEEDS_MOST || self.newest.contains_key(source) {
            source
        } else {
            OTHER
        };
        match self.newest.get_mut(known) {
            Some(feed) if feed.newest >= time => {}
            Some(feed) => (feed.newest, feed.changed) = (time, true),
            None => {
                let feed = Feed { name: feed_name(known), newest: time, changed: true };
                self.newest.insert(known.into(), feed);
            }
        }
    }

    /// Shows what has changed.
    pub fn show(&mut self, metrics: &EngineMetrics) {
        for feed in self.newest.values_mut().filter(|feed| feed.changed) {
            metrics.feed(&feed.name, feed.newest);
            feed.changed = false;
        }
    }
}
