//! What the outside sees of a hand-made board: the text of /metrics, the probes, the API.

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use prometheus::core::Collector;

use super::*;
use crate::area::{AreaId, AreaTree};
use crate::board::{Board, Boards, Figure, FigureKey};
use crate::decode::{Reason, TopicPartition};
use crate::lake::RecordOutcome;
use crate::spec::{self, Pipeline, SliceId};
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

const PIPELINE: &str = include_str!("../../pipelines/return-to-work.yaml");

fn areas() -> &'static AreaTree {
    AreaTree::gbt2260()
}

fn pipeline() -> Arc<Pipeline> {
    Arc::new(spec::load_text("p.yaml", PIPELINE).unwrap())
}

fn figure(
    rate: u16,
    area: &str,
    slice: Option<u8>,
    counts: (i64, i64),
    change: &[Option<f64>],
) -> Figure {
    Figure {
        key: FigureKey { rate, area: areas().resolve(area).unwrap(), slice: slice.map(SliceId) },
        numerator: counts.0,
        denominator: counts.1,
        change: change.to_vec(),
        at_midnight: counts,
        last_spring: None,
    }
}

/// Huli as of 21 February 2022, and somebody nobody knows where.
fn board() -> Board {
    Board {
        pipeline: pipeline(),
        as_of: EventTime::parse("2022-02-21T08:00:00+08:00").unwrap(),
        ledger_version: Some(7),
        gone: Vec::new(),
        figures: vec![
            Figure {
                at_midnight: (1_464, 1_494),
                last_spring: Some((970, 1_000)),
                ..figure(0, "350206", None, (146_600, 149_400), &[Some(0.001), Some(-0.02)])
            },
            figure(0, "350206", Some(1), (3, 4), &[None, None]),
            figure(0, "unassigned", None, (1, 0), &[None, None]),
            figure(1, "350206", None, (0, 149_400), &[Some(0.0)]),
            // Those who came back in the last seven days: a count.
            figure(7, "350206", None, (1_200, 0), &[Some(-35.0)]),
        ],
    }
}

fn hung(boards: impl IntoIterator<Item = Board>) -> Arc<Boards> {
    let hung = Boards::default();
    boards.into_iter().for_each(|board| hung.publish(Arc::new(board)));
    Arc::new(hung)
}

/// The text of /metrics with these boards and nothing else.
fn text(boards: Arc<Boards>) -> String {
    let registry = prometheus::Registry::new();
    registry.register(Box::new(BoardCollector::new(boards))).unwrap();
    exposition(&registry).unwrap()
}

#[test]
fn a_board_is_exported_to_the_letter() {
    assert_eq!(text(hung([board()])), include_str!("tests/metrics.txt"));
}

#[test]
fn nothing_is_exported_before_there_is_a_board() {
    assert_eq!(text(hung([])), "");
}

#[test]
fn an_empty_board_tells_its_moment_and_no_ledger() {
    let empty = Board::empty(pipeline(), EventTime::from_seconds(1_645_401_600));
    let text = text(hung([empty]));
    assert!(
        text.contains(
            "chunfeng_board_as_of_timestamp_seconds{pipeline=\"return-to-work\"} 1645401600\n"
        ),
        "{text}"
    );
    assert!(text.contains("chunfeng_board_season_day{pipeline=\"return-to-work\"} 21\n"), "{text}");
    assert_eq!(
        text.lines().filter(|line| !line.starts_with('#') && !line.contains("_info{")).count(),
        3,
        "{text}"
    );
}

#[test]
fn a_new_board_takes_the_old_one_s_place() {
    let newer = Board { ledger_version: Some(8), figures: Vec::new(), ..board() };
    let text = text(hung([board(), newer]));
    assert!(
        text.contains("chunfeng_board_ledger_version{pipeline=\"return-to-work\"} 8\n"),
        "{text}"
    );
    assert!(!text.contains("chunfeng_rate_numerator"), "{text}");
}

/// The engine's metrics, each with a series, and a board's.
fn everything() -> Vec<prometheus::proto::MetricFamily> {
    let metrics = EngineMetrics::new().unwrap();
    let mut lane = metrics.lane("return-to-work");
    lane.count(RecordOutcome::Fact);
    lane.accepted(EventTime::from_seconds(0), EventTime::from_seconds(90));
    lane.count_reject(Reason::Empty);
    lane.flush();
    lane.committed(std::time::Duration::ZERO, EventTime::from_seconds(0));
    metrics.feeds().last_event("p", "/huli", EventTime::from_seconds(0));
    let partition = TopicPartition { topic: "hr.workers".into(), partition: 0 };
    metrics.lag(&partition, 3);
    let collector = BoardCollector::new(hung([board()]));
    metrics.registry().register(Box::new(collector)).unwrap();
    metrics.registry().gather()
}

