//! `chunfeng run` from a fresh group and an empty lake to the end of the topic: every record in the ledger, all rates in the
//! rates table and on /metrics, exactly once.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ::chunfeng::decode::Key;
use serde_json::Value;
use tempfile::TempDir;

use super::broker::Broker;
use super::cost::Cost;
use super::entities::bytes_of;
use super::figures::Figures;
use super::http::{free_ports, get};
use super::{Outcome, TOPIC};

const PIPELINE: &str = "return-to-work";
const LONGEST: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(20);

/// A process that is there, with a lake of its own.
pub struct Running {
    program: Command,
    process: Child,
    begun: Instant,
    folder: TempDir,
    /// Where it serves.
    pub address: SocketAddr,
}

impl Running {
    /// Starts it in a fresh group.
    pub fn start(broker: &Broker, group: &str, commit_interval: &str) -> Outcome<Self> {
        let folder = TempDir::with_prefix("chunfeng-bench-")?;
        fs::write(folder.path().join("key"), Key::file_text(&[22; 32]))?;
        let pipelines = folder.path().join("pipelines");
        fs::create_dir(&pipelines)?;
        let file = format!("{PIPELINE}.yaml");
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines").join(&file);
        fs::copy(shipped, pipelines.join(&file))?;
        let address = SocketAddr::from(([127, 0, 0, 1], free_ports(1)));
        let mut program = Command::new(env!("CARGO_BIN_EXE_chunfeng"));
        program
            .arg("run")
            .env("CHUNFENG_PIPELINES", &pipelines)
            .env("CHUNFENG_KEY_FILE", folder.path().join("key"))
            .env("CHUNFENG_LAKE", folder.path().join("lake"))
            .env("CHUNFENG_LISTEN", address.to_string())
            .env("CHUNFENG_COMMIT_INTERVAL", commit_interval)
            .env("CHUNFENG_AS_OF", "newest-event")
            .env("CHUNFENG_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap())
            .env("CHUNFENG_KAFKA_GROUP_ID", format!("bench-{group}"))
            // Killed and started again, it is the member that it was.
            .env("CHUNFENG_KAFKA_GROUP_INSTANCE_ID", "bench")
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("log"))?);
        let begun = Instant::now();
        let process = program.spawn()?;
        Ok(Self { program, process, begun, folder, address })
    }

    /// SIGKILL, and a new process in its place. Returns how long that takes to have everything back.
    pub fn kill_and_start_again(&mut self) -> Outcome<Duration> {
        let entities = self.entities().ok_or("nothing says how many entities there are")?;
        self.process.kill()?;
        self.process.wait()?;
        self.begun = Instant::now();
        self.process = self.program.spawn()?;
        while self.entities().is_none_or(|back| back < entities) {
            self.still_runs()?;
            std::thread::sleep(LOOK);
        }
        Ok(self.begun.elapsed())
    }

    /// How many it counts, as /metrics says.
    fn entities(&self) -> Option<u64> {
        let metrics = get(self.address, "/metrics")?;
        let told = metrics.lines().find(|line| line.starts_with("chunfeng_entities{"))?;
        told.rsplit(' ').next()?.parse().ok()
    }

    fn still_runs(&mut self) -> Outcome<()> {
        if let Some(status) = self.process.try_wait()? {
            let said = fs::read_to_string(self.folder.path().join("log"))?;
            return Err(format!("chunfeng ended with {status}\n{said}").into());
        }
        if self.begun.elapsed() > LONGEST {
            self.process.kill()?;
            return Err(format!("not there after {LONGEST:?}").into());
        }
        Ok(())
    }

    /// Waits until so many records are rows, and says what they cost since its start.
    pub fn until_committed(&mut self, records: usize) -> Outcome<Cost> {
        let log = self.lake().join(PIPELINE).join("ledger/_delta_log");
        while committed(&log)? < records as i64 {
            self.still_runs()?;
            std::thread::sleep(LOOK);
        }
        Cost::of(self.process.id(), self.begun.elapsed())
    }

    /// Stops it in order, and returns the folder that its lake is in.
    pub fn stop(mut self) -> Outcome<TempDir> {
        Command::new("kill").args(["-TERM", &self.process.id().to_string()]).status()?;
        match self.process.wait()?.success() {
            true => Ok(self.folder),
            false => Err("chunfeng did not stop in order".into()),
        }
    }

    fn lake(&self) -> PathBuf {
        self.folder.path().join("lake")
    }
}

/// What came of a run to the end of the topic.
pub struct Measured {
    pub cost: Cost,
    pub figures: Figures,
    pub ledger_bytes: u64,
    /// From its start after a SIGKILL until it had everything back.
    pub back: Duration,
}

/// Runs it until every record is a row, and what it counts.
pub fn measure(broker: &Broker, events: usize, round: usize) -> Outcome<Measured> {
    let mut running = Running::start(broker, &round.to_string(), "10s")?;
    let cost = running.until_committed(events)?;
    let back = running.kill_and_start_again()?;
    let folder = running.stop()?;
    let lake = folder.path().join("lake");
    let rates = Command::new(env!("CARGO_BIN_EXE_chunfeng"))
        .args(["rates", "--format", "json", "--lake"])
        .arg(&lake)
        .output()?;
    let figures = Figures::of_rates(&String::from_utf8(rates.stdout)?)?;
    let ledger_bytes = bytes_of(&lake.join(PIPELINE).join("ledger"))?;
    Ok(Measured { cost, figures, ledger_bytes, back })
}

/// How many records the ledger's commits say it holds: the sum of its next offsets, for the topic begins at zero.
fn committed(log: &Path) -> Outcome<i64> {
    let Ok(entries) = fs::read_dir(log) else { return Ok(0) };
    let mut commits: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    commits.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    commits.sort();
    let prefix = format!("{PIPELINE}/{TOPIC}/");
    let mut next: BTreeMap<String, i64> = BTreeMap::new();
    for commit in commits {
        for action in fs::read_to_string(commit)?.lines() {
            let action: Value = serde_json::from_str(action)?;
            let (app_id, version) = (&action["txn"]["appId"], &action["txn"]["version"]);
            if let (Some(app_id), Some(version)) = (app_id.as_str(), version.as_i64())
                && app_id.starts_with(&prefix)
            {
                next.insert(app_id.to_owned(), version);
            }
        }
    }
    Ok(next.values().sum())
}
