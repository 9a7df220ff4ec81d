//! How fresh each feed is: the newest accepted event of every CloudEvents source, shown under a name without persons.

use hashbrown::HashMap;

use crate::decode::feed_name;
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

/// More feeds than this are shown as one, so that a producer's mistake cannot fill the metrics.
const FEEDS_MOST: usize = 500;
const OTHER: &str = "other";

/// The newest event time of every feed.
#[derive(Default)]
pub struct Feeds {
    /// From a source to its feed: several sources may be shown under one name.
    sources: HashMap<Box<str>, usize>,
    feeds: Vec<Feed>,
}

struct Feed {
    name: String,
    newest: EventTime,
    changed: bool,
}

impl Feeds {
    /// Notes an accepted event.
    pub fn note(&mut self, source: &str, time: EventTime) {
        let index = match self.sources.get(source) {
            Some(index) => *index,
            None if self.sources.len() < FEEDS_MOST => {
                let index = self.index_of(feed_name(source), time);
                self.sources.insert(source.into(), index);
                index
            }
            None => self.index_of(OTHER.to_owned(), time),
        };
        let feed = &mut self.feeds[index];
        if feed.newest < time {
            (feed.newest, feed.changed) = (time, true);
        }
    }

    fn index_of(&mut self, name: String, time: EventTime) -> usize {
        let known = self.feeds.iter().position(|feed| feed.name == name);
        known.unwrap_or_else(|| {
            self.feeds.push(Feed { name, newest: time, changed: true });
            self.feeds.len() - 1
        })
    }

    /// Shows what has changed.
    pub fn show(&mut self, metrics: &EngineMetrics) {
        for feed in self.feeds.iter_mut().filter(|feed| feed.changed) {
            metrics.feed(&feed.name, feed.newest);
            feed.changed = false;
        }
    }
}
