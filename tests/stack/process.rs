//! Child processes that never outlive their test, with what they said kept in files; and waiting that always ends.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often something that is waited for is looked at.
const LOOK: Duration = Duration::from_millis(25);

/// A running process. It is killed when it is dropped.
pub struct Process {
    name: String,
    child: Child,
    stdout: PathBuf,
    stderr: PathBuf,
}

impl Process {
    /// Starts a process whose output goes to files in `logs`, named after it.
    pub fn start(name: &str, command: &mut Command, logs: &Path) -> Self {
        let (stdout, stderr) = (logs.join(format!("{name}.out")), logs.join(format!("{name}.err")));
        let child = command
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).expect("a file for what a process prints"))
            .stderr(File::create(&stderr).expect("a file for what a process logs"))
            .spawn();
        let child = child.unwrap_or_else(|error| panic!("cannot start {name}: {error}"));
        Self { name: name.to_owned(), child, stdout, stderr }
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        read_lossy(&self.stdout)
    }

    /// What it has logged so far, on standard error.
    pub fn log(&self) -> String {
        read_lossy(&self.stderr)
    }

    /// Where its log is, which stays when the process is gone.
    pub fn log_path(&self) -> PathBuf {
        self.stderr.clone()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be asked whether it has ended")
    }

    /// Waits until it shows something, and panics with its log if it ends instead.
    pub fn until<T>(
        &mut self,
        most: Duration,
        what: &str,
        mut seen: impl FnMut(&Self) -> Option<T>,
    ) -> T {
        within(most, &format!("{}: {what}", self.name.clone()), || {
            if let Some(found) = seen(self) {
                return Some(found);
            }
            if let Some(status) = self.ended() {
                panic!("{} ended with {status} before: {what}\n{}", self.name, self.log());
            }
            None
        })
    }

    /// Makes it stand still, as a paused virtual machine does.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &self.child.id().to_string()])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "cannot send {signal} to {}", self.name);
    }

    /// Asks it to end, and waits until it has.
    pub fn terminate(&mut self, most: Duration) -> ExitStatus {
        self.signal("TERM");
        let what = format!("the end of {} after SIGTERM", self.name);
        within(most, &what, || self.ended())
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        drop(self.child.kill()); // it may have ended by itself
        drop(self.child.wait());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- what {} logged ---\n{}", self.name, self.log());
        }
    }
}

fn read_lossy(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

/// Looks again and again until there is something to see; panics when it takes longer than `most`.
pub fn within<T>(most: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < most, "waited {most:?} in vain for {what}");
        sleep(LOOK);
    }
}
