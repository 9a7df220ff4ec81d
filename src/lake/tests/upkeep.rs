//! Upkeep beside everybody else: rows move from file to file, and nobody who commits, publishes or reads is disturbed.

use std::collections::HashSet;

use super::*;

/// Puts the rows of every file of a table into one, as upkeep that left its transaction at `from`.
async fn rewritten(table: &mut Table, from: Option<i64>) -> Result<(), LakeError> {
    rewritten_by("return-to-work/upkeep", table, from).await
}

async fn rewritten_by(owner: &str, table: &mut Table, from: Option<i64>) -> Result<(), LakeError> {
    let (mut old, mut batches) = (HashSet::new(), Vec::new());
    for file in table.files().unwrap() {
        let bytes = table.read(&file).await.unwrap();
        batches.extend(parquet_file::decode_all(bytes.unwrap()).unwrap());
        old.insert(file.path);
    }
    let new = table.put_file(Some(("dt", "2022-03-01".to_owned())), "", batches).await.unwrap();
    let app_id = owner.to_owned();
    let owner = TransactionMove { app_id, from, to: from.unwrap_or(0) + 1 };
    table.rewrite(&old, &[new], &owner).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_owns_every_partition_commits_on_beside_a_rewrite() {
    let bench = Bench::new();
    let (mut lake, mut upkeep) = (bench.open().await, bench.open().await);
    bench.commit(&mut lake, 0, &["a", "b"]).await.unwrap();
    upkeep.ledger.catch_up().await.unwrap();
    rewritten(&mut upkeep.ledger, None).await.unwrap();
    bench.commit(&mut lake, 2, &["c"]).await.unwrap();
    let rejects = bench.open().await.rejects().await.unwrap();
    assert_eq!(rejects.iter().map(|reject| reject.offset.0).collect::<Vec<_>>(), [0, 1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewrite_succeeds_beside_commits_and_a_takeover_behind_it_is_still_refused() {
    let bench = Bench::new();
    let (mut owner, mut zombie) = (bench.open().await, bench.open().await);
    bench.commit(&mut owner, 0, &["a", "b"]).await.unwrap();
    zombie.ledger.catch_up().await.unwrap();
    let mut upkeep = bench.open().await;
    bench.commit(&mut owner, 2, &["c"]).await.unwrap();
    rewritten(&mut upkeep.ledger, None).await.unwrap();
    let refused = bench.commit(&mut zombie, 2, &["c"]).await;
    assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{refused:?}");
    let refused = bench.commit(&mut zombie, 2, &["c"]).await;
    assert!(matches!(refused, Err(LakeError::Fenced { .. })), "refused once, refused for ever");
    assert_eq!(bench.open().await.rejects().await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_rewrites_what_another_has_rewritten_is_refused() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    bench.commit(&mut lake, 0, &["a"]).await.unwrap();
    bench.commit(&mut lake, 1, &["b"]).await.unwrap();
    let (mut one, mut other, mut third) =
        (bench.open().await, bench.open().await, bench.open().await);
    rewritten(&mut one.ledger, None).await.unwrap();
    let refused = rewritten(&mut other.ledger, None).await;
    assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{refused:?}");
    // It would find every file live, and yet does not know what its rival has done.
    third.ledger.catch_up().await.unwrap();
    let refused = rewritten(&mut third.ledger, None).await;
    assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{refused:?}");
    assert_eq!(bench.open().await.rejects().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_has_put_together_is_not_put_together_again() {
    let bench = Bench::new();
    let mut lake = bench.open().await;
    bench.commit(&mut lake, 0, &["a"]).await.unwrap();
    bench.commit(&mut lake, 1, &["b"]).await.unwrap();
    let (mut other, mut upkeep) = (bench.open().await, bench.open().await);
    rewritten_by("other/program", &mut other.ledger, None).await.unwrap();
    let refused = rewritten(&mut upkeep.ledger, None).await;
    assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{refused:?}");
    assert_eq!(bench.open().await.rejects().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_an_offset_are_no_rewrite() {
    let bench = Bench::new();
    let (mut lake, mut meddler) = (bench.open().await, bench.open().await);
    bench.commit(&mut lake, 0, &["a"]).await.unwrap();
    meddler.ledger.catch_up().await.unwrap();
    let runs = bench.rows(7, &["meddled"]).into_runs(&bench.pipeline).unwrap();
    let files = meddler.put_rows(&runs).await.unwrap();
    meddler.ledger.append(&files, &[], |_| true).await.unwrap();
    let refused = bench.commit(&mut lake, 1, &["b"]).await;
    assert!(matches!(refused, Err(LakeError::Fenced { .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn rates_and_rosters_are_written_beside_a_rewrite_of_their_tables() {
    let bench = Bench::new();
    let (mut lake, mut published) = (bench.open().await, PublishedRates::default());
    for count in 1..4 {
        let board = board_of(&bench, count);
        lake.publish(&board, &mut published, Causes::Unknown, EARLIEST).await.unwrap();
        let mut upkeep = bench.open().await;
        rewritten(&mut upkeep.rates, (count > 1).then_some(count - 1)).await.unwrap();
    }
    assert_eq!(bench.open().await.rates.files().unwrap().len(), 1);

    bench.commit(&mut lake, 0, &[&event("w1", "departed", "2022-01-20T00:00:00Z")]).await.unwrap();
    let before = bench.recalled().await;
    let version = lake.ledger_version();
    for _ in 0..2 {
        let roster = roster_of(&lake, &before).await;
        lake.replace_roster(&Scope::Whole, roster, version).await.unwrap();
        let mut upkeep = bench.open().await;
        let only = upkeep.roster.files().unwrap().remove(0);
        let bytes = upkeep.roster.read(&only).await.unwrap().unwrap();
        let new = upkeep.roster.put_file(None, "", parquet_file::decode_all(bytes).unwrap());
        let (new, owner) = (new.await.unwrap(), "return-to-work/upkeep".to_owned());
        let from = upkeep.roster.transaction(&owner).await.unwrap();
        let owner = TransactionMove { app_id: owner, from, to: from.unwrap_or(0) + 1 };
        upkeep.roster.rewrite(&HashSet::from([only.path]), &[new], &owner).await.unwrap();
    }
    let roster = roster_of(&lake, &before).await;
    lake.replace_roster(&Scope::Whole, roster, version).await.unwrap();
    assert_eq!(bench.open().await.roster.files().unwrap().len(), 1);
    assert_eq!(bench.recalled().await, before);
}

pub fn board_of(bench: &Bench, numerator: i64) -> Board {
    let area = bench.pipeline.areas.resolve("350206").unwrap();
    let key = crate::board::FigureKey { rate: 0, area, slice: None };
    let figure = crate::board::Figure {
        key,
        numerator,
        denominator: 10,
        change: vec![None, Some(-0.5)],
        at_midnight: (0, 0),
        last_spring: None,
    };
    let as_of = EventTime::from_seconds(EARLIEST.seconds() + numerator);
    Board { figures: vec![figure], ..Board::empty(bench.pipeline.clone(), as_of) }
}
