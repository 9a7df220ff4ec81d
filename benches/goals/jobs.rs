//! The same rates in other engines, each from a fresh group to the end of the topic. `jobs/` has them: what those of the JVM share,
//! and what each engine makes of it. They keep no ledger and write no Parquet, which is less than chunfeng does.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::broker::Broker;
use super::cost::Cost;
use super::figures::Figures;
use super::{Outcome, TOPIC};

/// Kafka Streams, exactly once, with RocksDB.
pub fn kafka_streams() -> Outcome<Job> {
    Job::of_jvm("Kafka Streams", "streams", "bench.Returns", &[])
}

/// Flink's DataStream API, exactly once, with RocksDB and incremental checkpoints.
pub fn flink() -> Outcome<Job> {
    // As Flink's own start script opens them for Java 17.
    let opened = ["java.lang", "java.util", "java.time"];
    let options = opened.map(|package| format!("--add-opens=java.base/{package}=ALL-UNNAMED"));
    Job::of_jvm("Flink", "flink", "bench.FlinkReturns", &options)
}

/// Pathway: its engine is written in Rust, its jobs in Python.
pub fn pathway() -> Outcome<Job> {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pathway");
    if !python.join(".complete").is_file() {
        finished(Command::new("python3").args(["-m", "venv"]).arg(&python))?;
        let mut install = Command::new(python.join("bin/pip"));
        finished(install.args(["install", "-q", "pathway==0.33.0"]))?;
        fs::write(python.join(".complete"), "")?;
    }
    let program = [python.join("bin/python"), folder().join("src/pathway/returns.py")];
    let program = program.map(OsString::from).to_vec();
    Ok(Job { name: "Pathway", times_cheaper: 3.0, says_when_live: false, program, _classes: None })
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/goals/jobs")
}

/// What came of a job.
pub struct Measured {
    pub cost: Cost,
    pub figures: Figures,
    /// From its start after a SIGKILL until it had everything back.
    pub back: Option<Duration>,
}

/// A job that can be run.
pub struct Job {
    /// What people call the engine.
    pub name: &'static str,
    /// So many times cheaper chunfeng should be.
    pub times_cheaper: f64,
    /// Whether it says `live` once it has back what it had, and is killed to see how soon that is.
    pub says_when_live: bool,
    /// What is called with the broker, a group, a folder for its state, and the topic.
    program: Vec<OsString>,
    _classes: Option<TempDir>,
}

impl Job {
    /// Fetches what an engine of the JVM is, once, and compiles its job.
    fn of_jvm(name: &'static str, engine: &str, main: &str, options: &[String]) -> Outcome<Self> {
        let libraries = Path::new(env!("CARGO_TARGET_TMPDIR")).join(engine);
        if !libraries.join(".complete").is_file() {
            let mut fetch = Command::new("mvn");
            fetch.args(["-B", "-q", "-f"]).arg(folder().join(format!("{engine}.xml")));
            fetch.args(["dependency:copy-dependencies", "-DincludeScope=runtime"]);
            finished(fetch.arg(format!("-DoutputDirectory={}", libraries.display())))?;
            fs::write(libraries.join(".complete"), "")?;
        }
        let classes = TempDir::with_prefix("chunfeng-job-")?;
        let mut compile = Command::new("javac");
        compile.arg("-d").arg(classes.path()).arg("-cp").arg(libraries.join("*"));
        for part in ["shared", engine] {
            for entry in fs::read_dir(folder().join("src").join(part))? {
                compile.arg(entry?.path());
            }
        }
        finished(&mut compile)?;
        let path = format!("{}:{}/*", classes.path().display(), libraries.display());
        let mut program: Vec<OsString> = vec!["java".into(), "-Xmx2g".into()];
        program.extend(options.iter().map(OsString::from));
        program.extend(["-cp", &path, main].map(OsString::from));
        let says_when_live = engine == "streams";
        Ok(Self { name, times_cheaper: 10.0, says_when_live, program, _classes: Some(classes) })
    }

    /// Runs it, and what it counts. One that says when it is live is killed then, and has to be back.
    pub fn measure(&self, broker: &Broker, round: usize) -> Outcome<Measured> {
        let state = TempDir::with_prefix("chunfeng-job-state-")?;
        let group = format!("bench-{}-{round}", self.name.replace(' ', "-"));
        let mut running = self.start(broker, &group, state.path())?;
        let told = running.until("end")?;
        let cost = Cost::of(running.process.id(), running.begun.elapsed())?;
        let cells: Vec<String> = told.into_iter().filter(|line| line != LIVE).collect();
        let back = match self.says_when_live {
            true => {
                running.kill()?;
                let mut again = self.start(broker, &group, state.path())?;
                again.until(LIVE)?;
                let back = again.begun.elapsed();
                again.kill()?;
                Some(back)
            }
            false => {
                running.end()?;
                None
            }
        };
        Ok(Measured { cost, figures: Figures::of_cells(&cells)?, back })
    }

    /// Starts it for good: it writes every cell that moves to a topic.
    pub fn start_live(&self, broker: &Broker, state: &Path, cells: &str) -> Outcome<Running> {
        self.launch(broker, "bench-live", state, Some(cells))
    }

    fn start(&self, broker: &Broker, group: &str, state: &Path) -> Outcome<Running> {
        self.launch(broker, group, state, None)
    }

    fn launch(
        &self,
        broker: &Broker,
        group: &str,
        state: &Path,
        cells: Option<&str>,
    ) -> Outcome<Running> {
        let log = state.join("log");
        let begun = Instant::now();
        let mut process = Command::new(&self.program[0])
            .args(&self.program[1..])
            .args([&broker.bootstrap(), group])
            .arg(state)
            .arg(TOPIC)
            .args(cells)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log)?)
            .spawn()?;
        let said = BufReader::new(process.stdout.take().ok_or("no output")?).lines();
        Ok(Running { name: self.name, process, said, log, begun })
    }
}

/// What a job that has everything back says.
const LIVE: &str = "live";

/// A job's process.
pub struct Running {
    name: &'static str,
    process: Child,
    said: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
    begun: Instant,
}

impl Running {
    /// What it says until it says this.
    fn until(&mut self, last: &str) -> Outcome<Vec<String>> {
        let mut told = Vec::new();
        for line in &mut self.said {
            match line? {
                line if line == last => return Ok(told),
                line => told.push(line),
            }
        }
        let said = fs::read_to_string(&self.log)?;
        Err(format!("{} never said \"{last}\"\n{said}", self.name).into())
    }

    /// SIGKILL.
    pub fn kill(mut self) -> Outcome<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Lets it end in order.
    fn end(mut self) -> Outcome<()> {
        drop(self.process.stdin.take());
        self.process.wait()?;
        Ok(())
    }
}

fn finished(command: &mut Command) -> Outcome<()> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}
