//! The built chunfeng, with a key and lakes of its own, deaf to the settings of whoever runs the tests.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use chunfeng::decode::Key;
use tempfile::TempDir;

use crate::broker::Broker;
use crate::object_store::{self, Bucket};
use crate::process::Process;
use crate::services;

/// A debug build on two busy cores takes its time.
pub const START: Duration = Duration::from_secs(60);
/// Longer than any last commit.
pub const STOP: Duration = Duration::from_secs(60);

/// A store that hangs is noticed sooner than by default.
const STORE_TIMEOUT: &str = "3s";

/// The pipelines of most tests: one of workers, one of enterprises. What all of them are, the readers' tests read.
const PIPELINES: [&str; 2] = ["return-to-work.yaml", "enterprise-restart.yaml"];

/// A folder with a key, lakes and logs.
pub struct Home {
    folder: PathBuf,
    pipelines: PathBuf,
    /// Removes the folder when it is dropped.
    _temporary: Option<TempDir>,
}

impl Home {
    /// A new folder, which goes when it is dropped.
    pub fn new() -> Self {
        let temporary = TempDir::with_prefix("chunfeng-stack-").expect("a folder for a lake");
        Self::with_key(temporary.path().to_owned(), Some(temporary))
    }

    /// A new folder that several tests share: it stays until the next run takes its place.
    pub fn shared(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(fs::remove_dir_all(&folder)); // there may be none
        fs::create_dir_all(&folder).expect("a folder for a lake");
        Self::with_key(folder, None)
    }

    /// Every one has the same key, so that the same events give the same pseudonyms.
    fn with_key(folder: PathBuf, temporary: Option<TempDir>) -> Self {
        fs::write(folder.join("key"), Key::file_text(&[22; 32])).expect("a key file");
        let pipelines = folder.join("pipelines");
        fs::create_dir_all(&pipelines).expect("a folder for pipelines");
        for name in PIPELINES {
            let shipped = services::project().join("pipelines").join(name);
            fs::copy(shipped, pipelines.join(name)).expect("a pipeline that ships");
        }
        Self { folder, pipelines, _temporary: temporary }
    }

    /// The same with every pipeline that ships.
    pub fn with_all_pipelines(self) -> Self {
        Self { pipelines: services::project().join("pipelines"), ..self }
    }

    /// Something in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A lake in it.
    pub fn lake(&self, name: &str) -> Lake<'_> {
        Lake { home: self, path: self.path(name), bucket: None, reached_at: None }
    }

    /// A lake in a bucket, with its logs in the home.
    pub fn lake_in<'h>(&'h self, bucket: &'h Bucket, name: &str) -> Lake<'h> {
        let (path, reached_at) = (bucket.url(name).into(), Some(bucket.address()));
        Lake { home: self, path, bucket: Some(bucket), reached_at }
    }

    /// `chunfeng` with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chunfeng"));
        let ours = std::env::vars_os().map(|(name, _)| name);
        let is_ours = |name: &str| name.starts_with("CHUNFENG_") || name.starts_with("AWS_");
        for name in ours.filter(|name| is_ours(&name.to_string_lossy())) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_remove("NO_COLOR")
            .env("CHUNFENG_PIPELINES", &self.pipelines)
            .env("CHUNFENG_KEY_FILE", self.path("key"));
        command
    }
}

/// A lake, and the program at work on it.
pub struct Lake<'h> {
    home: &'h Home,
    /// A folder, or a URL.
    pub path: PathBuf,
    bucket: Option<&'h Bucket>,
    /// Where chunfeng reaches the bucket.
    reached_at: Option<SocketAddr>,
}

