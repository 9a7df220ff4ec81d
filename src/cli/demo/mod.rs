//! `chunfeng demo`: the springs of five cities, in one process and one to two minutes.
//!
//! Broker (librdkafka's mock cluster, which speaks the real protocol), scenario, engine and metrics; in the end the
//! published figure beside the computed one.

mod broker;
mod player;
mod verdict;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tempfile::TempDir;

use self::broker::Broker;
use super::instance::engine_metrics;
use super::serving::Surface;
use super::signals::Signals;
use crate::board::Boards;
use crate::clock::ManualClock;
use crate::decode::{Key, PseudonymScheme};
use crate::engine::{AsOf, Engine, Life, Publication, Stop};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::Lake;
use crate::scenario::Springs;
use crate::settings::make_key_file;
use crate::source::kafka::KafkaSource;
use crate::spec::{self, Pipeline};

/// A pipeline file of the repository, with its text.
macro_rules! shipped {
    ($name:literal) => {
        (
            concat!("pipelines/", $name, ".yaml"),
            include_str!(concat!("../../../pipelines/", $name, ".yaml")),
        )
    };
}

const PIPELINES: [(&str, &str); 11] = [
    shipped!("return-to-work"),
    shipped!("enterprise-restart"),
    shipped!("projects"),
    shipped!("recruitment"),
    shipped!("labour-demand"),
    shipped!("targets"),
    shipped!("trips"),
    shipped!("tickets"),
    shipped!("wage-claims"),
    shipped!("online-recruitment"),
    shipped!("support"),
];

/// Play the springs of five cities: broker, scenario, engine and metrics in one process.
#[derive(Args)]
pub struct Demo {
    /// End when the springs have been played; otherwise go on serving.
    #[arg(long)]
    once: bool,
    /// Where to keep the lake; a temporary folder unless said.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where to serve /metrics, the API and the board.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Leave so many workers' returns out, to see the check at the end fail.
    #[arg(long, value_name = "N", default_value_t = 0)]
    leave_out_returns: usize,
    /// How long the springs take.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
}

impl Demo {
    pub fn run(&self) -> Result<()> {
        let folder = Folder::new(self.dir.clone())?;
        let pipelines = pipelines()?;
        let (boards, metrics) = (Arc::new(Boards::default()), Arc::new(engine_metrics()?));
        let surface =
            Surface::start(self.address(), boards.clone(), metrics.clone(), pipelines.len())?;
        let signals = Signals::listen()?;
        let stop = signals.stop().clone();
        eprintln!("春风 chunfeng demo · http://{} · {}", surface.address, folder.path.display());

        let topics: Vec<String> = pipelines.iter().map(|pipeline| pipeline.topic.clone()).collect();
        let broker = Broker::start(&topics)?;
        let lake = Lake::at(&folder.path.join("lake").to_string_lossy())?;
        let clock = Arc::new(ManualClock::at(player::before_the_springs()));
        let engine = Engine {
            pipelines: pipelines.clone(),
            lake: lake.clone(),
            key: Arc::new(folder.key()?),
            shards: 1,
            commit_interval: Duration::from_secs(2),
            replay_at_most: Duration::from_secs(20),
            life: Life::Live,
            as_of: AsOf::Clock,
            publication: Publication::Boards,
            clock: clock.clone(),
            boards: boards.clone(),
            metrics: metrics.clone(),
        };
        let source = KafkaSource::new(broker.options(), topics, metrics.clone());
        let springs = Springs { leave_out_returns: self.leave_out_returns, ..Springs::default() };
        let player = player::Player {
            broker: &broker,
            clock: &clock,
            boards: &boards,
            metrics: &metrics,
            pipelines: &pipelines,
        };
        let verdict = std::thread::scope(|scope| {
            let engine = scope.spawn(|| {
                let ended = engine.run(Box::new(source), &stop);
                stop.ask(); // whoever plays or waits must not outlast the engine
                ended
            });
            let played = player.play(springs, Duration::from_secs(self.seconds), &stop);
            let verdict = played.and_then(|()| verdict::reach(&lake, &pipelines));
            if let (false, Ok(verdict)) = (self.once, &verdict) {
                verdict.print();
                self.serve(&surface, &folder, &stop);
            }
            stop.ask();
            let ended = engine
                .join()
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Internal, "the engine panicked")));
            ended.and(verdict)
        })?;
        if self.once {
            verdict.print();
        }
        surface.end()?;
        verdict.judge()
    }

    /// One spring needs no fixed port; who goes on serving is looked for where `run` would be.
    fn address(&self) -> SocketAddr {
        let port = if self.once { 0 } else { 9898 };
        self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port)))
    }

    fn serve(&self, surface: &Surface, folder: &Folder, stop: &Stop) {
        let (address, lake) = (surface.address, folder.path.join("lake"));
        println!();
        println!("still serving, until Ctrl-C:");
        println!("  the board       http://{address}/");
        println!("  for Prometheus  http://{address}/metrics");
        println!("  as JSON         http://{address}/api/v1/rates");
        println!("  as Parquet      {}", lake.display());
        println!(
            "  at any moment   chunfeng rates --lake {} --as-of 2022-02-15T00:00:00+08:00",
            lake.display()
        );
        while !stop.is_asked() {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

fn pipelines() -> Result<Vec<Arc<Pipeline>>> {
    let load = |(file, text): (&str, &str)| Ok(Arc::new(spec::load_text(file, text)?));
    PIPELINES.into_iter().map(load).collect()
}

/// Where the demo keeps its files: the folder that was named, or one that goes when the demo ends.
struct Folder {
    path: PathBuf,
    _temporary: Option<TempDir>,
}

impl Folder {
    fn new(named: Option<PathBuf>) -> Result<Self> {
        let cannot = |error| {
            Error::new(ErrorKind::Invalid, "cannot make a folder for the demo").because(error)
        };
        match named {
            Some(path) => {
                if path.join("lake").exists() {
                    return Err(Error::new(
                        ErrorKind::Invalid,
                        format!("{} has a lake already", path.display()),
                    )
                    .advise("name another folder: the demo plays its spring into a new lake"));
                }
                std::fs::create_dir_all(&path).map_err(cannot)?;
                Ok(Self { path, _temporary: None })
            }
            None => {
                let temporary = TempDir::with_prefix("chunfeng-demo-").map_err(cannot)?;
                Ok(Self { path: temporary.path().to_owned(), _temporary: Some(temporary) })
            }
        }
    }

    fn key(&self) -> Result<Key> {
        let path = self.path.join("key");
        if !path.exists() {
            make_key_file(&path)?;
        }
        Ok(Key::read(&path, PseudonymScheme::Blake3)?)
    }
}
