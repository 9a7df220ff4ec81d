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
    /// The newest event time in each ledger.
    pub newest: Vec<EventTime>,
}

/// Opens the tables and loads what they remember.
pub async fn recover(engine: &Engine) -> Result<Recovered> {
    let mut shards: Vec<Shard> =
        (0..engine.shards).map(|_| Shard::new(&engine.pipelines, engine.areas)).collect();
    let (mut lakes, mut newest) = (Vec::new(), Vec::new());
    for (lane, pipeline) in engine.pipelines.iter().enumerate() {
        let areas_fingerprint = blake3::Hash::from(engine.areas.fingerprint()).to_hex();
        let identity = Identity::new(pipeline, &areas_fingerprint, engine.key.fingerprint());
        let lake = PipelineLake::open(&engine.lake, pipeline.clone(), &identity).await?;
        lake.recall(engine.areas, &mut Spread { shards: &mut shards, lane }).await?;
        let newest_event = lake.newest_event_time().await?.unwrap_or(EARLIEST);
        let frontier = match engine.as_of {
            AsOf::Clock => engine.clock.now(),
            AsOf::NewestEvent => newest_event,
        };
        shards.iter_mut().for_each(|shard| shard.recount(lane, frontier));
        let published = lake.published(engine.areas).await?;
        lakes.push(LaneLake { lake, published });
        newest.push(newest_event);
    }
    Ok(Recovered { shards, lakes, newest })
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
    fn timeline(&mut self, entity: Token, words: Vec<u64>) {
        let lane = self.lane;
        self.shard(entity).remember(lane, entity, Timeline::from_words(words));
    }

    fn fact(&mut self, entity: Token, head: FactHead, fields: &[u64]) {
        let lane = self.lane;
        self.shard(entity).remember_fact(lane, entity, head, fields);
    }
}
