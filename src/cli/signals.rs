//! SIGTERM and SIGINT ask the engine to drain, commit and end; a second SIGINT ends the process at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::engine::Stop;
use crate::error::{Error, ErrorKind, Result};

/// Listens from a thread of its own.
pub struct Signals {
    stop: Stop,
    told: Stop,
}

impl Signals {
    /// Begins to listen.
    pub fn listen() -> Result<Self> {
        let cannot =
            |error| Error::new(ErrorKind::Internal, "cannot listen for signals").because(error);
        let signals = Self { stop: Stop::default(), told: Stop::default() };
        let (stop, told) = (signals.stop.clone(), signals.told.clone());
        let runtime = super::runtime()?;
        let (terminate, interrupt) = {
            let _entered = runtime.enter();
            (
                signal(SignalKind::terminate()).map_err(cannot)?,
                signal(SignalKind::interrupt()).map_err(cannot)?,
            )
        };
        std::thread::spawn(move || runtime.block_on(wait(terminate, interrupt, &stop, &told)));
        Ok(signals)
    }

    /// What is asked to stop.
    pub fn stop(&self) -> &Stop {
        &self.stop
    }

    /// Whether a signal came; the engine's own end asks for a stop too.
    pub fn were_received(&self) -> bool {
        self.told.is_asked()
    }
}

async fn wait(mut terminate: Signal, mut interrupt: Signal, stop: &Stop, told: &Stop) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("asked to stop: draining and committing");
    told.ask();
    stop.ask();
    interrupt.recv().await;
    std::process::exit(130);
}
