//! What the committer says that it reflects, when others commit in between.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use object_store::memory::InMemory;

use super::EpochLane;
use super::lane::{CommitterLane, LaneLake};
use crate::decode::{Offset, Reason, TopicPartition};
use crate::engine::homes::Homes;
use crate::engine::shard::{EpochId, LaneClosing};
use crate::engine::snapshot::Written;
use crate::engine::tests::world::{return_to_work, time};
use crate::lake::{
    Advance, Home, Identity, InPanes, Lake, LedgerRows, LedgerVersion, PipelineLake,
    PublishedRates, Recalled, Remembered, Scope, Share,
};
use crate::roster::{FactHead, Layout, PackedTimelines, Timeline, TimelineBatch, Token};
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

fn partition(number: i32) -> TopicPartition {
    TopicPartition { topic: "hr.workers".into(), partition: number }
}

fn home(number: i32) -> Home {
    Home::Partition(partition(number))
}

fn now() -> EventTime {
    time("2022-03-01T00:00:00Z")
}

async fn opened(lake: &Lake) -> PipelineLake {
    let pipeline = return_to_work();
    let identity = Identity::new(&pipeline, "key");
    let tables = PipelineLake::open(lake, pipeline, &identity).await.expect("tables");
    tables.with_panes(lake).await.expect("panes")
}

/// An instance that has these partitions, of which nothing is known yet.
async fn instance(lake: &Lake, partitions: &[i32]) -> CommitterLane {
    let metrics = EngineMetrics::new().expect("metrics").lane("return-to-work");
    let tables = LaneLake { lake: opened(lake).await, published: PublishedRates::default() };
    let mut lane = CommitterLane::new(tables, metrics, Homes::default());
    let begins = partitions.iter().map(|number| (partition(*number), None)).collect();
    assert_eq!(lane.assigned(&begins).await.expect("the lake works"), []);
    let recalled =
        partitions.iter().map(|number| Recalled { home: home(*number), held: None, panes: None });
    lane.recalled(recalled.collect());
    lane
}

/// One record of a partition.
fn record(number: i32, offset: i64) -> EpochLane {
    let mut rows = LedgerRows::default();
    rows.push_rejected((&partition(number), Offset(offset), now()), Reason::Empty, vec![7; 40]);
    let from = (offset > 0).then_some(Offset(offset));
    let advance = Advance { from, to: Offset(offset + 1) };
    EpochLane {
        rows,
        advances: BTreeMap::from([(partition(number), advance)]),
        as_of: now(),
        snapshot: None,
    }
}

async fn commit(lane: &mut CommitterLane, epoch: EpochLane) -> Vec<TopicPartition> {
    let lost = lane.commit_ledger(epoch, Share::Part, now()).await.expect("the lake works");
    lane.commit_panes(LaneClosing::default(), now()).await.expect("the lake works");
    lost
}

#[tokio::test(flavor = "multi_thread")]
async fn panes_claim_no_version_to_which_another_has_committed_rows_of_theirs() {
    let lake = Lake::in_store(Arc::new(InMemory::new()));
    let mut one = instance(&lake, &[0, 1]).await;
    let mut other = instance(&lake, &[1]).await;
    assert_eq!(commit(&mut other, record(1, 0)).await, []);
    assert_eq!(commit(&mut one, record(0, 0)).await, [partition(1)], "it is the other's");

    let tables = opened(&lake).await;
    assert_eq!(tables.panes_version(&home(0)).await.expect("a version"), Some(LedgerVersion(2)));
    assert_eq!(tables.panes_version(&home(1)).await.expect("a version"), Some(LedgerVersion(1)));
}

/// Nothing came of what it owns, as far as it knows. What it says of its roster is to hold for what others have committed.
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_instance_that_takes_a_snapshot_looks_first_whether_its_partitions_are_still_its_own()
 {
    let lake = Lake::in_store(Arc::new(InMemory::new()));
    let mut idle = instance(&lake, &[0]).await;
    let mut other = instance(&lake, &[0]).await;
    assert_eq!(commit(&mut other, record(0, 0)).await, []);
    let nothing = |snapshot| EpochLane {
        rows: LedgerRows::default(),
        advances: BTreeMap::new(),
        as_of: now(),
        snapshot,
    };
    let lost = idle.commit_ledger(nothing(None), Share::Part, now()).await;
    assert_eq!(lost.expect("the lake works"), []);
    let scope = Some(Scope::Homes(vec![home(0)]));
    let lost = idle.commit_ledger(nothing(scope), Share::Part, now()).await;
    assert_eq!(lost.expect("the lake works"), [partition(0)]);
}

/// How many timelines the lake recalls.
#[derive(Default)]
struct Timelines(usize);

impl Remembered for Timelines {
    fn timelines(&mut self, _: &Home, timelines: TimelineBatch, _: InPanes) {
        self.0 += timelines.len();
    }

    fn fact(&mut self, _: &Home, _: Token, _: FactHead, _: &[u64], _: InPanes) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_leaves_out_what_turned_out_to_be_another_s_as_it_began() {
    let lake = Lake::in_store(Arc::new(InMemory::new()));
    let mut idle = instance(&lake, &[0, 1]).await;
    let mut other = instance(&lake, &[0]).await;
    assert_eq!(commit(&mut other, record(0, 0)).await, []);
    let scope = Scope::Homes(vec![home(0), home(1)]);
    let (rows, advances) = (LedgerRows::default(), BTreeMap::new());
    let nothing = EpochLane { rows, advances, as_of: now(), snapshot: Some(scope.clone()) };
    let lost = idle.commit_ledger(nothing, Share::Part, now()).await;
    assert_eq!(lost.expect("the lake works"), [partition(0)]);
    idle.snapshot_begins(EpochId(1), scope, &LaneClosing::default());

    let tables = opened(&lake).await;
    let mut writer = tables.roster_writer(now());
    for number in [0, 1] {
        let mut entities = PackedTimelines::new(Arc::new(Layout::of(tables.pipeline())));
        entities.push(Token([number as u8; 16]), &Timeline::default());
        writer.push(&home(number), &entities).await.expect("the lake works");
    }
    let mut written = Written {
        began: EpochId(1),
        holds: EpochId(1),
        disturbed: BTreeSet::new(),
        lanes: BTreeMap::from([(0, writer.finish().await.expect("the lake works"))]),
    };
    idle.commit_snapshot(0, &mut written).await.expect("the lake works");
    for (number, known) in [(0, 0), (1, 1)] {
        let (scope, mut timelines) = (Scope::Homes(vec![home(number)]), Timelines::default());
        let tables = opened(&lake).await;
        tables.recall(&scope, &mut timelines).await.expect("the lake works");
        assert_eq!(timelines.0, known, "of home {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_commit_to_partitions_of_theirs_takes_nothing_away() {
    let lake = Lake::in_store(Arc::new(InMemory::new()));
    let mut one = instance(&lake, &[0]).await;
    let mut other = instance(&lake, &[1]).await;
    for offset in 0..3 {
        assert_eq!(commit(&mut other, record(1, offset)).await, []);
        assert_eq!(commit(&mut one, record(0, offset)).await, []);
    }
    let tables = opened(&lake).await;
    assert_eq!(tables.panes_version(&home(0)).await.expect("a version"), Some(LedgerVersion(6)));
    assert_eq!(tables.panes_version(&home(1)).await.expect("a version"), Some(LedgerVersion(5)));
}
