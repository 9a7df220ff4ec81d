//! The same rates in other engines, each from a fresh group to the end of the topic. `jobs/` has them: what the jobs share, and
//! what each engine makes of it. They keep no ledger and write no Parquet, which is less than chunfeng does.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::broker::Broker;
use super::cost::Cost;
use super::figures::Figures;
use super::{Outcome, TOPIC};

/// An engine with its job.
#[derive(Clone, Copy)]
pub struct Engine {
    /// What people call it.
    pub name: &'static str,
    /// Its folder in `jobs/src`, and its Maven file.
    folder: &'static str,
    main: &'static str,
    /// What the JVM is told besides.
    options: &'static [&'static str],
}

/// Kafka Streams, exactly once, with RocksDB.
pub const KAFKA_STREAMS: Engine =
    Engine { name: "Kafka Streams", folder: "streams", main: "bench.Returns", options: &[] };

/// Flink's DataStream API, exactly once, with RocksDB and incremental checkpoints.
pub const FLINK: Engine = Engine {
    name: "Flink",
    folder: "flink",
    main: "bench.FlinkReturns",
    // As Flink's own start script opens them for Java 17.
    options: &[
        "--add-opens=java.base/java.lang=ALL-UNNAMED",
        "--add-opens=java.base/java.util=ALL-UNNAMED",
        "--add-opens=java.base/java.time=ALL-UNNAMED",
    ],
};

/// A job, compiled.
pub struct Job {
    engine: Engine,
    classes: TempDir,
    libraries: PathBuf,
}

impl Job {
    /// Fetches what the engine is, once, and compiles its job.
    pub fn compiled(engine: Engine) -> Outcome<Self> {
        let jobs = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/kafka_cost/jobs");
        let libraries = Path::new(env!("CARGO_TARGET_TMPDIR")).join(engine.folder);
        if !libraries.join(".complete").is_file() {
            let mut fetch = Command::new("mvn");
            fetch.args(["-B", "-q", "-f"]).arg(jobs.join(format!("{}.xml", engine.folder)));
            fetch.args(["dependency:copy-dependencies", "-DincludeScope=runtime"]);
            finished(fetch.arg(format!("-DoutputDirectory={}", libraries.display())))?;
            fs::write(libraries.join(".complete"), "")?;
        }
        let classes = TempDir::with_prefix("chunfeng-job-")?;
        let mut compile = Command::new("javac");
        compile.arg("-d").arg(classes.path()).arg("-cp").arg(libraries.join("*"));
        for folder in ["shared", engine.folder] {
            for entry in fs::read_dir(jobs.join("src").join(folder))? {
                compile.arg(entry?.path());
            }
        }
        finished(&mut compile)?;
        Ok(Self { engine, classes, libraries })
    }

    /// What people call the engine.
    pub fn name(&self) -> &'static str {
        self.engine.name
    }

    /// Runs it, and what it counts.
    pub fn measure(&self, broker: &Broker, round: usize) -> Outcome<(Cost, Figures)> {
        let state = TempDir::with_prefix("chunfeng-job-state-")?;
        let group = format!("{}-{round}", self.engine.folder);
        let log = state.path().join("log");
        let begun = Instant::now();
        let mut running = Command::new("java")
            .arg("-Xmx2g")
            .args(self.engine.options)
            .arg("-cp")
            .arg(format!("{}:{}/*", self.classes.path().display(), self.libraries.display()))
            .args([self.engine.main, &broker.bootstrap(), &group])
            .arg(state.path())
            .arg(TOPIC)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log)?)
            .spawn()?;
        let (mut told, mut is_at_end) = (Vec::new(), false);
        for line in BufReader::new(running.stdout.as_mut().ok_or("no output")?).lines() {
            match line? {
                line if line == "end" => {
                    is_at_end = true;
                    break;
                }
                line => told.push(line),
            }
        }
        if !is_at_end {
            let said = fs::read_to_string(log)?;
            return Err(format!("{} did not come to the end\n{said}", self.engine.name).into());
        }
        let cost = Cost::of(running.id(), begun.elapsed())?;
        drop(running.stdin.take());
        running.wait()?;
        Ok((cost, Figures::of_cells(&told)?))
    }
}

fn finished(command: &mut Command) -> Outcome<()> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}
