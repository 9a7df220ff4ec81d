//! The threads that wait for the lake, apart from those that count.

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, ErrorKind, Result};

/// Starts so many of them, under this name.
pub fn start(name: &str, threads: usize) -> Result<Runtime> {
    let built =
        Builder::new_multi_thread().worker_threads(threads).thread_name(name).enable_all().build();
    built.map_err(|error| {
        Error::new(ErrorKind::Internal, "cannot start the lake's threads").because(error)
    })
}
