//! Everything a process needs to go on, from the lake alone: newest roster snapshot, the ledger behind it, and what was
//! published.

use super::committer::LaneLake;
use super::shard::Shard;
use super::{AsOf, Engine};
use crate::error::Result;
use crate::lake::{Identity, PipelineLake, Remembered};
use crate::roster::{FactHead, Timeline, Token};
use crate::time::{EARLIEST, EventTime};

/// Where the engine goes on.
pub struct Recovered {
    /// The shards with their timelines and panes.
    pub shards: Vec<Shard>,
    /// The tables, by lane.
    pub lakes: Vec<LaneLake>,
    /// What the conductor needs to know, by lane.
    pub lanes: Vec<RecoveredLane>,
}

/// One pipeline as recovered.
pub struct RecoveredLane {
    /// The newest event time in the ledger.
    pub newest: EventTime,
    /// Facts that only the ledger holds: the next clean stop writes them to the roster.
    pub facts_behind_roster: u64,
}

/// Opens the tables and loads what they remember.
pub async fn recover(engine: &Engine) -> Result<Recovered> {
    let mut shards: Vec<Shard> =
        (0..engine.shards).map(|_| Shard::new(&engine.pipelines, engine.areas)).collect();
    let (mut lakes, mut lanes) = (Vec::new(), Vec::new());
    for (lane, pipeline) in engine.pipelines.iter().enumerate() {
        let areas_fingerprint = blake3::Hash::from(engine.areas.fingerprint()).to_hex();
        let identity = Identity::new(pipeline, &areas_fingerprint, engine.key.fingerprint());
        let lake = PipelineLake::open(&engine.lake, pipeline.clone(), &identity).await?;
        let mut spread = Spread { shards: &mut shards, lane };
        let facts_behind_roster = lake.recall(engine.areas, &mut spread).await?;
        let newest = lake.newest_event_time().await?.unwrap_or(EARLIEST);
        let frontier = match engine.as_of {
            AsOf::Clock => engine.clock.now(),
            AsOf::NewestEvent => newest,
        };
        shards.iter_mut().for_each(|shard| shard.recount(lane, frontier));
        let published = lake.published(engine.areas).await?;
        lakes.push(LaneLake { lake, published });
        lanes.push(RecoveredLane { newest, facts_behind_roster });
    }
    Ok(Recovered { shards, lakes, lanes })
}

/// Spreads what the lake remembers over the shards.
struct Spread<'s> {
    shards: &'s mut [Shard],
    lane: usize,
}

impl Spread<'_> {
    fn shard(&mut self, entity: Token) -> &mut Shard {
        let shard = entity.shard(self.shards.len());
        &mut self.shards[shard]
    }
}

impl Remembered for Spread<'_> {
    fn timeline(&mut self, entity: Token, timeline: Timeline) {
        let lane = self.lane;
        self.shard(entity).remember(lane, entity, timeline);
    }

    fn fact(&mut self, entity: Token, head: FactHead, fields: &[u64]) {
        let lane = self.lane;
        self.shard(entity).remember_fact(lane, entity, head, fields);
    }
}
