//! Springs as a generator: the demo, the tests and the benchmarks play the same ones.
//!
//! Two faces. [`deliveries`] replays what the articles reported of five places, event by event, so that the [`published`]
//! figures come out to the digit. A [`Workload`] makes any number of return-to-work events, with the duplicates and the
//! disorder asked for. The same seed gives the same bytes on every machine.
//!
//! Nothing here knows Kafka, a file or the clock: a delivery names its topic and the second at
//! which it was recorded, and what is done with it is the caller's business. Nor does it know the
//! rest of the program, so that a generator and an engine cannot share a mistake.
//!
//! Reading order: `random`, `calendar` and `digits` are the tools; `county` and `identity` say who
//! and where; `event` is a happening in sixteen bytes and `line` its JSON; `rhythm` says when people
//! travel; `post` when each event is delivered. Then the two faces: `springs` puts together the millions of `spring2022` and
//! the thousands of `practices`, `workload` stands alone; and the figures in `published`.

mod random;
mod calendar;
mod digits;
mod county;
mod identity;
mod event;
mod line;
mod rhythm;
mod delivery;
mod post;
mod spring2022;
mod practices;
mod springs;
mod workload;
mod printed;
mod published;
#[cfg(test)]
mod tests;

pub use delivery::Delivery;
pub use event::{Event, Kind, Mode, Sector};
pub use identity::EntityId;
pub use printed::Computed;
pub use published::{Published, Slice, published};
pub use springs::{Springs, copies, deliveries};
pub use workload::{Workload, WorkloadOptions};
