//! How many instructions a fixed replay takes, beside the committed figure:
//! `CARGO_PROFILE_DEV_OPT_LEVEL=1 cargo bench --profile dev --bench instructions`.
//!
//! Time is noisy, this is not: two counts of the same build differ by a thousandth. The figure in `benches/instructions.txt` is of
//! a build that is quickly made, with a little of the optimizer and with debug checks: it shows that a change made the
//! path longer, not what the path costs. Fails where the count is off by more than 5 %, either way: a gain that is not
//! written down can be lost unseen. `-- --accept` writes it down. Where the instructions went, `callgrind_annotate` tells
//! from the file that is named.

#[path = "goals/events_file.rs"]
mod events_file;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Enough that a start is a small part of it.
const EVENTS: usize = 30_000;
/// So much more or less is another figure.
const TOLERANCE: f64 = 0.05;
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    if !cfg!(debug_assertions) {
        return Err("the committed figure is of the dev profile: see the head of this file".into());
    }
    let counted = counted_an_event()?;
    if std::env::args().any(|argument| argument == "--accept") {
        fs::write(COMMITTED, format!("{counted}\n"))?;
        println!("{counted} instructions an event, written to {COMMITTED}");
        return Ok(());
    }
    let committed: u64 = fs::read_to_string(COMMITTED)?.trim().parse()?;
    let more = counted as f64 / committed as f64 - 1.0;
    println!(
        "{counted} instructions an event, {:+.1} % of the committed {committed}",
        100.0 * more
    );
    match more.abs() <= TOLERANCE {
        true => Ok(()),
        false => Err(
            "that is another figure: find out why, and if it is meant, run this with `-- --accept`"
                .into(),
        ),
    }
}

/// Instructions of a whole replay, over its events.
fn counted_an_event() -> Outcome<u64> {
    let folder = tempfile::tempdir()?;
    let events = folder.path().join("events.ndjson");
    let lines = events_file::write(EVENTS, &events)? as u64;
    let pipelines = folder.path().join("pipelines");
    fs::create_dir(&pipelines)?;
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines/return-to-work.yaml");
    fs::copy(shipped, pipelines.join("return-to-work.yaml"))?;
    let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join("instructions.callgrind");
    let output = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .args([env!("CARGO_BIN_EXE_chunfeng"), "replay", "--pipelines"])
        .arg(&pipelines)
        .arg("--lake")
        .arg(folder.path().join("lake"))
        .arg(&events)
        .env("XDG_CONFIG_HOME", folder.path())
        // Everything in one commit: how many there are must not depend on how slow this is.
        .env("CHUNFENG_COMMIT_INTERVAL", "1h")
        .output()
        .map_err(|error| format!("cannot run valgrind (tests/stack/services/install.sh installs it): {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let collected = told.lines().find_map(|line| line.split_once("Collected : "));
    match collected {
        Some((_, count)) if output.status.success() => {
            println!("callgrind_annotate {}", profile.display());
            Ok(count.trim().parse::<u64>()? / lines)
        }
        _ => Err(format!("the replay ended with {}:\n{told}", output.status).into()),
    }
}
