//! Settings: from the file, then `CHUNFENG_…` variables, then flags, the later winning.
//!
//! Secrets come from files or variables and are never printed. [`Raw`] is what somebody typed, in any of the three
//! places; [`Settings`] is what a command works with.

mod environment;
mod file;
mod key_file;
mod passed;
mod secret;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use key_file::{key, make as make_key_file};

use crate::decode::PseudonymScheme;
use crate::engine::AsOf;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, StoreOptions};
use crate::source::kafka::KafkaOptions;
use crate::time::parse_duration_seconds;

/// Where settings are looked for unless said.
pub const DEFAULT_FILE: &str = "chunfeng.yaml";

/// More would only cost memory.
const SHARDS_MOST: usize = 64;

/// What was typed, in one of the three places.
#[derive(Default, Debug)]
pub struct Raw {
    /// Where the lake is.
    pub lake: Option<String>,
    /// Where the pipeline files are.
    pub pipelines: Option<PathBuf>,
    /// Where to serve HTTP.
    pub listen: Option<SocketAddr>,
    /// The key file.
    pub key_file: Option<PathBuf>,
    /// How identifiers become pseudonyms.
    pub pseudonyms: Option<PseudonymScheme>,
    /// How often to commit.
    pub commit_interval: Option<Duration>,
    /// How long a replay may take.
    pub replay_at_most: Option<Duration>,
    /// How often there is upkeep.
    pub upkeep_interval: Option<Every>,
    /// As of when a live run makes boards.
    pub as_of: Option<AsOf>,
    /// How many shards.
    pub shards: Option<usize>,
    /// Options for librdkafka.
    pub kafka: KafkaOptions,
    /// Options for reaching a lake in a bucket.
    pub store: StoreOptions,
}

/// How often something that can be turned off is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Every {
    /// It is turned off.
    Never,
    /// So often.
    Interval(Duration),
}

/// What a command works with.
#[derive(Debug)]
pub struct Settings {
    /// Where the lake is.
    pub lake: String,
    /// Where the pipeline files are.
    pub pipelines: PathBuf,
    /// Where to serve HTTP.
    pub listen: SocketAddr,
    /// The key file; `None` is the user's own.
    pub key_file: Option<PathBuf>,
    /// How identifiers become pseudonyms.
    pub pseudonyms: PseudonymScheme,
    /// How often to commit and publish.
    pub commit_interval: Duration,
    /// How long replaying the ledger behind the last roster snapshot may take before another is taken.
    pub replay_at_most: Duration,
    /// How often there is upkeep of the lake's tables; `None` is never.
    pub upkeep_interval: Option<Duration>,
    /// As of when a live run makes boards.
    pub as_of: AsOf,
    /// How many shards entities are spread over.
    pub shards: usize,
    /// Options for librdkafka.
    pub kafka: KafkaOptions,
    /// Options for reaching a lake in a bucket.
    pub store: StoreOptions,
}

impl Settings {
    /// Reads the file, if there is one or one is named, then the environment, then `flags`.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        flags: Raw,
    ) -> Result<Self> {
        let from_file = match file {
            Some(path) => file::read(path)?,
            None if Path::new(DEFAULT_FILE).exists() => file::read(Path::new(DEFAULT_FILE))?,
            None => Raw::default(),
        };
        let from_environment = environment::read(environment)?;
        Ok(from_file.overridden_by(from_environment).overridden_by(flags).resolve())
    }

    /// The lake that these settings name. Nothing is asked of its storage yet.
    pub fn lake(&self) -> Result<Lake> {
        Ok(Lake::with_options(&self.lake, &self.store)?)
    }
}

impl Raw {
    fn overridden_by(mut self, other: Raw) -> Raw {
        self.kafka.extend(other.kafka);
        self.store.extend(other.store);
        Raw {
            lake: other.lake.or(self.lake),
            pipelines: other.pipelines.or(self.pipelines),
            listen: other.listen.or(self.listen),
            key_file: other.key_file.or(self.key_file),
            pseudonyms: other.pseudonyms.or(self.pseudonyms),
            commit_interval: other.commit_interval.or(self.commit_interval),
            replay_at_most: other.replay_at_most.or(self.replay_at_most),
            upkeep_interval: other.upkeep_interval.or(self.upkeep_interval),
            as_of: other.as_of.or(self.as_of),
            shards: other.shards.or(self.shards),
            kafka: self.kafka,
            store: self.store,
        }
    }

    fn resolve(self) -> Settings {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Settings {
            lake: self.lake.unwrap_or_else(|| "lake".to_owned()),
            pipelines: self.pipelines.unwrap_or_else(|| "pipelines".into()),
            listen: self.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 9898))),
            key_file: self.key_file,
            pseudonyms: self.pseudonyms.unwrap_or_default(),
            commit_interval: self.commit_interval.unwrap_or(Duration::from_secs(10)),
            replay_at_most: self.replay_at_most.unwrap_or(Duration::from_secs(20)),
            upkeep_interval: match self.upkeep_interval {
                Some(Every::Never) => None,
                Some(Every::Interval(interval)) => Some(interval),
                None => Some(Duration::from_secs(600)),
            },
            as_of: self.as_of.unwrap_or_default(),
            // Loading a lake keeps every core busy with shards; beside live events they wait for the conductor.
            shards: self.shards.unwrap_or(cores.min(SHARDS_MOST)),
            kafka: self.kafka,
            store: self.store,
        }
    }
}

fn as_of(text: &str) -> std::result::Result<AsOf, String> {
    match text {
        "clock" => Ok(AsOf::Clock),
        "newest-event" => Ok(AsOf::NewestEvent),
        _ => Err("write `clock` or `newest-event`".to_owned()),
    }
}

fn pseudonyms(text: &str) -> std::result::Result<PseudonymScheme, String> {
    match text {
        "blake3" => Ok(PseudonymScheme::Blake3),
        "hmac-sm3" => Ok(PseudonymScheme::HmacSm3),
        _ => Err("write `blake3` or `hmac-sm3`".to_owned()),
    }
}

fn interval(text: &str) -> std::result::Result<Duration, String> {
    let milliseconds = text.strip_suffix("ms").and_then(|digits| digits.parse().ok());
    let interval = match milliseconds {
        Some(milliseconds) => Some(Duration::from_millis(milliseconds)),
        None => {
            parse_duration_seconds(text).map(|seconds| Duration::from_secs(seconds.unsigned_abs()))
        }
    };
    let interval = interval.filter(|interval| !interval.is_zero());
    interval.ok_or_else(|| "write a number and a unit: 500ms, 10s, 1m".to_owned())
}

fn every(text: &str) -> std::result::Result<Every, String> {
    match text {
        "off" => Ok(Every::Never),
        _ => interval(text).map(Every::Interval).map_err(|instead| format!("{instead}; or `off`")),
    }
}

fn address(text: &str) -> std::result::Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port: 0.0.0.0:9898".to_owned())
}

fn count(text: &str) -> std::result::Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=SHARDS_MOST).contains(count));
    count.ok_or_else(|| "write a number from 1 to 64".to_owned())
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::Invalid, message)
}
