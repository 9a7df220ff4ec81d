//! The program from outside: what its commands say, write and never tell. Hermetic: no network but this machine's own, no
//! Java, no Docker.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so by panicking"
)]

mod allocations;
mod commands;
mod containers;
mod hostile;
mod hot_path;
#[path = "../support/http_call.rs"]
mod http_call;
mod kafka;
mod kills;
mod notify;
mod old_lakes;
mod privacy;
mod tidy;
mod tools;
