//! What is recalled of a home, from snapshots that are whole, damaged or ahead, and of which facts the panes are told.

use super::*;
use crate::steps::Stepper;

/// What was told, in order: how many timelines, then each fact with whether the panes hold it.
#[derive(Default)]
struct Told {
    counted: Vec<Counted>,
    timelines: usize,
    facts: Vec<(String, InPanes)>,
}

impl Remembered for Told {
    fn counted(&mut self, _: &Home, counted: Counted) -> bool {
        self.counted.push(counted);
        true
    }

    fn timelines(&mut self, _: &Home, timelines: TimelineBatch, _: InPanes) {
        self.timelines += timelines.len();
    }

    fn fact(&mut self, home: &Home, _: Token, _: FactHead, _: &[u64], panes: InPanes) {
        self.facts.push((home.to_string(), panes));
    }
}

async fn told(bench: &Bench, homes: &[Home]) -> (Told, Vec<Recalled>) {
    let lake = bench.open().await.with_panes(&bench.lake).await.unwrap();
    let mut told = Told::default();
    let scope = Scope::Homes(homes.to_vec());
    let (recalled, _) = lake.recall(&scope, &mut told).await.unwrap();
    (told, recalled)
}

fn departed(worker: usize) -> String {
    event(&format!("w{worker}"), "departed", "2022-01-20T00:00:00Z")
}

async fn commit_departed(bench: &Bench, lake: &mut PipelineLake, workers: std::ops::Range<usize>) {
    let (first, values) = (workers.start as i64, workers.map(departed).collect::<Vec<_>>());
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    bench.commit(lake, first, &values).await.unwrap();
}

/// Writes what is recalled of the home as its roster, as of the ledger's version.
async fn snapshot(bench: &Bench, lake: &mut PipelineLake) {
    let recalled = bench.recalled().await;
    let (snapshot, version) = (roster_of(lake, &recalled).await, lake.ledger_version());
    lake.replace_roster(&Scope::Homes(vec![home()]), snapshot, version).await.unwrap();
}

/// Tells the panes table that it has been told everything up to the ledger's version.
async fn tell_panes(lake: &mut PipelineLake) {
    let held = lake.panes_version(&home()).await.unwrap();
    let advance = PanesAdvance { held, from: held, rows: PaneRows::default() };
    let reached = Reached { frontier: EARLIEST, ledger: lake.ledger_version() };
    lake.commit_panes(&BTreeMap::from([(home(), advance)]), reached).await.unwrap();
}

