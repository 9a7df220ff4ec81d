//! What a storm strikes: processes that are killed, stopped or put to sleep and come back, as an orchestrator would bring
//! them back. Every blow is told with its time, and what each process logged is kept to the end.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::kafka::NOTICED_SOON;
use crate::process::Process;
use crate::program::STOP;

/// How often a process that should run is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How soon a process that ended by itself is started again.
const BROUGHT_BACK: Duration = Duration::from_secs(1);

/// How somebody comes back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum As {
    /// As a member that the group does not know.
    AStranger,
    /// As the member it was, under its own name.
    Itself,
}

/// What happens to one process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Blow {
    /// It is killed, and comes back after a while.
    Killed(Duration, As),
    /// It is asked to end, and comes back a while after it has.
    Stopped(Duration, As),
    /// It stands still for a while.
    Asleep(Duration),
}

/// What happened, and when.
#[derive(Default)]
pub struct Journal {
    began: OnceLock<Instant>,
    lines: Mutex<Vec<String>>,
}

impl Journal {
    /// Time begins now.
    pub fn begin(&self) {
        self.began.get_or_init(Instant::now);
    }

    pub fn elapsed(&self) -> Duration {
        self.began.get().map_or(Duration::ZERO, Instant::elapsed)
    }

    pub fn note(&self, who: &str, what: &str) {
        let line = format!("{:7.1} s  {who}: {what}", self.elapsed().as_secs_f64());
        println!("{line}");
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// How many lines have this in them.
    pub fn count(&self, what: &str) -> usize {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().filter(|line| line.contains(what)).count()
    }
}

/// How a process is started: under the name of its log, and as whom.
pub type Start<'s> = Box<dyn Fn(&str, As) -> Process + Send + 's>;

/// A process that is struck, and comes back.
pub struct Victim<'s> {
    name: String,
    start: Start<'s>,
    journal: &'s Journal,
    process: Process,
    comes_back: As,
    /// The logs of all its lives.
    logs: Vec<PathBuf>,
}

impl<'s> Victim<'s> {
    pub fn start(name: &str, comes_back: As, journal: &'s Journal, start: Start<'s>) -> Self {
        let process = start(&format!("{name}-0"), comes_back);
        let logs = vec![process.log_path()];
        Self { name: name.to_owned(), start, journal, process, comes_back, logs }
    }

    /// Sees to it that it runs until then: whatever ends by itself is started again.
    pub fn runs_until(&mut self, then: Duration) {
        while self.journal.elapsed() < then {
            self.is_brought_back();
            thread::sleep(LOOK);
        }
    }

    /// Starts it again if it has ended by itself.
    pub fn is_brought_back(&mut self) {
        if let Some(status) = self.process.ended() {
            self.journal.note(&self.name, &format!("ended by itself with {status}"));
            let log = self.process.log();
            log.lines().skip_while(|line| !line.starts_with("error")).for_each(|line| {
                self.journal.note(&self.name, line);
            });
            thread::sleep(BROUGHT_BACK);
            self.come_back();
        }
    }

    pub fn suffer(&mut self, blow: Blow) {
        self.journal.note(&self.name, &format!("{blow:?}"));
        match blow {
            Blow::Killed(away, comes_back) => {
                self.process.kill();
                self.comes_back = comes_back;
                thread::sleep(away);
                self.come_back();
            }
            Blow::Stopped(away, comes_back) => {
                self.stop();
                self.comes_back = comes_back;
                thread::sleep(away);
                self.come_back();
            }
            Blow::Asleep(length) => {
                self.process.pause();
                thread::sleep(length);
                self.process.resume();
            }
        }
    }

    /// Asks it to end; it says so in its log if it cannot end well.
    pub fn stop(&mut self) {
        if self.process.ended().is_some() {
            return self.journal.note(&self.name, "had ended by itself");
        }
        let status = self.process.terminate(STOP);
        self.journal.note(&self.name, &format!("stopped with {status}"));
        let log = self.process.log();
        // One that has said nothing yet was struck before it could listen to signals.
        assert!(
            status.success() || log.is_empty() || log.contains("error: "),
            "{} ended with {status} and did not say why:\n{log}",
            self.name
        );
    }

    pub fn come_back(&mut self) {
        let name = format!("{}-{}", self.name, self.logs.len());
        self.process = (self.start)(&name, self.comes_back);
        self.logs.push(self.process.log_path());
    }

    /// Every line of all its lives, each with the name of its log.
    pub fn log(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for path in &self.logs {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let text = String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
            lines.extend(text.lines().map(|line| format!("{name}: {line}")));
        }
        lines
    }
}

/// The options of an instance that is noticed soon when it is gone.
pub fn options(name: &str, comes_back: As) -> Vec<(&str, &str)> {
    let mut options = NOTICED_SOON.to_vec();
    if comes_back == As::Itself {
        options.push(("group.instance.id", name));
    }
    options
}
