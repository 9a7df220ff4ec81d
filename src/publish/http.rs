//! The HTTP surface.
//!
//! | path | what |
//! |---|---|
//! | `/` | the board as a page |
//! | `/metrics` | everything for Prometheus |
//! | `/api/v1/pipelines` | what the boards are of: titles, definitions, units |
//! | `/api/v1/rates` | the boards as JSON rows; `pipeline`, `rate`, `area` filter |
//! | `/healthz` | 200 while the process lives |
//! | `/readyz` | 200 while a board hangs for every pipeline and the lake works, else 503 and why |

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use tokio::net::TcpListener;

use super::catalogue::described;
use super::exposition;
use crate::board::{Boards, Row, rows};
use crate::error::{Error, ErrorKind, Result};
use crate::telemetry::EngineMetrics;

const PAGE: &str = include_str!("page.html");

/// What is served.
#[derive(Clone)]
pub struct Serving {
    /// The hung boards.
    pub boards: Arc<Boards>,
    /// How the engine is doing, and every metric, the boards' included.
    pub metrics: Arc<EngineMetrics>,
    /// How many boards hang when all pipelines have one.
    pub pipelines: usize,
}

/// Takes the port, before any work is done.
pub async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        Error::new(ErrorKind::Invalid, format!("cannot listen on {address}: {error}"))
            .advise("choose another with --listen, or 127.0.0.1:0 for any free port")
            .because(error)
    })
}

/// Serves until `stopped` resolves.
pub async fn serve(
    listener: TcpListener,
    serving: Serving,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let router = Router::new()
        .route("/", get(|| async { Html(PAGE) }))
        .route("/metrics", get(metrics))
        .route("/api/v1/pipelines", get(pipelines))
        .route("/api/v1/rates", get(rates))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(serving);
    let served = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
    served.map_err(|error| Error::new(ErrorKind::Internal, "the HTTP server failed").because(error))
}

async fn metrics(State(serving): State<Serving>) -> Response {
    match exposition(serving.metrics.registry()) {
        Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn ready(State(serving): State<Serving>) -> (StatusCode, String) {
    let not = |why: String| (StatusCode::SERVICE_UNAVAILABLE, why + "\n");
    if let Some(trouble) = serving.metrics.lake_trouble() {
        return not(format!("the lake fails, and is waited for: {trouble}"));
    }
    if let Some(why) = serving.metrics.why_withheld() {
        return not(why);
    }
    let recalled = serving.metrics.partitions_recalled();
    if recalled > 0 {
        return not(format!("recovering from the lake: {recalled} partitions to go"));
    }
    if serving.boards.are_withheld() {
        return not("others read a part of the topics: no board is made of the rest".to_owned());
    }
    match serving.boards.all().len() >= serving.pipelines {
        true => (StatusCode::OK, "ready\n".to_owned()),
        false => not("no board yet: recovering from the lake".to_owned()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Filter {
    pipeline: Option<String>,
    rate: Option<String>,
    area: Option<String>,
}

impl Filter {
    fn admits(&self, row: &Row) -> bool {
        let admits =
            |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        admits(&self.pipeline, row.pipeline)
            && admits(&self.rate, row.rate)
            && admits(&self.area, row.area)
    }
}

async fn pipelines(State(serving): State<Serving>) -> Response {
    let boards = serving.boards.all();
    axum::Json(boards.iter().map(|board| described(board)).collect::<Vec<_>>()).into_response()
}

async fn rates(State(serving): State<Serving>, Query(filter): Query<Filter>) -> Response {
    let boards = serving.boards.all();
    let all = boards.iter().flat_map(|board| rows(board));
    let admitted: Vec<Row> = all.filter(|row| filter.admits(row)).collect();
    axum::Json(admitted).into_response()
}
