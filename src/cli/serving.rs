//! What `run` and `demo` share: the HTTP surface beside the engine.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::board::Boards;
use crate::error::{Error, ErrorKind, Result};
use crate::publish::{BoardCollector, Serving, bind, serve};
use crate::telemetry::EngineMetrics;

/// The surface, serving until it is ended.
pub struct Surface {
    /// Where it listens.
    pub address: SocketAddr,
    runtime: Runtime,
    end: oneshot::Sender<()>,
    served: JoinHandle<Result<()>>,
}

impl Surface {
    /// Takes the port and serves these boards and metrics.
    pub fn start(
        listen: SocketAddr,
        boards: Arc<Boards>,
        metrics: Arc<EngineMetrics>,
        pipelines: usize,
    ) -> Result<Self> {
        let runtime = super::runtime()?;
        let listener = runtime.block_on(bind(listen))?;
        let address = listener.local_addr().unwrap_or(listen);
        let collector = BoardCollector::new(boards.clone());
        let registered = metrics.registry().register(Box::new(collector));
        registered.map_err(|error| {
            Error::new(ErrorKind::Internal, "cannot export the boards").because(error)
        })?;
        let serving = Serving { boards, metrics, pipelines };
        let (end, ended) = oneshot::channel();
        let stopped = async move { _ = ended.await };
        let served = runtime.spawn(serve(listener, serving, stopped));
        Ok(Self { address, runtime, end, served })
    }

    /// Ends serving.
    pub fn end(self) -> Result<()> {
        _ = self.end.send(()); // it may have ended by itself, and says so below
        let served = self.runtime.block_on(self.served);
        served.unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "the HTTP server panicked")))
    }
}
