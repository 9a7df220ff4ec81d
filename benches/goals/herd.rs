//! Many entities with two facts each, made as they are read: a hundred million of them would fill a disk.

use std::io::Write;

use ::chunfeng::area::{AreaTree, Level};
use ::chunfeng::decode::{Offset, RecordBatch, TopicPartition};
use ::chunfeng::engine::{Sink, Source};
use ::chunfeng::error::Result;
use ::chunfeng::lake::Share;
use ::chunfeng::time::EventTime;

const PARTITIONS: u64 = super::PARTITIONS as u64;
/// As many as a batch of Kafka's has.
const BATCH: u64 = 2_000;
/// Midnight of 2022-01-20 in Shanghai.
const FIRST_DEPARTURE: i64 = 1_642_608_000;
const DAY: i64 = 86_400;

/// Every county of the country: workers come from all of them.
pub fn counties() -> Vec<&'static str> {
    let areas = AreaTree::gbt2260();
    let counties = areas.ids().filter(|id| areas.level(*id) == Level::County);
    counties.map(|id| areas.code(id)).collect()
}

/// Whose events, and which.
#[derive(Clone, Copy)]
pub struct Herd {
    /// How many workers.
    pub workers: u64,
    /// How many of them come back, after all have left.
    pub returns: u64,
}

/// What the herd's source tells of itself: called when nothing has been sent, and again when everything is committed.
pub type Told = Box<dyn FnMut(Stage) + Send>;

/// Where the source is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What the lake remembers is there.
    Begun,
    /// So many events have been sent.
    Sent(u64),
    /// Everything is committed.
    Committed,
}

/// Delivers the herd's events behind what the ledger holds.
pub struct HerdSource {
    pub herd: Herd,
    pub told: Told,
}

impl Source for HerdSource {
    fn run(mut self: Box<Self>, sink: Sink) -> Result<()> {
        let partitions: Vec<TopicPartition> = (0..PARTITIONS as i32)
            .map(|partition| TopicPartition { topic: super::TOPIC.into(), partition })
            .collect();
        let assigned = sink.assigned(&partitions, Share::Whole)?;
        let mut awaited = 0;
        while awaited < partitions.len() {
            awaited += sink.newly_ready().len();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        (self.told)(Stage::Begun);
        let mut next: Vec<u64> = partitions
            .iter()
            .map(|partition| assigned.begins.get(partition).copied().flatten())
            .map(|begin| begin.map_or(0, |begin| begin.0 as u64))
            .collect();
        let (mut sent, mut line, counties) = (0, Vec::new(), counties());
        loop {
            let mut is_more = false;
            for (partition, next) in partitions.iter().zip(&mut next) {
                let mut batch = RecordBatch::new(partition.clone());
                while batch.records.len() < BATCH as usize
                    && self.herd.write(&counties, partition.partition as u64, *next, &mut line)
                {
                    let time = EventTime::from_seconds(Herd::RECORDED_SECONDS);
                    batch.push(Offset(*next as i64), time, Some(&line), Vec::new());
                    *next += 1;
                }
                let records = batch.records.len() as u64;
                if records > 0 {
                    is_more = true;
                    sent += records;
                    if !sink.send(batch, assigned.assignment) {
                        return Ok(());
                    }
                }
            }
            (self.told)(Stage::Sent(sent));
            if !is_more {
                break;
            }
        }
        _ = sink.drain(std::time::Duration::from_secs(600));
        (self.told)(Stage::Committed);
        Ok(())
    }
}

impl Herd {
    /// When all of it has happened, as records are stamped.
    pub const RECORDED_SECONDS: i64 = FIRST_DEPARTURE + 40 * DAY;

    /// Writes the event at a place of a partition; `false` behind the last one. Workers come back in another order than they
    /// left in.
    pub fn write(&self, counties: &[&str], partition: u64, place: u64, line: &mut Vec<u8>) -> bool {
        let (leave, back) = (self.workers / PARTITIONS, self.returns / PARTITIONS);
        let (number, kind, at) = match place {
            _ if place < leave => (place, "departed", (place % (14 * DAY as u64)) as i64),
            _ if place < leave + back => {
                let number = ((place - leave) * 7_919) % leave;
                (number, "returned", 14 * DAY + (place % (14 * DAY as u64)) as i64)
            }
            _ => return false,
        };
        let worker = number * PARTITIONS + partition;
        let area = counties[(number * 31 % counties.len() as u64) as usize];
        let origin = 41 + worker % 6;
        let what = match kind {
            "departed" => format!("\"origin\":\"{origin}\""),
            _ => r#""mode":"rail","scope":"inter-province""#.to_owned(),
        };
        let time = EventTime::from_seconds(FIRST_DEPARTURE + at);
        line.clear();
        write!(
            line,
            r#"{{"specversion":"1.0","id":"{kind}-{worker:012}","source":"/hr/bureau/{area}/reporting","type":"cn.hr.worker.{kind}.v1","subject":"worker-{worker:012}","time":"{time}","datacontenttype":"application/json","data":{{"area":"{area}",{what}}}}}"#
        )
        .is_ok()
    }
}
