//! The spring of 2022 in Huli and Jinhua, as it reached the topics.
//!
//! `workers` and `enterprises` say what happened, `post` when each event was delivered; this file
//! puts them together. Knows no pipeline and counts nothing: that the published figures come out is
//! for whoever reads the deliveries to find.

mod enterprises;
mod post;
mod workers;

use super::event::Event;
use super::identity::EntityId;
use super::line::write_line;

/// What to play.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spring2022 {
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// So many workers' returns are left out, and nothing else changes: a check against the
    /// published figure must then fail.
    pub leave_out_returns: usize,
}

impl Default for Spring2022 {
    fn default() -> Self {
        Self { seed: 2022, leave_out_returns: 0 }
    }
}

/// One record as it lies on its topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `hr.workers` or `hr.enterprises`.
    pub topic: &'static str,
    /// The identifier of the worker or of the enterprise.
    pub key: EntityId,
    /// The record's timestamp, in Unix seconds: when it was delivered, which is never before it
    /// happened.
    pub recorded_at_seconds: i64,
    /// A structured CloudEvent, JSON without a line break.
    pub value: Vec<u8>,
}

/// Every record of the spring, in the order of delivery. The lines are written as they are asked
/// for: the plan behind them takes some ten megabytes.
pub fn deliveries(options: Spring2022) -> impl Iterator<Item = Delivery> {
    let mut events = Vec::new();
    workers::happenings(options.seed, options.leave_out_returns, &mut events);
    enterprises::happenings(options.seed, &mut events);
    let postings = post::postings(options.seed, &events);
    postings.into_iter().map(move |posting| delivery(posting, &events))
}

fn delivery(posting: post::Posting, events: &[Event]) -> Delivery {
    let event = &events[posting.event as usize];
    let mut value = Vec::with_capacity(320);
    write_line(event, &mut value);
    Delivery {
        topic: event.topic(),
        key: event.subject(),
        recorded_at_seconds: i64::from(posting.recorded_at_seconds),
        value,
    }
}
