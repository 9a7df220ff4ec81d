//! `chunfeng serve`: the one board of what several `ingest` count.

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;

use super::LakeFlags;
use super::instance::engine_metrics;
use super::serving::Surface;
use super::signals::Signals;
use crate::board::Boards;
use crate::clock::SystemClock;
use crate::engine::Follower;
use crate::error::Result;
use crate::settings::Raw;

/// Publish the rates of a lake that several `ingest` feed; needs neither Kafka nor the key.
#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    place: LakeFlags,
    /// Where to serve /metrics, the API and the board.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub fn run(&self) -> Result<()> {
        let settings = self.place.load(Raw { listen: self.listen, ..Raw::default() })?;
        let (boards, metrics) = (Arc::new(Boards::default()), Arc::new(engine_metrics()?));
        // Which pipelines there are, the lake says: one board is the least.
        let surface = Surface::start(settings.listen, boards.clone(), metrics.clone(), 1)?;
        let signals = Signals::listen()?;
        tracing::info!(address = %surface.address, lake = settings.lake, "serving");
        let follower = Follower {
            lake: settings.lake()?,
            interval: settings.commit_interval,
            as_of: settings.as_of,
            clock: Arc::new(SystemClock),
            boards,
            metrics,
        };
        follower.run(signals.stop())?;
        surface.end()
    }
}
