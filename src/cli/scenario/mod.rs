//! `chunfeng scenario`: the events of the springs for anyone's own use, into a file or a Kafka.

mod moved;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Args;

use super::producer::Producer;
use super::progress;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
use crate::scenario::{Delivery, Springs, copies};
use crate::time::{EventTime, parse_duration_seconds};

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
    /// As if its last record were of this moment, all others as long before it as they are.
    #[arg(long, value_name = "TIME|now", value_parser = until)]
    until: Option<Until>,
    /// Not all at once but evenly over so long: 10m.
    #[arg(long, value_name = "TIME", value_parser = length)]
    over: Option<Duration>,
    /// Instead of the springs, that so many of the workers who came back leave again, at the moment of --until.
    #[arg(long, value_name = "N", conflicts_with = "over")]
    leave_again: Option<usize>,
}

/// When the last record is of.
#[derive(Clone, Copy)]
enum Until {
    Now,
    Moment(EventTime),
}

fn until(text: &str) -> std::result::Result<Until, String> {
    match text {
        "now" => Ok(Until::Now),
        text => super::rates::moment(text).map(Until::Moment),
    }
}

fn length(text: &str) -> std::result::Result<Duration, String> {
    let seconds = parse_duration_seconds(text).and_then(|seconds| u64::try_from(seconds).ok());
    seconds.map(Duration::from_secs).ok_or_else(|| "write a length of time: 30s, 10m".to_owned())
}

impl Scenario {
    pub fn run(&self) -> Result<()> {
        let deliveries = self.deliveries();
        let sent = match self.out.strip_prefix("kafka://") {
            Some(brokers) => send(brokers, deliveries)?,
            None => write(Path::new(&self.out), deliveries)?,
        };
        eprintln!("{sent} events");
        Ok(())
    }

    fn deliveries(&self) -> Box<dyn Iterator<Item = Delivery>> {
        let until = self.until.map(|until| match until {
            Until::Now => SystemClock.now(),
            Until::Moment(moment) => moment,
        });
        if let Some(workers) = self.leave_again {
            let moment = until.unwrap_or_else(|| self.last());
            let leaves = move |delivery: Delivery| moved::leaves_again(&delivery, moment);
            let mut known = HashSet::new();
            let is_another = move |left: &Delivery| known.insert(left.key);
            return Box::new(self.wanted().filter_map(leaves).filter(is_another).take(workers));
        }
        let later = until.map_or(0, |until| until.seconds() - self.last().seconds());
        let told = self.wanted().map(move |delivery| moved::later(delivery, later));
        match self.over {
            Some(over) => Box::new(evenly(told, self.wanted().count(), over)),
            None => Box::new(told),
        }
    }

    fn wanted(&self) -> impl Iterator<Item = Delivery> + use<> {
        let wanted = self.topic.clone();
        let is_wanted =
            move |delivery: &Delivery| wanted.as_ref().is_none_or(|topic| topic == delivery.topic);
        self.springs().filter(is_wanted)
    }

    /// When the last of all records was written.
    fn last(&self) -> EventTime {
        let last = self.springs().map(|delivery| delivery.recorded_at_seconds).max();
        EventTime::from_seconds(last.unwrap_or_default())
    }

    fn springs(&self) -> impl Iterator<Item = Delivery> + use<> {
        copies(Springs { seed: self.seed, ..Springs::default() }, self.scale)
    }
}

/// Each when its turn has come: about so many over so long.
fn evenly(
    deliveries: impl Iterator<Item = Delivery>,
    count: usize,
    over: Duration,
) -> impl Iterator<Item = Delivery> {
    let began = Instant::now();
    deliveries.enumerate().map(move |(index, delivery)| {
        let due = over.mul_f64(index as f64 / count.max(1) as f64);
        sleep(due.saturating_sub(began.elapsed()));
        delivery
    })
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
