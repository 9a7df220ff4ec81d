//! Who reports to a pipeline: of every CloudEvents source its newest event, when it was last heard of, and the areas it tells of,
//! shown under a name without persons.
//!
//! A feed lives as long as it is heard of: by what it reports, however late that happened, or by a heartbeat, which says that there
//! is nothing to report. Whether it has been silent for too long is for the rules to say.

use std::collections::BTreeSet;

use hashbrown::HashMap;

use crate::area::AreaId;
use crate::decode::feed_name;
use crate::spec::Pipeline;
use crate::telemetry::FeedMetrics;
use crate::time::{EventTime, LATEST};

/// More feeds than this are shown as one, so that a producer's mistake cannot fill the metrics.
const FEEDS_MOST: usize = 500;
const OTHER: &str = "other";
/// So many pairs of a feed and an area are shown, the first ones: as many as a country has counties, and some.
const AREAS_MOST: usize = 4_000;

/// The feeds of one pipeline.
#[derive(Default)]
pub struct Feeds {
    /// From a source to its feed: several sources may be shown under one name.
    sources: HashMap<Box<str>, usize>,
    feeds: Vec<Feed>,
    /// Of all feeds.
    areas: usize,
}

/// What was heard of a feed.
#[derive(Clone, Copy)]
pub struct Heard {
    /// When Kafka took the record; [`LATEST`] where nobody knows.
    pub at: EventTime,
    /// When the event happened; `None` for a heartbeat.
    pub event: Option<EventTime>,
    /// Of which area.
    pub area: Option<AreaId>,
}

struct Feed {
    name: String,
    newest: Option<EventTime>,
    heard: Option<EventTime>,
    areas: BTreeSet<AreaId>,
    /// Most events tell of the same area as the one before.
    last_area: Option<AreaId>,
    new_areas: Vec<AreaId>,
    changed: bool,
}

impl Feeds {
    /// Notes what was heard.
    pub fn note(&mut self, source: &str, heard: Heard) {
        let index = match self.sources.get(source) {
            Some(index) => *index,
            None if self.sources.len() < FEEDS_MOST => {
                let index = self.index_of(feed_name(source));
                self.sources.insert(source.into(), index);
                index
            }
            None => self.index_of(OTHER.to_owned()),
        };
        let feed = &mut self.feeds[index];
        feed.note(heard);
        if self.areas < AREAS_MOST && feed.tells_of_another(heard.area) {
            self.areas += 1;
        }
    }

    fn index_of(&mut self, name: String) -> usize {
        let known = self.feeds.iter().position(|feed| feed.name == name);
        known.unwrap_or_else(|| {
            self.feeds.push(Feed::new(name));
            self.feeds.len() - 1
        })
    }

    /// Shows what has changed.
    pub fn show(&mut self, pipeline: &Pipeline, metrics: &FeedMetrics) {
        let of = pipeline.name.as_str();
        for feed in self.feeds.iter_mut().filter(|feed| feed.changed) {
            if let Some(newest) = feed.newest {
                metrics.last_event(of, &feed.name, newest);
            }
            if let Some(heard) = feed.heard {
                metrics.last_heard(of, &feed.name, heard);
            }
            for area in feed.new_areas.drain(..) {
                metrics.tells_of(of, &feed.name, pipeline.areas.code(area));
            }
            feed.changed = false;
        }
    }
}

impl Feed {
    fn new(name: String) -> Self {
        Self {
            name,
            newest: None,
            heard: None,
            areas: BTreeSet::new(),
            last_area: None,
            new_areas: Vec::new(),
            changed: false,
        }
    }

    fn note(&mut self, heard: Heard) {
        let Heard { at, event, .. } = heard;
        if event > self.newest {
            (self.newest, self.changed) = (event, true);
        }
        if at != LATEST && self.heard < Some(at) {
            (self.heard, self.changed) = (Some(at), true);
        }
    }

    /// Whether it has not told of this area before.
    fn tells_of_another(&mut self, area: Option<AreaId>) -> bool {
        if area == self.last_area {
            return false;
        }
        self.last_area = area;
        let Some(new) = area.filter(|area| self.areas.insert(*area)) else { return false };
        self.new_areas.push(new);
        self.changed = true;
        true
    }
}
