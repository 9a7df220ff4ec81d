//! A real Prometheus scrapes the demo while it plays, and shows in the end what the API shows; promtool has nothing to
//! add.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::http::{encoded, free_ports, get, get_json};
use crate::process::{Process, within};
use crate::program::{Home, STOP, address};
use crate::services;

/// How long the demo's spring is to take; a debug build may take longer.
const SPRING_SECONDS: &str = "30";
const PLAYED: Duration = Duration::from_secs(300);
const SCRAPED: Duration = Duration::from_secs(60);
const ENTERPRISES: &str = "enterprise-restart";

/// The labels that tell the figures of a family apart.
const TOTALS: [&str; 3] = ["pipeline", "rate", "area"];
const SLICES: [&str; 5] = ["pipeline", "rate", "area", "dimension", "value"];

/// A metric's labels and value.
type Figures = BTreeMap<Vec<String>, f64>;

#[test]
fn prometheus_shows_what_the_api_shows() {
    let home = Home::new();
    let mut demo = start_demo(&home);
    let chunfeng = address(&mut demo);
    let (mut prometheus, server) = start_prometheus(&home, chunfeng);
    prometheus.until(SCRAPED, "a rate on its way up", |_| {
        let ratio = *query(server, "chunfeng_rate_ratio", &TOTALS)?.get(&huli())?;
        (ratio > 0.0 && ratio < 0.9).then_some(())
    });
    demo.until(PLAYED, "the spring is over", |demo| {
        demo.printed().contains("still serving").then_some(())
    });
    assert!(!demo.printed().contains('✗'), "{}", demo.printed());

    let rows = get_json(chunfeng, "/api/v1/rates").expect("rates from the API");
    let rows = rows.as_array().expect("a list of rates").clone();
    wait_until_scraped(server, &rows);
    for (suffix, field) in
        [("numerator", "numerator"), ("denominator", "denominator"), ("ratio", "ratio")]
    {
        let totals = format!("chunfeng_rate_{suffix}");
        assert_shown(server, &totals, &TOTALS, &of_api(&rows, field, &TOTALS));
        let slices = format!("chunfeng_rate_by_dimension_{suffix}");
        assert_shown(server, &slices, &SLICES, &of_api(&rows, field, &SLICES));
    }
    let down =
        get_json(server, &format!("/api/v1/query?query={}", encoded("min_over_time(up[5m]) < 1")));
    let down = down.expect("an answer from Prometheus");
    assert_eq!(down["data"]["result"], serde_json::json!([]), "a scrape failed");
    promtool_finds_nothing_wrong(&home, &get(chunfeng, "/metrics").expect("metrics"));
    assert!(demo.terminate(STOP).success(), "{}", demo.log());
}

#[test]
fn promtool_of_prometheus_2_and_3_accepts_the_rules_and_their_tests_pass() {
    let Some(folder) = rules_folder() else {
        return;
    };
    let (rules, tests) = rules_and_tests(&folder);
    assert!(!rules.is_empty(), "no rules in {}", folder.display());
    assert!(!tests.is_empty(), "no tests in {}", folder.display());
    for promtool in [services::tool("promtool"), services::promtool_3()] {
        run(&promtool, &["check", "rules"], &rules);
        run(&promtool, &["test", "rules"], &tests);
    }
}

fn start_demo(home: &Home) -> Process {
    let mut command = home.command(&["demo", "--dir", "spring", "--listen", "127.0.0.1:0"]);
    command.args(["--seconds", SPRING_SECONDS]);
    Process::start("demo", &mut command, &home.path(""))
}

/// Prometheus with the rules that ship, scraping every second, and where it answers.
fn start_prometheus(home: &Home, target: SocketAddr) -> (Process, SocketAddr) {
    let rules = rules_folder().map_or_else(Vec::new, |folder| rules_and_tests(&folder).0);
    started(home, &configuration(target, &rules), &[])
}

/// Prometheus with this configuration and these options, and where it answers.
pub fn started(home: &Home, configuration: &str, options: &[&str]) -> (Process, SocketAddr) {
    let path = home.path("prometheus.yml");
    fs::write(&path, configuration).expect("a configuration for Prometheus");
    let server = SocketAddr::from(([127, 0, 0, 1], free_ports(1)));
    let mut command = Command::new(services::tool("prometheus"));
    command
        .arg(format!("--config.file={}", path.display()))
        .arg(format!("--storage.tsdb.path={}", home.path("tsdb").display()))
        .arg(format!("--web.listen-address={server}"))
        .args(options);
    let mut prometheus = Process::start("prometheus", &mut command, &home.path(""));
    prometheus.until(SCRAPED, "it is ready", |_| get(server, "/-/ready"));
    (prometheus, server)
}

