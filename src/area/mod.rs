//! The tree of areas: which place a code means, what it is called, and what it is part of.
//!
//! Codes are those of GB/T 2260: two digits a province, four a prefecture, six a county. The table
//! in `data/` also keeps what feeds still send although the current list has dropped it, or never
//! had it: retired codes, development zones, and the headings of the printed table. `data/README.md`
//! tells where each row comes from.
//!
//! ```text
//! country ─ province ─ prefecture ─ county
//!    │         └──────────────────── county      (no prefecture between: 仙桃, or a district of 北京)
//!    └ unassigned
//! ```
//!
//! Below a county there are the townships that a pipeline names, and anywhere the areas without a code
//! that it declares. Codes come and go: a place that was merged counts where it went, or, where the map of
//! another day is asked for ([`Boundaries`]), as it was drawn then. What was divided among several
//! counts in the smallest area that has them all, but with the one that kept its name or code.
//!
//! It deliberately knows nothing of Kafka, the lake or the clock, nor of people or events.

mod addition;
mod boundaries;
mod id;
mod level;
mod lifetime;
mod tree;
mod build;
mod index;
mod row;
mod code;
#[cfg(test)]
mod tests;

pub use addition::Addition;
pub use boundaries::Boundaries;
pub use id::AreaId;
pub use level::Level;
pub use tree::AreaTree;
