//! chunfeng (春风): Kafka events in, exact rates per area out.
//!
//! The walk of one event, in reading order:
//!
//! ```text
//! source ─► decode ─► roster ─► steps ─► panes ─► board ─► publish
//!              └────► lake (ledger: facts and rejects, with their offsets)
//! ```
//!
//! A record is delivered by a [`source`], becomes a fact or a reject in [`decode`], joins its entity's timeline in the
//! [`roster`], moves [`steps`] of measures, which land in [`panes`] of cells, from which a [`board`] of rates is made,
//! which [`publish`] shows once the [`lake`] has committed the record and its offset together. The [`engine`] drives
//! this over threads. ARCHITECTURE.md tells why.

pub mod error;
pub mod time;
pub mod season;
pub mod clock;
pub mod yaml;
pub mod area;
pub mod spec;
pub mod decode;
pub mod roster;
pub mod steps;
pub mod panes;
pub mod board;
pub mod lake;
pub mod telemetry;
pub mod engine;
pub mod source;
pub mod publish;
pub mod generate;
pub mod scenario;
pub mod notify;
pub mod settings;
pub mod cli;
