//! An epoch may end at any moment of a recall, and a roster be written. The panes table is told what moved all the same,
//! and told it once.

use std::sync::Arc;

use super::*;
use crate::decode::{Key, PseudonymScheme};
use crate::engine::Publication;
use crate::engine::shard::RecallId;
use crate::engine::tests::world::{DEPARTED, HERE, Shards, Told, area, return_to_work, time, tree};
use crate::lake::{Followed, Identity, Lake, Moved};
use crate::roster::Token;
use crate::telemetry::EngineMetrics;

/// How many have departed in the whole of a panes table, over all measures and areas.
#[derive(Default)]
struct Entries(i64);

impl Followed for Entries {
    fn moved(&mut self, _: Cell, _: EventTime, moved: Moved, _: Reached) {
        self.0 += moved.entries - moved.exits;
    }
}

struct Bench {
    _folder: tempfile::TempDir,
    lane: CommitterLane,
    shards: Shards,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = Lake::at(&folder.path().join("lake").to_string_lossy()).unwrap();
        let pipeline = return_to_work();
        let key = Arc::new(Key::new(&[7; 32], PseudonymScheme::Blake3));
        let identity = Identity::new(&pipeline, "areas", key.fingerprint());
        let lake = PipelineLake::open(&at, pipeline.clone(), &identity).await.unwrap();
        let lake = lake.with_panes(&at).await.unwrap();
        let published = lake.published(tree()).await.unwrap();
        let metrics = EngineMetrics::new().unwrap().lane(&pipeline.name);
        let homes = Homes::default();
        assert_eq!(homes.id(&home()), HERE);
        let mut shards = Shards::at(&pipeline, 2, Publication::Panes, time("2022-01-01T00:00:00Z"));
        shards.expect(HERE, RecallId(1));
        let lane = CommitterLane::new(LaneLake { lake, published }, metrics, homes);
        Self { _folder: folder, lane, shards }
    }

    fn recall(&mut self, workers: std::ops::Range<u8>) {
        let departed = workers.map(|worker| Told {
            entity: Token([worker; 16]),
            time: time("2022-01-25T09:00:00+08:00"),
            kind: DEPARTED,
            retracts: false,
            area: Some(area("350206")),
            fields: Vec::new(),
        });
        let departed: Vec<Told> = departed.collect();
        self.shards.recall_home(HERE, RecallId(1), &[], &departed);
    }

    async fn end_epoch(&mut self) {
        let at = time("2022-03-01T00:00:00+08:00");
        let closing = CommitterLane::merged(self.shards.end_epoch(at, false));
        self.lane.commit_panes(closing, tree(), at).await.unwrap();
    }

    /// Nothing has been told of the home before.
    fn recalled(&mut self) {
        self.lane.recalled(vec![Recalled { home: home(), held: None, panes: None }]);
    }

    async fn told(&self) -> i64 {
        let mut entries = Entries::default();
        let mut lake = self.lane.tables.lake.clone();
        lake.follow_panes(None, tree(), &mut entries).await.unwrap();
        entries.0
    }
}

fn home() -> Home {
    Home::Partition(TopicPartition { topic: "hr.workers".into(), partition: 0 })
}

async fn told_in_one_epoch() -> i64 {
    let mut bench = Bench::new().await;
    bench.recall(0..40);
    bench.recalled();
    bench.end_epoch().await;
    bench.told().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recalled_before_an_epoch_ends_is_told_when_the_recall_is_over() {
    let mut bench = Bench::new().await;
    bench.recall(0..25);
    bench.end_epoch().await;
    assert_eq!(bench.told().await, 0, "nobody knows yet where the panes stand");
    bench.recall(25..40);
    bench.end_epoch().await;
    bench.recalled();
    bench.end_epoch().await;
    bench.end_epoch().await;
    let told = bench.told().await;
    assert!(told >= 40, "forty have departed");
    assert_eq!(told, told_in_one_epoch().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recalled_of_a_home_that_was_given_up_meanwhile_is_never_told() {
    let mut bench = Bench::new().await;
    bench.recall(0..25);
    bench.end_epoch().await;
    bench.lane.revoked(&[TopicPartition { topic: "hr.workers".into(), partition: 0 }]);
    bench.shards.forget(HERE);
    bench.shards.expect(HERE, RecallId(1));
    bench.recall(0..40);
    bench.recalled();
    bench.end_epoch().await;
    assert_eq!(bench.told().await, told_in_one_epoch().await);
}
