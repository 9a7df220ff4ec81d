//! Where Alertmanager calls.
//!
//! | path | what |
//! |---|---|
//! | `POST /robots/NAME` | alerts for a robot: 200 once they have been delivered, 503 where it shall call again |
//! | `/healthz` | 200 while the process lives |
//! | `/metrics` | messages by robot and by what became of them |

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use prometheus::{Encoder, IntCounterVec, Opts, Registry, TextEncoder};
use serde_json::json;
use tokio::net::TcpListener;

use super::call::Call;
use super::courier::{Courier, Manner};
use super::settings::NotifySettings;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};

/// A robot that does not answer for so long is not well.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Every courier, at work in the runtime that was entered.
#[derive(Clone)]
pub struct Notifying {
    couriers: Arc<BTreeMap<String, Courier>>,
    registry: Registry,
}

impl Notifying {
    /// Couriers for all robots.
    pub fn start(settings: NotifySettings, clock: Arc<dyn Clock>) -> Result<Self> {
        let internal = |what: &str| Error::new(ErrorKind::Internal, what.to_owned());
        let client = reqwest::Client::builder().timeout(ANSWERS_WITHIN).build();
        let client = client.map_err(|error| internal("cannot make calls").because(error))?;
        let messages = Opts::new("chunfeng_notify_messages_total", "Messages to group robots.");
        let messages = IntCounterVec::new(messages, &["robot", "outcome"]);
        let messages = messages.map_err(|error| internal("cannot count").because(error))?;
        let registry = Registry::new();
        let registered = registry.register(Box::new(messages.clone()));
        registered.map_err(|error| internal("cannot count").because(error))?;
        let NotifySettings { language, links, robots, .. } = settings;
        let manner = Manner { language, links, client, clock, messages };
        let couriers = robots
            .into_iter()
            .map(|(name, robot)| (name.clone(), Courier::start(name, robot, manner.clone())));
        Ok(Self { couriers: Arc::new(couriers.collect()), registry })
    }
}

/// Serves until `stopped` resolves.
pub async fn serve(
    listener: TcpListener,
    notifying: Notifying,
    stopped: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let router = Router::new()
        .route("/robots/{name}", post(called))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/metrics", get(metrics))
        .with_state(notifying);
    let served = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
    served.map_err(|error| Error::new(ErrorKind::Internal, "the HTTP server failed").because(error))
}

async fn called(
    State(notifying): State<Notifying>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let told =
        |status: StatusCode, what: String| (status, Json(json!({ "error": what }))).into_response();
    let Some(courier) = notifying.couriers.get(&name) else {
        let known: Vec<&str> = notifying.couriers.keys().map(String::as_str).collect();
        let what = format!("no robot is named {name}; there are: {}", known.join(", "));
        return told(StatusCode::NOT_FOUND, what);
    };
    let call: Call = match serde_json::from_slice(&body) {
        Ok(call) => call,
        Err(error) => {
            let what = format!("this is no call of Alertmanager's webhook: {error}");
            return told(StatusCode::BAD_REQUEST, what);
        }
    };
    if call.alerts.is_empty() {
        return StatusCode::OK.into_response();
    }
    match courier.deliver(call.alerts).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(why) => told(StatusCode::SERVICE_UNAVAILABLE, why),
    }
}

async fn metrics(State(notifying): State<Notifying>) -> Response {
    let mut text = Vec::new();
    match TextEncoder::new().encode(&notifying.registry.gather(), &mut text) {
        Ok(()) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
