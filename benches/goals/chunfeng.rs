//! `chunfeng run` from a fresh group and an empty lake to the end of the topic: every record in the ledger, all rates in the
//! rates table and on /metrics, exactly once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ::chunfeng::decode::Key;
use serde_json::Value;
use tempfile::TempDir;

use super::broker::Broker;
use super::cost::Cost;
use super::entities::bytes_of;
use super::figures::Figures;
use super::{Outcome, TOPIC};

const PIPELINE: &str = "return-to-work";
const LONGEST: Duration = Duration::from_secs(600);
const LOOK: Duration = Duration::from_millis(20);

/// What came of a run.
pub struct Measured {
    pub cost: Cost,
    pub figures: Figures,
    pub ledger_bytes: u64,
}

/// Runs it until every record is a row, and what it counts.
pub fn measure(broker: &Broker, events: usize, round: usize) -> Outcome<Measured> {
    let folder = TempDir::with_prefix("chunfeng-bench-")?;
    fs::write(folder.path().join("key"), Key::file_text(&[22; 32]))?;
    let pipelines = folder.path().join("pipelines");
    fs::create_dir(&pipelines)?;
    let file = format!("{PIPELINE}.yaml");
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines").join(&file);
    fs::copy(shipped, pipelines.join(&file))?;
    let begun = Instant::now();
    let mut running = Command::new(env!("CARGO_BIN_EXE_chunfeng"))
        .arg("run")
        .env("CHUNFENG_PIPELINES", &pipelines)
        .env("CHUNFENG_KEY_FILE", folder.path().join("key"))
        .env("CHUNFENG_LAKE", folder.path().join("lake"))
        .env("CHUNFENG_LISTEN", "127.0.0.1:0")
        .env("CHUNFENG_KAFKA_BOOTSTRAP_SERVERS", broker.bootstrap())
        .env("CHUNFENG_KAFKA_GROUP_ID", format!("bench-{round}"))
        .stdout(Stdio::null())
        .stderr(fs::File::create(folder.path().join("log"))?)
        .spawn()?;
    let log = folder.path().join("lake").join(PIPELINE).join("ledger/_delta_log");
    while committed(&log)? < events as i64 {
        if let Some(status) = running.try_wait()? {
            let said = fs::read_to_string(folder.path().join("log"))?;
            return Err(format!("chunfeng ended with {status}\n{said}").into());
        }
        if begun.elapsed() > LONGEST {
            running.kill()?;
            return Err(format!("not at the end after {LONGEST:?}").into());
        }
        std::thread::sleep(LOOK);
    }
    let cost = Cost::of(running.id(), begun.elapsed())?;
    Command::new("kill").args(["-TERM", &running.id().to_string()]).status()?;
    if !running.wait()?.success() {
        return Err("chunfeng did not stop in order".into());
    }
    let rates = Command::new(env!("CARGO_BIN_EXE_chunfeng"))
        .args(["rates", "--format", "json", "--lake"])
        .arg(folder.path().join("lake"))
        .output()?;
    let figures = Figures::of_rates(&String::from_utf8(rates.stdout)?)?;
    let ledger_bytes = bytes_of(&folder.path().join("lake").join(PIPELINE).join("ledger"))?;
    Ok(Measured { cost, figures, ledger_bytes })
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
