//! The built chunfeng, with a key and lakes of its own, deaf to the settings of whoever runs the tests.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use chunfeng::decode::Key;
use tempfile::TempDir;

use crate::broker::Broker;
use crate::process::Process;
use crate::services;

/// A debug build on two busy cores takes its time.
pub const START: Duration = Duration::from_secs(60);
/// Longer than any last commit.
pub const STOP: Duration = Duration::from_secs(60);

/// A folder with a key, lakes and logs.
pub struct Home {
    folder: PathBuf,
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
        Self { folder, _temporary: temporary }
    }

    /// Something in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A lake in it.
    pub fn lake(&self, name: &str) -> Lake<'_> {
        Lake { home: self, path: self.path(name) }
    }

    /// `chunfeng` with these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chunfeng"));
        let ours = std::env::vars_os().map(|(name, _)| name);
        for name in ours.filter(|name| name.to_string_lossy().starts_with("CHUNFENG_")) {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .current_dir(&self.folder)
            .env_remove("NO_COLOR")
            .env("CHUNFENG_PIPELINES", services::project().join("pipelines"))
            .env("CHUNFENG_KEY_FILE", self.path("key"));
        command
    }
}

/// A lake, and the program at work on it.
pub struct Lake<'h> {
    home: &'h Home,
    pub path: PathBuf,
}

impl Lake<'_> {
    /// `chunfeng run` on a broker's topics, committing every second. `options` are librdkafka's.
    pub fn run(&self, name: &str, broker: &Broker, options: &[(&str, &str)]) -> Process {
        let mut command = self.home.command(&["run"]);
        command
            .env("CHUNFENG_LAKE", &self.path)
            .env("CHUNFENG_LISTEN", "127.0.0.1:0")
            .env("CHUNFENG_COMMIT_INTERVAL", "1s")
            .env("CHUNFENG_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap());
        for (option, value) in options {
            let variable = option.to_uppercase().replace('.', "_");
            command.env(format!("CHUNFENG_KAFKA_{variable}"), value);
        }
        Process::start(name, &mut command, &self.home.folder)
    }

    /// `chunfeng replay` of files.
    pub fn replay(&self, files: &[&Path]) {
        let mut command = self.home.command(&["replay"]);
        command.args(files).env("CHUNFENG_LAKE", &self.path);
        finished(&mut command);
    }

    /// `chunfeng rates --format json`, as of a moment or of the newest event.
    pub fn rates(&self, as_of: Option<&str>) -> String {
        let mut command = self.home.command(&["rates", "--format", "json"]);
        command.env("CHUNFENG_LAKE", &self.path);
        if let Some(as_of) = as_of {
            command.args(["--as-of", as_of]);
        }
        let output = finished(&mut command);
        String::from_utf8(output.stdout).expect("rates in UTF-8")
    }

    /// The version of a table: how many commits it has had; `None` where it does not exist yet.
    pub fn version(&self, table: &str) -> Option<usize> {
        commits(&self.path.join(table)).len().checked_sub(1)
    }

    /// Behind the last record of each partition of a topic that a pipeline's ledger holds, from the log's own words.
    pub fn next_offsets(&self, pipeline: &str, topic: &str, partitions: i32) -> Vec<i64> {
        let mut next = vec![0; partitions as usize];
        for commit in commits(&self.path.join(pipeline).join("ledger")) {
            let text = fs::read_to_string(commit).expect("a commit of the log");
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
}

/// The commits of a table in the order of their versions.
fn commits(table: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(table.join("_delta_log")) else {
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_commit = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.strip_suffix(".json")
            .is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut commits: Vec<PathBuf> = paths.filter(is_commit).collect();
    commits.sort();
    commits
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
