//! Keeps blocking file work off the threads of a tokio runtime, if there is one.
//!
//! It deliberately does not know what the work is.

use object_store::Result;
use tokio::runtime::Handle;

/// Runs `work` to its end and waits for it. Dropping the future stops the waiting, not the work.
pub(super) async fn wait_for<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match Handle::try_current() {
        Ok(runtime) => runtime.spawn_blocking(work).await?,
        Err(_) => work(),
    }
}

/// Runs `work` without waiting, for a destructor, which cannot.
pub(super) fn start(work: impl FnOnce() + Send + 'static) {
    match Handle::try_current() {
        Ok(runtime) => drop(runtime.spawn_blocking(work)),
        Err(_) => work(),
    }
}