fn configuration(target: SocketAddr, rules: &[PathBuf]) -> String {
    let rules: Vec<String> =
        rules.iter().map(|rule| format!("{:?}", rule.display().to_string())).collect();
    format!(
        "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
         rule_files: [{}]\n\
         scrape_configs:\n\
         - job_name: chunfeng\n\
         \x20 static_configs: [{{ targets: ['{target}'] }}]\n",
        rules.join(", ")
    )
}

/// What Prometheus says of a metric now.
fn query(server: SocketAddr, metric: &str, labels: &[&str]) -> Option<Figures> {
    let answer = get_json(server, &format!("/api/v1/query?query={}", encoded(metric)))?;
    let figure = |series: &Value| {
        let key = labels.iter().map(|label| text(&series["metric"][*label]));
        let value = series["value"][1].as_str()?.parse().ok()?;
        Some((key.collect(), value))
    };
    answer["data"]["result"].as_array()?.iter().map(figure).collect()
}

/// What the API says, totals or slices, whichever the labels are of.
fn of_api(rows: &[Value], field: &str, labels: &[&str]) -> Figures {
    let wanted =
        rows.iter().filter(|row| row["dimension"].is_null() == (labels.len() == TOTALS.len()));
    let figure = |row: &Value| {
        let key = labels.iter().map(|label| text(&row[*label])).collect();
        Some((key, row[field].as_f64()?))
    };
    wanted.filter_map(figure).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn huli() -> Vec<String> {
    ["return-to-work", "return_rate", "350206"].map(str::to_owned).to_vec()
}

/// Waits until Prometheus has seen the boards that hang.
fn wait_until_scraped(server: SocketAddr, rows: &[Value]) {
    let as_ofs: BTreeMap<String, String> =
        rows.iter().map(|row| (text(&row["pipeline"]), text(&row["as_of"]))).collect();
    assert!(as_ofs.contains_key(ENTERPRISES), "{as_ofs:?}");
    within(SCRAPED, "the last boards in Prometheus", || {
        let scraped = query(server, "chunfeng_board_as_of_timestamp_seconds", &["pipeline"])?;
        let is_last = |(pipeline, as_of): (&String, &String)| {
            let seconds = chunfeng::time::EventTime::parse(as_of)?.seconds() as f64;
            (*scraped.get(&vec![pipeline.clone()])? == seconds).then_some(())
        };
        as_ofs.iter().map(is_last).collect::<Option<()>>()
    });
}

fn assert_shown(server: SocketAddr, metric: &str, labels: &[&str], expected: &Figures) {
    let shown = query(server, metric, labels).expect("an answer from Prometheus");
    assert!(!expected.is_empty(), "the API has nothing like {metric}");
    let pairs = expected.iter().map(|(key, value)| (key, *value, shown.get(key)));
    // serde_json reads a number to within its last bit.
    let differs = |(_, value, shown): &(_, f64, Option<&f64>)| {
        shown.is_none_or(|shown| (shown - value).abs() > value.abs() * f64::EPSILON)
    };
    let differences: Vec<_> = pairs.filter(differs).take(5).collect();
    assert!(differences.is_empty(), "{metric}: labels, API, Prometheus: {differences:?}");
    assert_eq!(shown.len(), expected.len(), "{metric} shows more than the API");
}

fn promtool_finds_nothing_wrong(home: &Home, metrics: &str) {
    let path = home.path("metrics.txt");
    fs::write(&path, metrics).expect("the metrics in a file");
    let checked = Command::new(services::tool("promtool"))
        .args(["check", "metrics"])
        .stdin(File::open(&path).expect("the metrics in a file"))
        .output()
        .expect("promtool runs");
    let said = [checked.stdout, checked.stderr].concat();
    assert!(checked.status.success() && said.is_empty(), "{}", String::from_utf8_lossy(&said));
}

fn run(promtool: &Path, command: &[&str], files: &[PathBuf]) {
    let ran = Command::new(promtool).args(command).args(files).output().expect("promtool runs");
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(ran.status.success(), "{} {command:?}: {said}", promtool.display());
}

/// The rules that ship. While there are none yet, only a continuous integration insists on them.
fn rules_folder() -> Option<PathBuf> {
    let folder = services::project().join("docker/prometheus/rules");
    let is_there = folder.is_dir();
    assert!(is_there || std::env::var_os("CI").is_none(), "{} is missing", folder.display());
    if !is_there {
        eprintln!("no rules to check yet: {} is missing", folder.display());
    }
    is_there.then_some(folder)
}

/// The rules in a folder, and the tests of rules, whose names end in `.test.yml`.
fn rules_and_tests(folder: &Path) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("the folder of rules");
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.to_string_lossy().ends_with(".yml")).collect();
    files.sort();
    let is_rule = |path: &PathBuf| !path.to_string_lossy().ends_with(".test.yml");
    files.into_iter().partition(is_rule)
}