async fn lake_with_panes(bench: &Bench) -> PipelineLake {
    bench.open().await.with_panes(&bench.lake).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_says_what_its_timelines_add_up_to_to_whoever_counts_alike() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    commit_departed(&bench, &mut lake, 0..12).await;
    let returned = ["w3", "w5"].map(|worker| event(worker, "returned", "2022-02-10T09:00:01Z"));
    bench.commit(&mut lake, 12, &returned.each_ref().map(String::as_str)).await.unwrap();
    snapshot(&bench, &mut lake).await;
    let told = told(&bench, &[home()]).await.0;
    let timelines = bench.recalled().await.into_values();
    let timelines: Vec<_> = timelines.map(|words| Timeline::from_words(&words)).collect();
    let mut stepper = Stepper::new(bench.pipeline.clone());
    let counted = Counted::of(timelines.iter(), &mut stepper, EARLIEST).unwrap();
    // In all and by rail: of each of five measures one pane in, and one out when the season ends or lately is over.
    assert_eq!(counted.rows.len(), 2 * (5 * 2));
    assert_eq!((told.counted, told.timelines), (vec![counted], 12));
    let of_at_most = |panes| {
        let mut stepper = Stepper::new(bench.pipeline.clone());
        Counted::of_at_most(panes, timelines.iter(), &mut stepper, EARLIEST).is_some()
    };
    assert!(of_at_most(20) && !of_at_most(19), "what is too long to be said is not added up");

    let otherwise = bench.counting_otherwise();
    let told = self::told(&otherwise, &[home()]).await.0;
    assert_eq!((told.counted.len(), told.timelines), (0, 12));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_is_recalled_from_its_snapshot_and_the_ledger_behind_it() {
    let bench = Bench::new();
    let mut lake = lake_with_panes(&bench).await;
    commit_departed(&bench, &mut lake, 0..3).await;
    tell_panes(&mut lake).await;
    snapshot(&bench, &mut lake).await;
    commit_departed(&bench, &mut lake, 3..5).await;
    let (told, recalled) = told(&bench, &[home()]).await;
    assert_eq!(told.timelines, 3);
    assert_eq!(told.facts, vec![(home().to_string(), InPanes::Missing); 2]);
    assert_eq!(recalled[0].panes, Some(LedgerVersion(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_panes_hold_is_told_before_what_they_lack() {
    let bench = Bench::new();
    let mut lake = lake_with_panes(&bench).await;
    commit_departed(&bench, &mut lake, 0..2).await;
    commit_departed(&bench, &mut lake, 2..4).await;
    tell_panes(&mut lake).await;
    commit_departed(&bench, &mut lake, 4..7).await;
    let (told, _) = told(&bench, &[home()]).await;
    let panes: Vec<InPanes> = told.facts.iter().map(|(_, panes)| *panes).collect();
    assert_eq!(panes, [vec![InPanes::Held; 4], vec![InPanes::Missing; 3]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn panes_that_a_roster_is_ahead_of_are_told_everything_anew() {
    let bench = Bench::new();
    let mut lake = lake_with_panes(&bench).await;
    commit_departed(&bench, &mut lake, 0..2).await;
    tell_panes(&mut lake).await;
    commit_departed(&bench, &mut lake, 2..4).await;
    snapshot(&bench, &mut lake).await;
    let (told, recalled) = told(&bench, &[home()]).await;
    assert_eq!(told.timelines, 4);
    let at = Recalled { home: home(), held: Some(LedgerVersion(1)), panes: None };
    assert_eq!(recalled, [at]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_snapshot_is_not_believed_and_the_ledger_tells_everything() {
    let bench = Bench::new();
    let mut lake = lake_with_panes(&bench).await;
    commit_departed(&bench, &mut lake, 0..3).await;
    let before = bench.recalled().await;
    snapshot(&bench, &mut lake).await;
    let file = lake.roster.files().unwrap().remove(0).path;
    let path = bench.folder.as_ref().unwrap().path().join("lake/return-to-work/roster").join(file);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let (told_damaged, _) = told(&bench, &[home()]).await;
    assert_eq!((told_damaged.timelines, told_damaged.facts.len()), (0, 3));
    std::fs::remove_file(&path).unwrap();
    let (told_missing, _) = told(&bench, &[home()]).await;
    assert_eq!((told_missing.timelines, told_missing.facts.len()), (0, 3));
    assert_eq!(bench.recalled().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_snapshot_leaves_those_of_other_homes_as_good_as_they_were() {
    let bench = Bench::new();
    let mut lake = lake_with_panes(&bench).await;
    commit_departed(&bench, &mut lake, 0..3).await;
    let other = Home::Partition(TopicPartition { partition: 4, ..partition() });
    let mut writer = lake.roster_writer(EARLIEST);
    for (home, workers) in [(home(), 1..=3), (other.clone(), 4..=9)] {
        let mut timelines = PackedTimelines::new(Arc::new(Layout::of(lake.pipeline())));
        workers.for_each(|worker| timelines.push(Token([worker; 16]), &Timeline::default()));
        writer.push(&home, &timelines).await.unwrap();
    }
    let (homes, version) = (vec![home(), other], lake.ledger_version());
    let snapshot = writer.finish().await.unwrap();
    lake.replace_roster(&Scope::Homes(homes.clone()), snapshot, version).await.unwrap();
    let files = lake.roster.files().unwrap();
    let of_other = files.iter().find(|file| file.path.starts_with("hr.workers/4/")).unwrap();
    let roster = bench.folder.as_ref().unwrap().path().join("lake/return-to-work/roster");
    std::fs::write(roster.join(&of_other.path), "rows").unwrap();
    let (told, _) = told(&bench, &homes).await;
    assert_eq!((told.counted.len(), told.timelines), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_is_told_nothing_of_others() {
    let bench = Bench::new();
    let mut lake = lake_with_panes(&bench).await;
    commit_departed(&bench, &mut lake, 0..3).await;
    let other = Home::Partition(TopicPartition { partition: 4, ..partition() });
    let (of_other, _) = told(&bench, &[other]).await;
    assert!(of_other.facts.is_empty());
    let (elsewhere, _) = told(&bench, &[Home::Elsewhere]).await;
    assert!(elsewhere.facts.is_empty());
    assert!(lake.refuse_elsewhere().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_snapshot_does_not_replace_a_newer_one() {
    let bench = Bench::new();
    let mut lake = lake_with_panes(&bench).await;
    commit_departed(&bench, &mut lake, 0..2).await;
    let old = (roster_of(&lake, &bench.recalled().await).await, lake.ledger_version());
    commit_departed(&bench, &mut lake, 2..4).await;
    snapshot(&bench, &mut lake).await;
    lake.replace_roster(&Scope::Homes(vec![home()]), old.0, old.1).await.unwrap();
    let (told, _) = told(&bench, &[home()]).await;
    assert_eq!((told.timelines, told.facts.len()), (4, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn panes_of_a_home_that_was_taken_over_are_refused() {
    let bench = Bench::new();
    let (mut owner, mut zombie) = (lake_with_panes(&bench).await, lake_with_panes(&bench).await);
    commit_departed(&bench, &mut owner, 0..2).await;
    tell_panes(&mut owner).await;
    let advance = PanesAdvance::default();
    let reached = Reached { frontier: EARLIEST, ledger: LedgerVersion(1) };
    let advances = BTreeMap::from([(home(), advance)]);
    let late = zombie.commit_panes(&advances, reached).await;
    assert!(matches!(late, Err(LakeError::Fenced { .. })));
}

/// Takes away the log up to the checkpoint that is written here, as upkeep does with an old one.
async fn trim(bench: &Bench, table: &Table, name: &str) {
    table.write_checkpoint().await.unwrap();
    for version in 0..table.version().0 {
        let entry = format!("return-to-work/{name}/_delta_log/{version:020}.json");
        std::fs::remove_file(bench.folder.as_ref().unwrap().path().join("lake").join(entry))
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_has_slept_behind_the_trimmed_log_is_told_everything_anew() {
    struct Nothing;
    impl Followed for Nothing {
        fn moved(&mut self, _: crate::steps::Cell, _: EventTime, _: Moved, _: Reached) {}
    }
    let bench = Bench::new();
    let mut lake = lake_with_panes(&bench).await;
    commit_departed(&bench, &mut lake, 0..2).await;
    tell_panes(&mut lake).await;
    let mut follower = lake_with_panes(&bench).await;
    let at = follower.follow_panes(None, &mut Nothing).await.unwrap();
    for worker in 2..5 {
        commit_departed(&bench, &mut lake, worker..worker + 1).await;
        tell_panes(&mut lake).await;
    }
    trim(&bench, lake.panes.as_ref().unwrap(), "panes").await;
    trim(&bench, &lake.ledger, "ledger").await;

    assert!(!follower.is_described_otherwise().await.unwrap());
    assert_eq!(follower.ledger_version(), lake.ledger_version());
    assert_eq!(follower.follow_panes(at, &mut Nothing).await.unwrap(), None);
    let anew = follower.follow_panes(None, &mut Nothing).await.unwrap();
    assert!(anew > at, "{anew:?} is behind {at:?}");
    assert_eq!(follower.panes_version(&home()).await.unwrap(), Some(lake.ledger_version()));
}