#[test]
fn every_family_has_a_name_of_its_own_and_says_what_it_is() {
    let families = everything();
    let names: HashSet<&str> = families.iter().map(|family| family.name()).collect();
    assert_eq!(names.len(), families.len());
    assert_eq!(names.iter().filter(|name| name.starts_with("chunfeng_")).count(), 33);
    for family in &families {
        assert!(family.help().ends_with('.'), "{}: {}", family.name(), family.help());
        assert!(!family.get_metric().is_empty(), "{}", family.name());
    }
}

#[test]
fn no_series_is_exported_twice() {
    for family in everything() {
        let mut seen = HashSet::new();
        for metric in family.get_metric() {
            let labels = metric.get_label().iter();
            let labels: Vec<_> =
                labels.map(|pair| (pair.name().to_owned(), pair.value().to_owned())).collect();
            assert!(seen.insert(labels), "{}", family.name());
        }
    }
}

#[test]
fn the_most_series_are_those_of_a_board_where_every_area_has_everything() {
    let pipeline = pipeline();
    let all: Vec<AreaId> = pipeline.areas.ids().collect();
    let dimensions: Vec<_> = pipeline.slices().map(|(_, dimension, _)| dimension).collect();
    let slices: Vec<Option<SliceId>> =
        std::iter::once(None).chain(pipeline.slices().map(|(slice, _, _)| Some(slice))).collect();
    let mut figures = Vec::new();
    for (rate, area, slice) in every_place(pipeline.rates.len(), &all, &slices) {
        let of = &pipeline.rates[usize::from(rate)];
        let is_shown = |slice: SliceId| {
            pipeline.slices_of(of) & (1 << slice.0) != 0
                && dimensions[usize::from(slice.0)].shows(pipeline.areas.level(area))
        };
        if slice.is_some_and(|slice| !is_shown(slice)) {
            continue;
        }
        let change = of.change.iter().map(|_| Some(0.0)).collect();
        let key = FigureKey { rate, area, slice };
        let last_spring = of.season.filter(|_| slice.is_none()).map(|_| (1, 1));
        let at_midnight = (1, 1);
        let (numerator, denominator) = at_midnight;
        figures.push(Figure { key, numerator, denominator, change, at_midnight, last_spring });
    }
    let board = Board { pipeline: pipeline.clone(), figures, ..board() };
    let families = BoardCollector::new(hung([board])).collect();
    let is_of_figures = |name: &str| name.starts_with("chunfeng_rate_") && !name.ends_with("_info");
    let of_rates = families.iter().filter(|family| is_of_figures(family.name()));
    let exported: usize = of_rates.map(|family| family.get_metric().len()).sum();
    assert_eq!(exported, series_most(&pipeline));
    assert!(series_most(&pipeline) < SERIES_MOST);
}

/// Every rate with every area and every slice.
fn every_place(
    rates: usize,
    areas: &[AreaId],
    slices: &[Option<SliceId>],
) -> Vec<(u16, AreaId, Option<SliceId>)> {
    let mut all = Vec::new();
    for rate in 0..rates {
        for area in areas {
            all.extend(slices.iter().map(|slice| (rate as u16, *area, *slice)));
        }
    }
    all
}

/// A server of these boards, asked once for each path: status line and body.
fn asked(boards: Arc<Boards>, pipelines: usize, paths: &[&str]) -> Vec<(String, String)> {
    asked_while(EngineMetrics::new().unwrap(), boards, pipelines, paths)
}

/// The same, of an engine that is doing as these metrics say.
fn asked_while(
    metrics: EngineMetrics,
    boards: Arc<Boards>,
    pipelines: usize,
    paths: &[&str],
) -> Vec<(String, String)> {
    let collector = BoardCollector::new(boards.clone());
    metrics.registry().register(Box::new(collector)).unwrap();
    let serving = Serving { boards, metrics: Arc::new(metrics), pipelines };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(bind(([127, 0, 0, 1], 0).into())).unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let served = runtime.spawn(serve(listener, serving, async move { _ = ended.await }));
    let answers = paths.iter().map(|path| ask(address, path)).collect();
    end.send(()).unwrap();
    runtime.block_on(served).unwrap().unwrap();
    answers
}

