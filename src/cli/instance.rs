//! What `run` and `ingest` share: one instance of a consumer group that feeds the lake.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use super::SettingFlags;
use super::serving::Surface;
use super::signals::Signals;
use crate::board::Boards;
use crate::clock::SystemClock;
use crate::engine::{Engine, Life, Publication, Stop, Takeovers, Upkeep};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::Lake;
use crate::publish::refuse_too_many_series;
use crate::settings::{self, Raw};
use crate::source::kafka::KafkaSource;
use crate::spec::{self, Pipeline};
use crate::telemetry::EngineMetrics;

/// Where an instance keeps the lake and serves.
#[derive(Args)]
pub struct InstanceFlags {
    #[command(flatten)]
    settings: SettingFlags,
    /// Where the lake is: a folder, or a bucket as s3://BUCKET/PREFIX.
    #[arg(long, value_name = "URL")]
    lake: Option<String>,
    /// Where to serve over HTTP.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl InstanceFlags {
    /// The settings, these flags included.
    pub fn load(&self) -> Result<settings::Settings> {
        let raw = Raw { lake: self.lake.clone(), listen: self.listen, ..Raw::default() };
        self.settings.load(raw)
    }

    /// Consumes Kafka and keeps the lake until it is asked to stop.
    pub fn feed(&self, publication: Publication) -> Result<()> {
        let settings = self.load()?;
        if settings.kafka.get("bootstrap.servers").is_none() {
            return Err(Error::new(ErrorKind::Invalid, "no brokers are named")
                .advise("set `kafka: { bootstrap.servers: HOST:PORT }`, or CHUNFENG_KAFKA_BOOTSTRAP_SERVERS"));
        }
        let lake = settings.lake()?;
        let pipelines: Vec<_> =
            spec::load_folder(&settings.pipelines)?.into_iter().map(Arc::new).collect();
        let key = Arc::new(settings::key(&settings)?);
        refuse_too_many_series(&pipelines)?;
        let (boards, metrics) = (Arc::new(Boards::default()), Arc::new(engine_metrics()?));
        // Whoever only tells the panes table is ready without a board.
        let boards_awaited = match publication {
            Publication::Boards => pipelines.len(),
            Publication::Panes => 0,
        };
        let surface =
            Surface::start(settings.listen, boards.clone(), metrics.clone(), boards_awaited)?;
        let signals = Signals::listen()?;
        tracing::info!(address = %surface.address, lake = settings.lake, kafka = ?settings.kafka, "serving");

        let mut topics: Vec<String> =
            pipelines.iter().map(|pipeline| pipeline.topic.clone()).collect();
        topics.sort();
        topics.dedup();
        keep_up(&settings, &lake, &pipelines, &metrics, signals.stop())?;
        let engine = || Engine {
            pipelines: pipelines.clone(),
            lake: lake.clone(),
            key: key.clone(),
            shards: settings.shards,
            commit_interval: settings.commit_interval,
            replay_at_most: settings.replay_at_most,
            life: Life::Live,
            as_of: settings.as_of,
            publication,
            clock: Arc::new(SystemClock),
            boards: boards.clone(),
            metrics: metrics.clone(),
        };
        let source = || KafkaSource::new(settings.kafka.clone(), topics.clone(), metrics.clone());
        let mut takeovers = Takeovers::default();
        // A process that slept while others went on is refused, forgets what it knew, and is one of the group again.
        while let Err(error) = engine().run(Box::new(source()), signals.stop()) {
            if error.kind() != ErrorKind::TakenOver || !takeovers.begin_anew(Instant::now()) {
                return Err(error);
            }
            metrics.taken_over();
            if signals.stop().is_asked() {
                tracing::info!("{error}; what was not committed here is read there");
                break;
            }
            tracing::warn!("{error}; beginning anew from the lake");
            boards.take_down();
        }
        surface.end()
    }
}

/// Begins the upkeep that the settings ask for.
fn keep_up(
    settings: &settings::Settings,
    lake: &Lake,
    pipelines: &[Arc<Pipeline>],
    metrics: &Arc<EngineMetrics>,
    stop: &Stop,
) -> Result<()> {
    let Some(interval) = settings.upkeep_interval else { return Ok(()) };
    let upkeep = Upkeep {
        lake: lake.clone(),
        pipelines: pipelines.iter().map(|pipeline| pipeline.name.clone()).collect(),
        interval,
        clock: Arc::new(SystemClock),
        metrics: metrics.clone(),
    };
    upkeep.start(stop.clone())
}

/// The engine's metrics.
pub fn engine_metrics() -> Result<EngineMetrics> {
    EngineMetrics::new()
        .map_err(|error| Error::new(ErrorKind::Internal, "cannot register metrics").because(error))
}
