//! The scenario's events as NDJSON: the same ones every time, shuffled, a fifth of them repeated.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use ::chunfeng::scenario::{Workload, WorkloadOptions};

/// Writes about so many events; returns how many lines they are.
pub fn write(events: usize, file: &Path) -> io::Result<usize> {
    let options = WorkloadOptions { duplicates: 0.2, shuffled: true, ..WorkloadOptions::default() };
    let workload = Workload::new(2022, Workload::workers_for(events, options), options);
    let mut out = BufWriter::new(File::create(file)?);
    let (mut line, mut lines) = (Vec::new(), 0);
    for event in workload.events() {
        line.clear();
        workload.write_line(event, &mut line);
        line.push(b'\n');
        out.write_all(&line)?;
        lines += 1;
    }
    out.flush()?;
    Ok(lines)
}
