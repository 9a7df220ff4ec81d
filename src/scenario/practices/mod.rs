//! What the five places report beside their workers and enterprises: projects, recruitment, demand, targets, trips, tickets,
//! wage claims, fairs and support.
//!
//! A file a place. Totals are those that the articles printed; what they do not tell is invented, and differs with the seed
//! in time only. Knows no pipeline and counts nothing.

mod enshi;
mod huli;
mod jinhua;
mod liuyang;
mod report;
mod yiwu;
mod zhanjiang;

use self::report::Report;
use super::Springs;
use super::delivery::Delivery;
use super::post;

/// Late reports are days late, never years: whatever end is given, nothing comes near it.
const NO_END: u32 = u32::MAX;

/// Every record of the reports, in the order of delivery.
pub fn deliveries(springs: Springs) -> impl Iterator<Item = Delivery> {
    let mut reports = Vec::new();
    zhanjiang::reports(springs, &mut reports);
    liuyang::reports(springs, &mut reports);
    huli::reports(springs, &mut reports);
    jinhua::reports(springs, &mut reports);
    yiwu::reports(springs, &mut reports);
    enshi::reports(springs, &mut reports);
    let known = reports.iter().map(|report: &Report| (report.at_seconds, report.fingerprint()));
    let postings = post::postings(springs.seed, known, NO_END);
    postings.into_iter().map(move |posting| {
        let report = &reports[posting.event as usize];
        Delivery {
            topic: report.topic,
            key: report.subject,
            recorded_at_seconds: i64::from(posting.recorded_at_seconds),
            value: report.line(),
        }
    })
}
