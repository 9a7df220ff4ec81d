//! Tells the shards what the lake remembers, on a thread of its own, while they go on with what they have.

use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::conductor::ToConductor;
use super::homes::Homes;
use super::shard::{RecallId, Remembrance, ToShard};
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Counted, Home, InPanes, PipelineLake, Recalled, Remembered, Scope};
use crate::roster::{FactBatch, FactHead, HomeId, TimelineBatch, Token};
use crate::spec::column::Value;
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

/// So many facts are handed to a shard at a time.
const TOLD_AT_A_TIME: usize = 4_096;
/// How often progress is logged.
const BETWEEN_WORDS: Duration = Duration::from_secs(5);

/// What to recall of one pipeline.
pub struct LaneRecall {
    /// As it was when the homes were assigned.
    pub lake: PipelineLake,
    /// Which homes.
    pub scope: Scope,
}

/// What came of it.
pub struct Outcome {
    /// By lane: the homes, and where their panes stand.
    pub recalled: Vec<Vec<Recalled>>,
    /// By lane: facts that only the ledger held.
    pub facts_behind_roster: Vec<u64>,
    /// How long it took to tell them.
    pub replayed_in: Duration,
}

/// Begins recalls, and tells the conductor of their end. Those that are under way end with it.
pub struct Recalls {
    recaller: Recaller,
    conductor: SyncSender<ToConductor>,
    spawn: Spawn,
    ends: watch::Sender<()>,
}

/// Has work done beside everything else.
pub type Spawn = Box<dyn Fn(Box<dyn FnOnce() + Send>) -> std::io::Result<()> + Send>;

/// On a thread of its own.
pub fn on_a_thread(work: Box<dyn FnOnce() + Send>) -> std::io::Result<()> {
    thread::Builder::new().name("recall".to_owned()).spawn(work).map(drop)
}

impl Recalls {
    /// Recalls through `recaller`, and answers to the conductor.
    pub fn new(recaller: Recaller, conductor: SyncSender<ToConductor>, spawn: Spawn) -> Self {
        Self { recaller, conductor, spawn, ends: watch::Sender::new(()) }
    }

    /// Recalls everything, here and now.
    pub fn at_once(&self, lanes: Vec<LaneRecall>) -> Result<Outcome> {
        let recaller = &self.recaller;
        recaller.runtime.block_on(recaller.recall(lanes, RecallId::EVERYTHING))
    }

    /// Recalls beside everything else.
    pub fn begin(&self, lanes: Vec<LaneRecall>, recall: RecallId) -> Result<()> {
        let (recaller, conductor) = (self.recaller.clone(), self.conductor.clone());
        let mut ends = self.ends.subscribe();
        let work = move || {
            let outcome = recaller.runtime.clone().block_on(async {
                tokio::select! {
                    outcome = recaller.recall(lanes, recall) => Some(outcome),
                    _ = ends.changed() => None,
                }
            });
            if let Some(outcome) = outcome {
                // The conductor may have ended meanwhile.
                _ = conductor.send(ToConductor::Recalled(recall, outcome));
            }
        };
        (self.spawn)(Box::new(work)).map_err(|error| {
            Error::new(ErrorKind::Internal, "cannot start a thread").because(error)
        })
    }
}

/// Tells the shards what the lake remembers.
#[derive(Clone)]
pub struct Recaller {
    /// By lane: no board is made as of an earlier moment.
    pub frontiers: Vec<EventTime>,
    /// The numbers of homes.
    pub homes: Homes,
    /// Where the shards listen.
    pub shards: Vec<SyncSender<ToShard>>,
    /// What ops see.
    pub metrics: Arc<EngineMetrics>,
    /// Runs the lake's I/O.
    pub runtime: Handle,
}

impl Recaller {
    /// Tells the shards everything, lane by lane. The shards have been told to believe `recall` before.
    async fn recall(&self, lanes: Vec<LaneRecall>, recall: RecallId) -> Result<Outcome> {
        let mut outcome = Outcome {
            recalled: Vec::new(),
            facts_behind_roster: Vec::new(),
            replayed_in: Duration::ZERO,
        };
        let mut told = Told::new(self, recall);
        for (lane, LaneRecall { lake, scope }) in lanes.into_iter().enumerate() {
            (told.lane, told.first_fact) = (lane, None);
            let (recalled, facts) = lake.recall(&scope, &mut told).await?;
            told.flush();
            outcome.recalled.push(recalled);
            outcome.facts_behind_roster.push(facts);
            outcome.replayed_in += told.first_fact.map_or(Duration::ZERO, |first| first.elapsed());
        }
        told.say("recalled");
        Ok(outcome)
    }
}

