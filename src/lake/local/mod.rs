//! A folder as an object store that keeps its word: what was put is there after a power cut,
//! whole, and what was put if absent was put once.
//!
//! Needed because `object_store`'s own `LocalFileSystem` never syncs, while a Delta Lake commit
//! is only a commit if it lasts. Reading is left to it; writing is ours:
//!
//! - `store` (here) speaks `object_store`: paths, options, errors;
//! - `writer` runs the protocol in folders that `folders` made durable;
//! - `protocol` is the order of operations that all rests on;
//! - `disk` is what those operations are, and the only place that touches files.
//!
//! It deliberately does not know what the objects are, Delta's log included. It relies on a file
//! system with hard links, atomic renames and an `fsync` that means it.

mod blocking;
mod disk;
mod failure;
mod folders;
mod protocol;
mod store;
mod sweep;
mod temporary;
#[cfg(test)]
pub(super) mod tests;
mod upload;
mod writer;

pub use store::DurableLocal;
pub use sweep::sweep;
