//! The spring of 2022 in Huli and Jinhua event by event: 149,400 workers and 3,100 enterprises.
//!
//! `workers` and `enterprises` say what happened; this file puts them together. Knows no pipeline and counts nothing: that
//! the published figures come out is for whoever reads the deliveries to find.

mod enterprises;
mod workers;

use super::Springs;
use super::calendar::moment;
use super::delivery::Delivery;
use super::event::Event;
use super::line::write_line;
use super::post;
use super::springs::NUMBERS_A_COPY;

/// Everything is delivered before 2022-02-21T08:00:00+08:00.
const END: u32 = moment(2, 21, 8);

/// Every record of the spring, in the order of delivery. The lines are written as they are asked
/// for: the plan behind them takes some ten megabytes.
pub fn deliveries(options: Springs) -> impl Iterator<Item = Delivery> {
    let mut events = Vec::new();
    workers::happenings(options.seed, options.leave_out_returns, &mut events);
    enterprises::happenings(options.seed, &mut events);
    events.iter_mut().for_each(|event| event.entity += options.copy * NUMBERS_A_COPY);
    let known = events.iter().map(|event: &Event| (event.at_seconds, event.fingerprint()));
    let postings = post::postings(options.seed, known, END);
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
