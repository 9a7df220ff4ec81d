//! A Prometheus that knows a whole spring: what the demo exported as it played, put where it happened, in blocks that promtool makes.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::boards::Boards;
use crate::http::{encoded, get, get_json};
use crate::process::{Process, within};
use crate::program::{Home, STOP, address};
use crate::{prometheus, services};

/// How long the demo's spring is to take; a debug build may take longer.
const SECONDS: &str = "40";
const PLAYED: Duration = Duration::from_secs(300);
/// Points of a curve, the last one at the end.
const STEPS: i64 = 120;
/// Whose board tells when it is.
const MOMENT: &str = "chunfeng_board_as_of_timestamp_seconds{pipeline=\"return-to-work\"} ";
/// What a scrape adds to every series.
const SCRAPED_FROM: &str = "instance=\"chunfeng:9898\",job=\"chunfeng\"";
/// What only rules make: an alert on a rate, and one on a silent feed.
const ALERTS: [&str; 2] = [
    r#"ALERTS{alertname="ReturnRateDropped",alertstate="firing",area="350206",level="county",name_en="Huli District",name_zh="湖里区",pipeline="return-to-work",rate="return_rate",severity="warning"}"#,
    r#"ALERTS{alertname="ChunfengFeedSilent",alertstate="firing",feed="/hr/bureau/350206",pipeline="return-to-work",severity="warning"}"#,
];

/// A spring in Prometheus.
pub struct Spring {
    /// Unix seconds of the first and the last scrape.
    pub from: i64,
    pub to: i64,
    server: SocketAddr,
    /// The rows of the last boards.
    pub rows: Vec<Value>,
    /// What they say, as series.
    pub boards: Boards,
    _prometheus: Process,
}

impl Spring {
    /// Plays the demo and fills a Prometheus with it.
    pub fn played(home: &Home) -> Self {
        let mut demo = home.command(&["demo", "--dir", "spring", "--listen", "127.0.0.1:0"]);
        demo.args(["--seconds", SECONDS]);
        let mut demo = Process::start("demo", &mut demo, &home.path(""));
        let chunfeng = address(&mut demo);
        let mut scrapes = Scrapes::default();
        let began = Instant::now();
        while !demo.printed().contains("still serving") {
            assert!(began.elapsed() < PLAYED, "the demo plays on: {}", demo.log());
            scrapes.add(get(chunfeng, "/metrics"), Which::Any);
            sleep(Duration::from_millis(400));
        }
        // Of the same boards: one may still follow.
        let rows = within(PLAYED, "boards that stay", || {
            let before = get_json(chunfeng, "/api/v1/rates")?;
            let scraped = get(chunfeng, "/metrics");
            let is_same = get_json(chunfeng, "/api/v1/rates")? == before;
            is_same.then(|| scrapes.add(scraped, Which::Last)).map(|()| before)
        });
        assert!(demo.terminate(STOP).success(), "{}", demo.log());
        let rows = rows.as_array().expect("rows").clone();
        let (from, to) = scrapes.span();
        let text = home.path("spring.txt");
        fs::write(&text, scrapes.lines.concat() + "# EOF\n").expect("the scrapes in a file");
        let made = Command::new(services::tool("promtool"))
            .args(["tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=2400h"])
            .arg(&text)
            .arg(home.path("tsdb"))
            .output()
            .expect("promtool runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        // Between two scrapes lies about a day.
        let options = ["--storage.tsdb.retention.time=100y", "--query.lookback-delta=3d"];
        let (prometheus, server) = prometheus::started(home, "global: {}\n", &options);
        let boards = Boards::of(&rows, &home.lake("spring/lake"));
        Self { from, to, server, rows, boards, _prometheus: prometheus }
    }

    /// What Prometheus says at the end of the spring, of the last scrape alone.
    pub fn instant(&self, expression: &str) -> Vec<Value> {
        let (time, query) = (self.to, encoded(expression));
        let path = format!("/api/v1/query?time={time}&lookback_delta=1s&query={query}");
        self.asked(&path, expression)["result"].as_array().cloned().unwrap_or_default()
    }

    /// What it says all along.
    pub fn range(&self, expression: &str) -> Vec<Value> {
        let step = (self.to - self.from) / STEPS;
        let path = format!(
            "/api/v1/query_range?start={}&end={}&step={step}&query={}",
            self.to - STEPS * step,
            self.to,
            encoded(expression)
        );
        self.asked(&path, expression)["result"].as_array().cloned().unwrap_or_default()
    }

    /// The values of a label.
    pub fn label_values(&self, label: &str, vector: &str) -> Vec<Value> {
        let path = format!(
            "/api/v1/label/{label}/values?start={}&end={}&match%5B%5D={}",
            self.from,
            self.to + 1, // which is not among them
            encoded(vector)
        );
        self.asked(&path, vector).as_array().cloned().unwrap_or_default()
    }

    fn asked(&self, path: &str, expression: &str) -> Value {
        let answer = get_json(self.server, path).unwrap_or_default();
        assert_eq!(answer["status"], "success", "{expression}: {answer}");
        answer["data"].clone()
    }
}

/// Which of all scrapes one is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Any,
    Last,
}

/// What was exported at one moment after the other.
#[derive(Default)]
struct Scrapes {
    lines: Vec<String>,
    moments: Vec<i64>,
}

impl Scrapes {
    /// Adds a scrape, unless its board shows no later moment than the last one did. Boards of other pipelines may still come
    /// behind that: the last scrape is put behind all others.
    fn add(&mut self, scraped: Option<String>, which: Which) {
        let Some(text) = scraped else { return };
        let moment = text.lines().find_map(|line| line.strip_prefix(MOMENT));
        let Some(moment) = moment.and_then(|seconds| seconds.parse::<f64>().ok()) else { return };
        let moment = match (moment as i64, self.moments.last()) {
            (moment, Some(last)) if moment > *last => moment,
            (_, Some(last)) if which == Which::Last => last + 60,
            (_, Some(_)) => return,
            (moment, None) => moment,
        };
        self.moments.push(moment);
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let further = ALERTS.iter().map(|alert| format!("{alert} 1")).chain(["up 1".to_owned()]);
        let samples: Vec<String> = samples.map(str::to_owned).chain(further).collect();
        self.lines.extend(samples.iter().filter_map(|sample| {
            let (series, value) = sample.rsplit_once(' ')?;
            let labelled = match series.strip_suffix('}') {
                _ if series.starts_with("ALERTS") => series.to_owned(),
                Some(labels) => format!("{labels},{SCRAPED_FROM}}}"),
                None => format!("{series}{{{SCRAPED_FROM}}}"),
            };
            Some(format!("{labelled} {value} {moment}\n"))
        }));
    }

    fn span(&self) -> (i64, i64) {
        assert!(self.moments.len() >= 10, "{} scrapes are no curve", self.moments.len());
        (self.moments[0], self.moments[self.moments.len() - 1])
    }
}
