//! What a replay costs: CPU seconds of `chunfeng replay` over CPU seconds of parsing the same lines with serde_json into a
//! borrowed struct of the wanted fields, both as whole processes, in pairs. Lines are shuffled, a fifth repeated.

use std::env;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::cost::median;
use super::goal::{Goal, Row};
use super::{Outcome, events_file};

/// The kernel counts a process's time in hundredths of a second.
const TICKS_PER_SECOND: f64 = 100.0;

/// The least that any program has to do with these lines.
#[derive(Deserialize)]
struct Wanted<'l> {
    #[serde(borrow, rename = "type")]
    kind: &'l str,
    subject: &'l str,
    time: &'l str,
    source: &'l str,
    #[serde(borrow)]
    data: Option<Data<'l>>,
}

#[derive(Deserialize)]
struct Data<'l> {
    area: Option<&'l str>,
    mode: Option<&'l str>,
}

/// What the other process does.
pub fn parse_lines(file: &Path) -> Outcome<()> {
    let mut reader = BufReader::with_capacity(256 * 1024, File::open(file)?);
    let (mut line, mut seen) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut line)? > 0 {
        let wanted: Wanted = serde_json::from_slice(&line)?;
        let data = wanted.data.as_ref();
        seen += wanted.kind.len() + wanted.subject.len() + wanted.time.len() + wanted.source.len();
        seen += data.and_then(|data| data.area).map_or(0, str::len)
            + data.and_then(|data| data.mode).map_or(0, str::len);
        line.clear();
    }
    println!("{seen} bytes wanted");
    Ok(())
}

/// The row of it.
pub fn rows(events: usize, rounds: usize) -> Outcome<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("events.ndjson");
    let lines = events_file::write(events, &file)?;
    println!("{lines} lines, {} MB", fs::metadata(&file)?.len() / 1_000_000);
    let pipelines = folder.path().join("pipelines");
    fs::create_dir(&pipelines)?;
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/return-to-work.yaml");
    fs::copy(shipped, pipelines.join("return-to-work.yaml"))?;
    let mut ratios = Vec::new();
    for round in 0..rounds {
        let parse = cpu_seconds(Command::new(env::current_exe()?).arg("parse").arg(&file))?;
        let lake = folder.path().join(format!("lake-{round}"));
        let mut replay = Command::new(env!("CARGO_BIN_EXE_chunfeng"));
        replay.arg("replay").arg("--pipelines").arg(&pipelines).arg("--lake").arg(&lake);
        let replay = cpu_seconds(replay.env("XDG_CONFIG_HOME", folder.path()).arg(&file))?;
        println!("parse {parse:.2} s, replay {replay:.2} s, ratio {:.2}", replay / parse);
        ratios.push(replay / parse);
        fs::remove_dir_all(&lake)?;
    }
    Ok(vec![Row {
        what: "CPU an event, NDJSON to all tables, over parsing the lines with serde_json".into(),
        goal: Goal::AtMost(1.5),
        figure: Some(median(ratios)),
        unit: "×",
    }])
}

/// Runs a command to its end and returns the CPU time it took, user and system.
fn cpu_seconds(command: &mut Command) -> Outcome<f64> {
    let before = children_ticks()?;
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if !status.success() {
        return Err(format!("{command:?} ended with {status}").into());
    }
    Ok((children_ticks()? - before) as f64 / TICKS_PER_SECOND)
}

/// CPU time of all children that have ended, from /proc/self/stat.
fn children_ticks() -> Outcome<u64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let behind_name = stat.rsplit(')').next().ok_or("no name in /proc/self/stat")?;
    let fields: Vec<&str> = behind_name.split_whitespace().collect();
    let ticks = |index: usize| -> Outcome<u64> {
        Ok(fields.get(index).ok_or("short /proc/self/stat")?.parse()?)
    };
    Ok(ticks(13)? + ticks(14)?)
}
