//! Plays the springs: sends its records at an even pace, moves the clock along, and shows how the rates rise.

use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::broker::Broker;
use super::verdict::figure;
use crate::board::Boards;
use crate::cli::progress;
use crate::clock::ManualClock;
use crate::engine::Stop;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::RecordOutcome;
use crate::scenario::{Springs, deliveries, published};
use crate::spec::Pipeline;
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

/// So many records may be sent and not yet read: a fraction of what the broker keeps.
const AHEAD_MOST: u64 = 8_000;
/// How often the pace is kept and the rates are shown.
const BEAT: Duration = Duration::from_millis(250);
/// So many of the published shares are shown beside the bar: a line has no room for more.
const SHOWN: usize = 3;
/// Everybody is given this long to finish what has been sent.
const PATIENCE: Duration = Duration::from_secs(60);

/// When the clock of the demo starts.
pub fn before_the_springs() -> EventTime {
    EventTime::from_seconds(1_577_836_800) // 2020-01-01T00:00:00Z
}

/// 2022-03-20 00:00 in Enshi, when everything has been delivered.
fn end_of_the_springs() -> EventTime {
    EventTime::from_seconds(1_647_705_600)
}

/// Plays springs to a broker.
pub struct Player<'d> {
    pub broker: &'d Broker,
    pub clock: &'d ManualClock,
    pub boards: &'d Boards,
    pub metrics: &'d EngineMetrics,
    pub pipelines: &'d [Arc<Pipeline>],
}

impl Player<'_> {
    /// Sends the springs in about `length`, then waits until every board shows their end.
    pub fn play(&self, springs: Springs, length: Duration, stop: &Stop) -> Result<()> {
        let total = deliveries(springs).count() as u64;
        let bar = progress::records(total);
        let began = Instant::now();
        let mut last_beat = Instant::now();
        for (sent, delivery) in deliveries(springs).enumerate() {
            let sent = sent as u64;
            self.broker.producer.send(&delivery)?;
            let ahead = Duration::from_secs_f64(length.as_secs_f64() * sent as f64 / total as f64);
            if sent.is_multiple_of(100) && began.elapsed() < ahead {
                sleep(ahead - began.elapsed());
            }
            if last_beat.elapsed() >= BEAT || sent.is_multiple_of(AHEAD_MOST / 4) {
                self.clock.set(EventTime::from_seconds(delivery.recorded_at_seconds));
                self.show(&bar);
                self.wait_for(sent.saturating_sub(AHEAD_MOST), stop)?;
                last_beat = Instant::now();
            }
        }
        self.broker.producer.flush()?;
        self.wait_for(total, stop)?;
        self.clock.set(end_of_the_springs());
        self.wait_for_boards(stop)?;
        self.show(&bar);
        bar.finish();
        Ok(())
    }

    /// Records the engine has read so far.
    fn read(&self) -> u64 {
        let of = |pipeline: &str| {
            RecordOutcome::ALL
                .map(|outcome| self.metrics.records(pipeline, outcome))
                .iter()
                .sum::<u64>()
        };
        self.pipelines.iter().map(|pipeline| of(&pipeline.name)).sum()
    }

    fn wait_for(&self, records: u64, stop: &Stop) -> Result<()> {
        self.wait_until(stop, || self.read() >= records)
    }

    fn wait_for_boards(&self, stop: &Stop) -> Result<()> {
        let end = end_of_the_springs();
        self.wait_until(stop, || self.boards.all().iter().all(|board| board.as_of >= end))
    }

    fn wait_until(&self, stop: &Stop, done: impl Fn() -> bool) -> Result<()> {
        let began = Instant::now();
        while !done() {
            if stop.is_asked() {
                return Err(Error::new(
                    ErrorKind::Disagreement,
                    "the demo was stopped before its end",
                ));
            }
            if began.elapsed() > PATIENCE {
                return Err(Error::new(
                    ErrorKind::Internal,
                    "the engine does not keep up with the demo",
                ));
            }
            sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn show(&self, bar: &ProgressBar) {
        let boards = self.boards.all();
        let shares = published().iter().filter(|published| published.text.ends_with('%'));
        let rates = shares.take(SHOWN).map(|published| {
            let board = boards.iter().find(|board| board.pipeline.name == published.pipeline);
            let ratio = board.and_then(|board| board.ratio(figure(board, published)?));
            let ratio = ratio.map_or("–".to_owned(), |ratio| format!("{:.1}%", ratio * 100.0));
            format!("{} {ratio}", published.place_zh)
        });
        let day = boards.first().map(|board| board.as_of.plus(8 * 3_600).to_string());
        let day = day.and_then(|day| day.split('T').next().map(str::to_owned)).unwrap_or_default();
        bar.set_position(self.read());
        bar.set_message(format!("{day}  {}", rates.collect::<Vec<_>>().join("  ")));
    }
}