fn ask(address: std::net::SocketAddr, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

#[test]
fn a_lake_that_fails_is_said_where_orchestrators_look() {
    let metrics = EngineMetrics::new().unwrap();
    metrics.lake_fails("table p/ledger: cannot commit, the storage fails: no room");
    let answers = asked_while(metrics, hung([board()]), 1, &["/readyz", "/healthz", "/metrics"]);
    assert_eq!(answers[0].0, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(
        answers[0].1,
        "the lake fails, and is waited for: table p/ledger: cannot commit, the storage fails: no room\n"
    );
    assert_eq!(answers[1].0, "HTTP/1.1 200 OK", "it is not dead: restarting it would not help");
    assert!(answers[2].1.contains("\nchunfeng_lake_failing 1\n"), "{}", answers[2].1);

    let metrics = EngineMetrics::new().unwrap();
    metrics.lake_fails("no room");
    metrics.lake_works();
    let answers = asked_while(metrics, hung([board()]), 1, &["/readyz", "/metrics"]);
    assert_eq!(answers[0].0, "HTTP/1.1 200 OK");
    assert!(answers[1].1.contains("\nchunfeng_lake_failing 0\n"));
    assert!(answers[1].1.contains("\nchunfeng_lake_failures_total 1\n"));
}

#[test]
fn ready_is_said_once_a_board_hangs_for_every_pipeline() {
    let ready = |boards, pipelines| asked(boards, pipelines, &["/readyz", "/healthz"]);
    let (before, lives) = (&ready(hung([]), 1)[0].clone(), ready(hung([]), 1)[1].clone());
    assert_eq!(before.0, "HTTP/1.1 503 Service Unavailable");
    assert_eq!(before.1, "no board yet: recovering from the lake\n");
    assert_eq!(lives, ("HTTP/1.1 200 OK".to_owned(), "ok\n".to_owned()));
    assert_eq!(ready(hung([board()]), 1)[0], ("HTTP/1.1 200 OK".to_owned(), "ready\n".to_owned()));
    assert_eq!(ready(hung([board()]), 2)[0].0, "HTTP/1.1 503 Service Unavailable");
}

#[test]
fn the_api_gives_the_rows_that_the_filters_admit() {
    let paths = [
        "/api/v1/rates",
        "/api/v1/rates?rate=settled_rate",
        "/api/v1/rates?area=350206&rate=return_rate",
        "/api/v1/rates?pipeline=return-to-work&area=unassigned",
        "/api/v1/rates?pipeline=other",
    ];
    let answers = asked(hung([board()]), 1, &paths);
    let rows = |answer: &(String, String)| {
        serde_json::from_str::<Vec<serde_json::Value>>(&answer.1).unwrap()
    };
    let counts: Vec<usize> = answers.iter().map(|answer| rows(answer).len()).collect();
    assert_eq!(counts, [5, 1, 2, 1, 0]);
    assert_eq!(
        rows(&answers[3])[0],
        serde_json::json!({
            "pipeline": "return-to-work", "rate": "return_rate", "area": "unassigned", "area_name": "未归属",
            "level": "unassigned", "dimension": null, "value": null, "as_of": "2022-02-21T00:00:00Z",
            "numerator": 1, "denominator": 0, "unit": "person", "denominator_unit": "person",
            "ratio": null, "change": { "1h": null, "24h": null }
        })
    );
    let sliced = &rows(&answers[2])[1];
    assert_eq!(
        (&sliced["dimension"], &sliced["value"], &sliced["ratio"]),
        (&"mode".into(), &"rail".into(), &0.75.into())
    );
}

#[test]
fn what_the_boards_are_of_is_told_with_definitions_and_units() {
    let answers = asked(hung([board()]), 1, &["/api/v1/pipelines"]);
    let told: serde_json::Value = serde_json::from_str(&answers[0].1).unwrap();
    let pipeline = &told[0];
    assert_eq!(pipeline["pipeline"], "return-to-work");
    assert_eq!(pipeline["season"], serde_json::json!({ "year": 2022, "day": 21 }));
    let rate = &pipeline["rates"][0];
    assert_eq!((&rate["rate"], &rate["title"]["zh"]), (&"return_rate".into(), &"返岗率".into()));
    assert!(rate["definition"]["en"].as_str().unwrap().starts_with("Share of the workers"));
    assert_eq!(rate["numerator"]["en"], "Workers back at their posts");
    assert_eq!((&rate["unit"]["zh"], &rate["is_share"]), (&"人".into(), &true.into()));
    assert_eq!((&rate["better"], &rate["minimum_sample"]), (&"higher".into(), &100.into()));
    assert_eq!(pipeline["rates"][3]["denominator"], serde_json::Value::Null, "stayers are a count");
    assert_eq!(pipeline["dimensions"][0]["values"][0]["title"]["en"], "Air");
}

#[test]
fn a_filter_that_does_not_exist_is_refused() {
    let answers =
        asked(hung([board()]), 1, &["/api/v1/rates?areas=350206", "/nowhere", "/", "/metrics"]);
    let statuses: Vec<&str> = answers.iter().map(|answer| answer.0.as_str()).collect();
    let (bad, missing, ok) =
        ("HTTP/1.1 400 Bad Request", "HTTP/1.1 404 Not Found", "HTTP/1.1 200 OK");
    assert_eq!(statuses, [bad, missing, ok, ok]);
    let of_boards = ["chunfeng_area_", "chunfeng_board_", "chunfeng_pipeline_", "chunfeng_rate_"];
    let is_of_boards = |line: &&str| of_boards.iter().any(|prefix| line.contains(prefix));
    let exported: Vec<&str> = answers[3].1.lines().filter(is_of_boards).collect();
    let expected: Vec<&str> = include_str!("tests/metrics.txt").lines().collect();
    assert_eq!(exported, expected);
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(bind(address)).unwrap_err();
    assert_eq!(error.kind(), crate::error::ErrorKind::Invalid);
    assert!(error.to_string().starts_with(&format!("cannot listen on {address}: ")), "{error}");
}