impl Lake<'_> {
    /// The same lake, whose bucket chunfeng reaches at another address.
    pub fn through(self, address: SocketAddr) -> Self {
        Self { reached_at: Some(address), ..self }
    }

    /// How others reach the bucket; none of a folder.
    pub fn options(&self) -> Option<serde_json::Value> {
        let options = object_store::options(self.bucket?.address()).into_iter();
        let options = options.map(|(name, value)| (name.to_owned(), value));
        Some(serde_json::Value::from_iter(options))
    }

    /// `chunfeng` with these arguments, at work on this lake.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.home.command(arguments);
        command.env("CHUNFENG_LAKE", &self.path);
        if let Some(address) = self.reached_at {
            let variables = object_store::options(address).into_iter();
            command.envs(variables.map(|(name, value)| (variable("STORE", name), value)));
            command.env("CHUNFENG_STORE_TIMEOUT", STORE_TIMEOUT);
        }
        command
    }

    /// `chunfeng run` on a broker's topics, committing every second. `options` are librdkafka's.
    pub fn run(&self, name: &str, broker: &Broker, options: &[(&str, &str)]) -> Process {
        self.consume("run", name, broker, options)
    }

    /// The same as one of several instances.
    pub fn ingest(&self, name: &str, broker: &Broker, options: &[(&str, &str)]) -> Process {
        self.consume("ingest", name, broker, options)
    }

    /// `chunfeng serve`, publishing every second.
    pub fn serve(&self, name: &str) -> Process {
        let mut command = self.command(&["serve"]);
        command
            .env("CHUNFENG_LISTEN", "127.0.0.1:0")
            .env("CHUNFENG_COMMIT_INTERVAL", "1s")
            // The springs that are played are over.
            .env("CHUNFENG_AS_OF", "newest-event");
        Process::start(name, &mut command, &self.home.folder)
    }

    /// `chunfeng run` whose boards are as of now, as they are where events happen now.
    pub fn run_by_the_clock(&self, name: &str, broker: &Broker) -> Process {
        Process::start(name, &mut self.consuming("run", broker), &self.home.folder)
    }

    fn consuming(&self, how: &str, broker: &Broker) -> Command {
        let mut command = self.command(&[how]);
        command
            .env("CHUNFENG_LISTEN", "127.0.0.1:0")
            .env("CHUNFENG_COMMIT_INTERVAL", "1s")
            .env("CHUNFENG_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap());
        command
    }

    fn consume(&self, how: &str, name: &str, broker: &Broker, options: &[(&str, &str)]) -> Process {
        let mut command = self.consuming(how, broker);
        command.env("CHUNFENG_AS_OF", "newest-event");
        for (option, value) in options {
            command.env(variable("KAFKA", option), value);
        }
        Process::start(name, &mut command, &self.home.folder)
    }

    /// `chunfeng replay` of files.
    pub fn replay(&self, files: &[&Path]) {
        let mut command = self.command(&["replay"]);
        command.args(files);
        finished(&mut command);
    }

    /// `chunfeng rates --format json`, as of a moment or of the newest event.
    pub fn rates(&self, as_of: Option<&str>) -> String {
        let moment: Vec<&str> =
            as_of.map(|as_of| ["--as-of", as_of]).into_iter().flatten().collect();
        self.rates_by(&moment)
    }

    /// The same with these arguments.
    pub fn rates_by(&self, arguments: &[&str]) -> String {
        let mut command = self.command(&["rates", "--format", "json"]);
        command.args(arguments);
        let output = finished(&mut command);
        String::from_utf8(output.stdout).expect("rates in UTF-8")
    }

    /// The version of a table: how many commits it has had; `None` where it does not exist yet.
    pub fn version(&self, table: &str) -> Option<usize> {
        self.commits(table).len().checked_sub(1)
    }

    /// Behind the last record of each partition of a topic that a pipeline's ledger holds, from the log's own words.
    pub fn next_offsets(&self, pipeline: &str, topic: &str, partitions: i32) -> Vec<i64> {
        let mut next = vec![0; partitions as usize];
        for commit in self.commits(&format!("{pipeline}/ledger")) {
            let text = match self.bucket {
                Some(bucket) => bucket.text(&commit),
                None => fs::read_to_string(commit).expect("a commit of the log"),
            };
            for action in text.lines() {
                let action: serde_json::Value = serde_json::from_str(action).expect("an action");
                let app_id = action["txn"]["appId"].as_str().unwrap_or_default();
                let prefix = format!("{pipeline}/{topic}/");
                if let Some(partition) = app_id.strip_prefix(&prefix) {
                    let partition: usize = partition.parse().expect("a partition's number");
                    next[partition] = action["txn"]["version"].as_i64().expect("an offset");
                }
            }
        }
        next
    }

    /// The commits of a table in the order of their versions.
    fn commits(&self, table: &str) -> Vec<String> {
        let log = self.path.join(table).join("_delta_log");
        let mut commits = match self.bucket {
            Some(bucket) => bucket.keys(&log.to_string_lossy()),
            None => files(&log),
        };
        commits.retain(|path| is_commit(path));
        commits.sort();
        commits
    }
}

fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.map(|path| path.to_string_lossy().into_owned()).collect()
}

fn is_commit(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.strip_suffix(".json")
        .is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The variable of an option.
fn variable(section: &str, option: &str) -> String {
    format!("CHUNFENG_{section}_{}", option.to_uppercase().replace('.', "_"))
}

/// Where a running program says it listens.
pub fn address(process: &mut Process) -> SocketAddr {
    process.until(START, "it says where it listens", |process| {
        let log = process.log();
        let behind = log.split_once("127.0.0.1:")?.1;
        let port: String = behind.chars().take_while(char::is_ascii_digit).collect();
        let ended = behind.len() > port.len();
        ended.then(|| SocketAddr::from(([127, 0, 0, 1], port.parse().ok().unwrap_or(0))))
    })
}

/// Runs a command to its end, which must be a good one.
fn finished(command: &mut Command) -> Output {
    let output = command.output().expect("chunfeng runs");
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output
}
