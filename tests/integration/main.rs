//! The hermetic suite: no network, no Java, no Docker.

mod kafka;
mod kills;
mod tidy;