/// Passes on what the lake tells; gathers facts, by shard, until there are enough of them.
struct Told<'r> {
    recaller: &'r Recaller,
    recall: RecallId,
    lane: usize,
    waiting: Option<Waiting>,
    facts: Vec<FactBatch>,
    entities: u64,
    facts_told: u64,
    began: Instant,
    /// When the first fact of this lane was told: the entities of its snapshots come before.
    first_fact: Option<Instant>,
    said: Instant,
}

/// What everything that waits has in common.
struct Waiting {
    home: Home,
    id: HomeId,
    panes: InPanes,
}

impl<'r> Told<'r> {
    fn new(recaller: &'r Recaller, recall: RecallId) -> Self {
        let shards = recaller.shards.len();
        Self {
            recaller,
            recall,
            lane: 0,
            waiting: None,
            facts: vec![FactBatch::default(); shards],
            entities: 0,
            facts_told: 0,
            began: Instant::now(),
            first_fact: None,
            said: Instant::now(),
        }
    }

    fn turn_to(&mut self, home: &Home, panes: InPanes) {
        let same = |waiting: &Waiting| waiting.home == *home && waiting.panes == panes;
        if !self.waiting.as_ref().is_some_and(same) {
            self.flush();
            let id = self.recaller.homes.id(home);
            self.waiting = Some(Waiting { home: home.clone(), id, panes });
        }
    }

    fn flush(&mut self) {
        for shard in 0..self.recaller.shards.len() {
            self.hand_over_facts(shard);
        }
    }

    fn hand_over_facts(&mut self, shard: usize) {
        let facts = std::mem::take(&mut self.facts[shard]);
        if !facts.is_empty() {
            self.facts_told += facts.len() as u64;
            self.recaller.metrics.recalled(facts.len() as u64);
            self.hand_over(shard, Remembrance::Facts(facts));
        }
    }

    fn hand_over(&mut self, shard: usize, what: Remembrance) {
        let Some(Waiting { id, panes, .. }) = self.waiting else { return };
        let (lane, recall) = (self.lane, self.recall);
        let message = ToShard::Remembered { lane, home: id, recall, panes, what };
        // A shard that has ended ends the engine, which says so.
        _ = self.recaller.shards[shard].send(message);
        if self.said.elapsed() >= BETWEEN_WORDS {
            self.said = Instant::now();
            self.say("recalling from the lake");
        }
    }

    fn say(&self, what: &str) {
        let seconds = self.began.elapsed().as_secs_f64();
        tracing::info!(entities = self.entities, facts = self.facts_told, seconds, "{what}");
    }
}

impl Remembered for Told<'_> {
    fn expect(&mut self, entities: usize) {
        let (lane, shards) = (self.lane, &self.recaller.shards);
        for shard in shards {
            let entities = entities.div_ceil(shards.len());
            _ = shard.send(ToShard::Expect { lane, entities }); // as above
        }
    }

    fn counted(&mut self, home: &Home, counted: Counted) -> bool {
        if self.recaller.frontiers[self.lane] < counted.frontier {
            return false;
        }
        self.turn_to(home, InPanes::Counted);
        // One shard takes the sum of everybody's: a board is the sum of all shards.
        let shard = usize::from(self.recaller.homes.id(home).0) % self.recaller.shards.len();
        self.hand_over(shard, Remembrance::Counted(counted));
        true
    }

    fn timelines(&mut self, home: &Home, timelines: TimelineBatch, panes: InPanes) {
        self.turn_to(home, panes);
        self.entities += timelines.len() as u64;
        self.recaller.metrics.recalled(timelines.len() as u64);
        let (batch, shards) = (Arc::new(timelines), self.recaller.shards.len());
        for shard in 0..shards {
            self.hand_over(shard, Remembrance::Timelines { batch: batch.clone(), shard, shards });
        }
    }

    fn fact(&mut self, home: &Home, entity: Token, head: FactHead, fields: &[u64], panes: InPanes) {
        self.turn_to(home, panes);
        self.first_fact.get_or_insert_with(Instant::now);
        let shard = entity.shard(self.facts.len());
        let fields = fields.iter().map(|word| Value::from_raw(*word as i64));
        self.facts[shard].push(entity, head, fields);
        if self.facts[shard].len() >= TOLD_AT_A_TIME {
            self.hand_over_facts(shard);
        }
    }
}
