//! A lake in a bucket holds what a lake in a folder does: through kills, and through a store that throttles, hangs and
//! loses answers.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;

use crate::kafka::{
    COMES_BACK, Delivered, PARTITIONS, assert_clean_log, assert_every_record_is_one_row,
    assert_rates_are_those_of_one_replay, broker_with_topics, run_until_killed, wait_for_commit,
    wait_until_committed,
};
use crate::load::{MOMENTS, workload, write_enterprises, write_file};
use crate::meddler::{Meddler, Mood};
use crate::object_store::Bucket;
use crate::process::Process;
use crate::program::{Home, STOP, address};
use crate::{http, python};

const SEED: u64 = 20_220_301;
const KILLS: usize = 2;
const EVENTS: usize = 60_000;
/// From a spoilt store to a lake that is said to fail, and back: a few requests that run out of time.
const TOLD: Duration = Duration::from_secs(60);

#[test]
fn a_lake_in_a_bucket_that_is_killed_twice_gives_the_rates_of_one_in_a_folder() {
    let (home, bucket) = (Home::new(), Bucket::start());
    let live = home.lake_in(&bucket, "live");
    let workload = workload(SEED, EVENTS);
    let broker = broker_with_topics();
    let mut delivered = Delivered::new(&workload, &broker);

    for kill in 0..KILLS {
        let (name, pause) = (format!("run-{kill}"), Duration::from_millis(700 * kill as u64));
        run_until_killed(&name, &live, &mut delivered, EVENTS / 3, pause, &COMES_BACK);
    }
    let mut last = live.run("run-last", &broker, &COMES_BACK);
    delivered.send(usize::MAX);
    wait_until_committed(&mut last, &live, &broker);
    assert!(last.terminate(STOP).success(), "{}", last.log());
    assert_clean_log(&last);
    assert_every_record_is_one_row(&live, &broker, PARTITIONS);
    assert_rates_are_those_of_one_replay(&home, &live, &workload);
}

#[test]
fn a_replay_into_a_bucket_shows_the_same_bytes_as_into_a_folder_and_python_reads_the_same_rows() {
    let (home, bucket) = (Home::new(), Bucket::start());
    let (workers, enterprises) = (home.path("workers.ndjson"), home.path("enterprises.ndjson"));
    let workload = workload(SEED + 1, 20_000);
    write_file(&workers, &workload, workload.events());
    write_enterprises(&enterprises);
    let (remote, local) = (home.lake_in(&bucket, "a/deep/lake"), home.lake("lake"));
    for lake in [&remote, &local] {
        lake.replay(&[&workers, &enterprises]);
        lake.replay(&[&workers]); // which is there already
    }
    for moment in MOMENTS.map(Some).into_iter().chain([None]) {
        let (shown, expected) = (remote.rates(moment), local.rates(moment));
        assert!(shown.len() > 1_000, "hardly any rates as of {moment:?}");
        assert!(shown == expected, "the rates as of {moment:?} differ");
    }
    for pipeline in ["return-to-work", "enterprise-restart"] {
        for table in ["ledger", "roster", "rates"] {
            let [shown, expected] = [&remote, &local].map(|lake| {
                let place = lake.path.join(pipeline).join(table);
                python::ask("table.py", &json!({ "table": place, "options": lake.options() }))
            });
            assert!(shown["rows"].as_i64() > Some(0), "{pipeline}/{table}: {shown}");
            // How often a rate was published depends on how long the replay took.
            assert!(
                table == "rates" || shown == expected,
                "{pipeline}/{table}: {shown} {expected}"
            );
        }
    }
}

#[test]
fn a_store_that_throttles_hangs_or_loses_answers_is_waited_for_and_each_record_is_one_row() {
    let (home, bucket) = (Home::new(), Bucket::start());
    let meddler = Meddler::before(bucket.address());
    let live = home.lake_in(&bucket, "live").through(meddler.address());
    let workload = workload(SEED + 2, EVENTS);
    let broker = broker_with_topics();
    let delivered = Delivered::new(&workload, &broker);

    let begin = live.version("return-to-work/ledger");
    let mut run = live.run("run", &broker, &[]);
    delivered.send(EVENTS / 6);
    wait_for_commit(&mut run, &live, begin);
    let surface = address(&mut run);
    for (mood, reason) in [
        (Mood::Throttles, "SlowDown"),
        (Mood::Hangs, "timed out"),
        (Mood::LosesAnswersTo(".parquet"), "cannot write a file"),
    ] {
        meddler.turn(mood);
        delivered.send(EVENTS / 6);
        wait_until_failing(&mut run, surface, mood, reason);
        meddler.turn(Mood::Works);
        wait_until_ready(&mut run, surface);
        wait_until_committed(&mut run, &live, &broker);
    }
    // The commits are there, though nobody says so: found by their names, they are neither repeated nor waited for.
    meddler.turn(Mood::LosesAnswersTo("_delta_log"));
    delivered.send(EVENTS / 6);
    run.until(TOLD, "it finds a commit whose answer was lost", |run| {
        run.log().contains("committed, though no answer said so").then_some(())
    });
    meddler.turn(Mood::Works);
    delivered.send(usize::MAX);
    wait_until_committed(&mut run, &live, &broker);
    wait_until_ready(&mut run, surface);
    assert!(run.terminate(STOP).success(), "{}", run.log());
    assert_clean_log(&run);
    assert_every_record_is_one_row(&live, &broker, PARTITIONS);
    assert_rates_are_those_of_one_replay(&home, &live, &workload);
}

fn wait_until_failing(run: &mut Process, surface: SocketAddr, mood: Mood, reason: &str) {
    run.until(TOLD, &format!("it tells that the store fails: {mood:?}"), |_| {
        let (status, told) = http::ask(surface, "GET", "/readyz")?;
        let is_told = status == 503 && told.contains(reason);
        (is_told && is_failing(surface)? == "1").then_some(())
    });
}

fn wait_until_ready(run: &mut Process, surface: SocketAddr) {
    run.until(TOLD, "the store works again", |_| {
        http::get(surface, "/readyz")?;
        (is_failing(surface)? == "0").then_some(())
    });
}

fn is_failing(surface: SocketAddr) -> Option<String> {
    let metrics = http::get(surface, "/metrics")?;
    let failing = metrics.lines().find_map(|line| line.strip_prefix("chunfeng_lake_failing "));
    failing.map(str::to_owned)
}
