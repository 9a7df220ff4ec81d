//! `chunfeng notify`: from Alertmanager to group robots.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use crate::clock::SystemClock;
use crate::error::{Error, ErrorKind, Result};
use crate::notify::{self, Notifying};
use crate::publish::bind;

/// Pass alerts of Alertmanager on to group robots: WeCom, DingTalk, Feishu.
#[derive(Args)]
pub struct Notify {
    /// The settings file: where to listen, and the robots.
    #[arg(long, value_name = "FILE", default_value = "notify.yaml")]
    config: PathBuf,
}

impl Notify {
    pub fn run(&self) -> Result<()> {
        let settings = notify::read(&self.config)?;
        let runtime = super::runtime()?;
        runtime.block_on(async {
            let listener = bind(settings.listen).await?;
            let address = listener.local_addr().unwrap_or(settings.listen);
            let notifying = Notifying::start(settings, Arc::new(SystemClock))?;
            let cannot =
                |error| Error::new(ErrorKind::Internal, "cannot listen for signals").because(error);
            let mut terminate = signal(SignalKind::terminate()).map_err(cannot)?;
            tracing::info!("listening on {address}");
            let stopped = async move {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = tokio::signal::ctrl_c() => {}
                }
            };
            notify::serve(listener, notifying, stopped).await
        })
    }
}
