//! What a process cost.

use std::fmt;
use std::fs;
use std::time::Duration;

use super::Outcome;

/// The kernel counts a process's time in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

/// What a process took from its start to the end of the topic.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// User and system.
    pub cpu_seconds: f64,
    pub elapsed: Duration,
    /// The most memory that it had at once.
    pub resident_bytes: u64,
    /// What it has now.
    pub now_resident_bytes: u64,
}

impl Cost {
    /// CPU over the CPU of another.
    pub fn over(&self, other: &Self) -> f64 {
        self.cpu_seconds / other.cpu_seconds
    }

    /// CPU an event.
    pub fn nanoseconds(&self, events: usize) -> f64 {
        self.cpu_seconds * 1e9 / events as f64
    }

    /// Of a process that is still there.
    pub fn of(pid: u32, elapsed: Duration) -> Outcome<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let behind_name = stat.rsplit(')').next().ok_or("no name in the process's stat")?;
        let fields: Vec<&str> = behind_name.split_whitespace().collect();
        let ticks = |index: usize| -> Outcome<f64> {
            Ok(fields.get(index).ok_or("a short stat")?.parse::<u64>()? as f64)
        };
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let bytes = |name: &str| -> Outcome<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|text| text.trim().strip_suffix(" kB"));
            Ok(kilobytes.ok_or("a short status")?.parse::<u64>()? * 1_024)
        };
        Ok(Self {
            cpu_seconds: (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND,
            elapsed,
            resident_bytes: bytes("VmHWM:")?,
            now_resident_bytes: bytes("VmRSS:")?,
        })
    }

    /// What was spent since an earlier look.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            cpu_seconds: self.cpu_seconds - earlier.cpu_seconds,
            elapsed: self.elapsed.saturating_sub(earlier.elapsed),
            ..*self
        }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cpu_seconds, elapsed, resident_bytes, .. } = self;
        let megabytes = resident_bytes / 1_000_000;
        write!(f, "{cpu_seconds:6.2} s CPU  {:6.2} s  {megabytes:5} MB", elapsed.as_secs_f64())
    }
}

/// The middle of some numbers.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}
