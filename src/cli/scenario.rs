//! `chunfeng scenario`: the events of the springs for anyone's own use, into a file or a Kafka.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use clap::Args;

use super::producer::Producer;
use super::progress;
use crate::error::{Error, ErrorKind, Result};
use crate::scenario::{Delivery, Springs, copies};

/// Write the events of the springs for your own use.
#[derive(Args)]
pub struct Scenario {
    /// Where to: a file, one event a line; `-`; or kafka://HOST:PORT, whose topics must exist.
    #[arg(long, value_name = "FILE|URL")]
    out: String,
    /// So many times over, each with workers and enterprises of its own; takes some ten megabytes of memory a time.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    scale: u32,
    /// The same seed gives the same bytes.
    #[arg(long, value_name = "S", default_value_t = Springs::default().seed)]
    seed: u64,
    /// Only what goes to this topic, such as hr.workers.
    #[arg(long, value_name = "TOPIC")]
    topic: Option<String>,
}

impl Scenario {
    pub fn run(&self) -> Result<()> {
        let springs = Springs { seed: self.seed, ..Springs::default() };
        let is_wanted =
            |delivery: &Delivery| self.topic.as_deref().is_none_or(|topic| topic == delivery.topic);
        let deliveries = copies(springs, self.scale).filter(is_wanted);
        let sent = match self.out.strip_prefix("kafka://") {
            Some(brokers) => send(brokers, deliveries)?,
            None => write(Path::new(&self.out), deliveries)?,
        };
        eprintln!("{sent} events");
        Ok(())
    }
}

fn send(brokers: &str, deliveries: impl Iterator<Item = Delivery>) -> Result<u64> {
    let producer = Producer::new(brokers)?;
    let bar = progress::counting();
    let mut sent = 0;
    for delivery in deliveries {
        producer.send(&delivery)?;
        sent += 1;
        bar.set_position(sent);
    }
    producer.flush()?;
    bar.finish_and_clear();
    Ok(sent)
}

fn write(path: &Path, deliveries: impl Iterator<Item = Delivery>) -> Result<u64> {
    let cannot = |error: io::Error| {
        let message = format!("cannot write {}", path.display());
        Error::new(ErrorKind::Invalid, message).because(error)
    };
    let out: Box<dyn Write> = match path == Path::new("-") {
        true => Box::new(io::stdout().lock()),
        false => Box::new(File::create(path).map_err(cannot)?),
    };
    let mut out = BufWriter::new(out);
    let mut written = 0;
    for delivery in deliveries {
        out.write_all(&delivery.value).and_then(|()| out.write_all(b"\n")).map_err(cannot)?;
        written += 1;
    }
    out.flush().map_err(cannot)?;
    Ok(written)
}
