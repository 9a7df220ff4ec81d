//! The spring of 2022 as a generator: the demo, the tests and the benchmarks play the same spring.
//!
//! Two faces. [`deliveries`] replays what two articles reported, Huli's workers and Jinhua's
//! enterprises, event by event, so that the [`published`] figures come out to the digit. A
//! [`Workload`] makes any number of return-to-work events, with the duplicates and the disorder
//! asked for. The same seed gives the same bytes on every machine.
//!
//! Nothing here knows Kafka, a file or the clock: a delivery names its topic and the second at
//! which it was recorded, and what is done with it is the caller's business. Nor does it know the
//! rest of the program, so that a generator and an engine cannot share a mistake.
//!
//! Reading order: `random`, `calendar` and `digits` are the tools; `county` and `identity` say who
//! and where; `event` is a happening in sixteen bytes and `line` its JSON; `rhythm` says when people
//! travel; then the two faces, `spring2022` and `workload`, and the figures in `published`.

mod random;
mod calendar;
mod digits;
mod county;
mod identity;
mod event;
mod line;
mod rhythm;
mod spring2022;
mod workload;
mod published;
#[cfg(test)]
mod tests;

pub use event::{Event, Kind, Mode, Sector};
pub use identity::EntityId;
pub use published::{Published, Slice, agrees, published};
pub use spring2022::{Delivery, Spring2022, deliveries};
pub use workload::{Workload, WorkloadOptions};
