//! From an event to a phone that rings: a real Kafka, chunfeng, Prometheus with generated rules, Alertmanager, and a webhook.
//!
//! The spring is played as if it ended now. One county's workers leave again, and the alert has its area, counts and words. Then its
//! feed stops, and the alert on the silent feed takes the place of the one on the rate, until events come again.

use std::fs;
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use chunfeng::clock::{Clock, SystemClock};
use serde_json::Value;

use crate::broker::{Broker, Record, Sender};
use crate::http::{encoded, free_ports, get, get_json};
use crate::kafka::{TOPIC, broker_with_partitions};
use crate::process::{Process, within};
use crate::program::{Home, STOP, address};
use crate::{http_call, prometheus, services};

const HULI: &str = "350206";
const FEED: &str = "/xiamen/huli/hr";
/// What is published: so many of so many are back.
const BACK: f64 = 146_600.0 / 149_400.0;
const START: Duration = Duration::from_secs(90);
/// Commit, scrape, evaluation, grouping: a second each, on a machine that is busy.
const ARRIVES: Duration = Duration::from_secs(60);
/// A spring of workers through a debug build.
const PLAYED: Duration = Duration::from_secs(240);
/// The silence that is allowed, the time it has to hold, and all of the above.
const NOTICED: Duration = Duration::from_secs(180);
const BEAT: Duration = Duration::from_secs(2);
/// How long the rate has to stay low.
const HOLDS: Duration = Duration::from_secs(5);
/// How often rules are evaluated.
const EVALUATION: Duration = Duration::from_secs(1);
/// What is the machine's, which is busy, and not the way's.
const MACHINE: Duration = Duration::from_secs(5);

#[test]
fn an_alert_on_a_rate_comes_with_its_counts_and_a_silent_feed_takes_its_place() {
    let home = Home::new();
    hurried_pipeline(&home);
    let broker = broker_with_partitions(2);
    let lake = home.lake("live");
    let mut run = lake.run_by_the_clock("run", &broker);
    let phone = Phone::listen();
    let (_alertmanager, alertmanager) = start_alertmanager(&home, phone.address);
    let (_prometheus, server) = start_prometheus(&home, address(&mut run), alertmanager);

    let bureau = Bureau { sender: broker.sender() };
    play(&home, &broker, &[]);
    bureau.until(PLAYED, "everybody is back", || (ratio(server)? == BACK).then_some(()));
    assert_eq!(phone.rings_of("area", HULI), Vec::<String>::new());

    play(&home, &broker, &["--leave-again", "9000"]);
    let fallen = bureau.until(ARRIVES, "the rate has fallen in Prometheus", || {
        (ratio(server)? < BACK).then(Instant::now)
    });
    let told = bureau
        .until(ARRIVES, "the alert", || phone.told("firing", "ReturnRateDropped", "area", HULI));
    let late = fallen.elapsed().saturating_sub(HOLDS + 2 * EVALUATION);
    assert!(late < MACHINE, "the alert came {late:?} behind two evaluations");
    // Eleven of them had left before.
    assert_eq!(
        told["annotations"]["summary_zh"],
        "湖里区返岗率 24h 内下降 6.017 个百分点，现为 92.11%（137611/149400）"
    );
    assert_eq!(
        told["annotations"]["summary_en"],
        "Return rate of Huli District fell by 6.017 percentage points within 24h, to 92.11% (137611/149400)"
    );
    assert_eq!(told["annotations"]["runbook_url"], "docs/runbooks/rate-dropped.md");
    assert_eq!(
        (&told["labels"]["level"], &told["labels"]["severity"]),
        (&"county".into(), &"warning".into())
    );
    assert_eq!(phone.rings_of("feed", FEED), Vec::<String>::new());

    // Nothing more is heard of the bureau.
    let told = within(NOTICED, "the alert on the feed", || {
        phone.told("firing", "ChunfengFeedSilent", "feed", FEED)
    });
    let summary = told["annotations"]["summary_zh"].as_str().unwrap();
    assert!(summary.starts_with("来源 /xiamen/huli/hr 已 "), "{summary}");
    within(ARRIVES, "the end of the alert on the rate", || {
        phone.told("resolved", "ReturnRateDropped", "area", HULI)
    });
    bureau.tells_of_a_departure();
    within(ARRIVES, "the end of the silence", || {
        phone.told("resolved", "ChunfengFeedSilent", "feed", FEED)
    });
    assert!(run.terminate(STOP).success(), "{}", run.log());
}

#[test]
fn amtool_accepts_the_configuration_that_ships() {
    let shipped = services::project().join("docker/alertmanager/alertmanager.yml");
    amtool_accepts(&shipped);
    // And with everything in it that is for some: what is commented out and begins with a key is an example.
    let home = Home::new();
    let text = fs::read_to_string(&shipped).expect("the configuration that ships");
    let is_example = |line: &str| {
        let rest = line.strip_prefix("  # ").unwrap_or_default();
        let key = rest.trim_start_matches([' ', '-']).split_once(':');
        let is_word = |key: &str| key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        key.is_some_and(|(key, _)| is_word(key))
    };
    let used = text.lines().map(|line| match is_example(line) {
        true => line.replacen("# ", "", 1),
        false => line.to_owned(),
    });
    let used = used.collect::<Vec<_>>().join("\n");
    assert!(
        used.contains("\n    webhook_configs:\n") && used.contains("\n    email_configs:\n"),
        "{used}"
    );
    let all = home.path("alertmanager.yml");
    fs::write(&all, used).expect("a configuration");
    amtool_accepts(&all);
}

#[test]
fn alerts_are_routed_by_severity_and_area() {
    let shipped = services::project().join("docker/alertmanager/alertmanager.yml");
    let receiver_of = |labels: &[&str]| {
        let routed = Command::new(services::tool("amtool"))
            .args(["config", "routes", "test", "--config.file"])
            .arg(&shipped)
            .args(labels)
            .output()
            .expect("amtool runs");
        String::from_utf8_lossy(&routed.stdout).trim().to_owned()
    };
    assert_eq!(receiver_of(&["severity=critical", "area=350206"]), "operators");
    assert_eq!(receiver_of(&["severity=warning", "area=350206"]), "xiamen");
    assert_eq!(receiver_of(&["severity=info", "area=350206"]), "nobody");
    assert_eq!(receiver_of(&["severity=warning", "area=330782"]), "nobody");
}

fn amtool_accepts(configuration: &Path) {
    let checked =
        Command::new(services::tool("amtool")).arg("check-config").arg(configuration).output();
    let checked = checked.expect("amtool runs");
    let said = String::from_utf8_lossy(&[checked.stdout, checked.stderr].concat()).into_owned();
    assert!(checked.status.success(), "{said}");
}

/// The pipeline that ships, in a hurry.
fn hurried_pipeline(home: &Home) {
    let path = home.path("pipelines/return-to-work.yaml");
    let text = fs::read_to_string(&path).expect("a pipeline that ships");
    let changes = [
        ("over: 24h\n    for: 10m", "over: 24h\n    for: 5s"),
        ("silent_after: 2h", "silent_after: 20s"),
        ("quiet: { hours: \"20:00-08:00\", days: [-1, 6] }", "quiet: {}"),
    ];
    let text = changes.iter().fold(text, |text, (passage, otherwise)| {
        assert!(text.contains(passage), "{passage} stands in the file");
        text.replace(passage, otherwise)
    });
    fs::write(&path, text).expect("the pipeline in a hurry");
    let generated = home.command(&["generate", "--out", "generated"]).output();
    assert!(generated.is_ok_and(|generated| generated.status.success()));
}

fn start_alertmanager(home: &Home, phone: SocketAddr) -> (Process, SocketAddr) {
    let config = home.path("alertmanager.yml");
    let text = format!(
        "route: {{ receiver: people, group_by: [alertname, area, feed], group_wait: 0s, group_interval: 1s, repeat_interval: 1h }}\n\
         receivers:\n\
         - name: people\n\
         \x20 webhook_configs: [{{ url: 'http://{phone}/', send_resolved: true }}]\n"
    );
    fs::write(&config, text).expect("a configuration for Alertmanager");
    let server = SocketAddr::from(([127, 0, 0, 1], free_ports(1)));
    let mut command = Command::new(services::tool("prometheus-alertmanager"));
    command
        .arg(format!("--config.file={}", config.display()))
        .arg(format!("--storage.path={}", home.path("alertmanager").display()))
        .arg(format!("--web.listen-address={server}"))
        .arg("--cluster.listen-address=");
    let mut alertmanager = Process::start("alertmanager", &mut command, &home.path(""));
    alertmanager.until(START, "it is ready", |_| get(server, "/-/ready"));
    (alertmanager, server)
}

fn start_prometheus(
    home: &Home,
    target: SocketAddr,
    alertmanager: SocketAddr,
) -> (Process, SocketAddr) {
    let rules = home.path("generated/docker/prometheus/rules");
    let configuration = format!(
        "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\n\
         rule_files: ['{rules}/return-to-work.yml', '{rules}/chunfeng-engine.yml']\n\
         alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ['{alertmanager}'] }}] }}] }}\n\
         scrape_configs: [{{ job_name: chunfeng, static_configs: [{{ targets: ['{target}'] }}] }}]\n",
        rules = rules.display()
    );
    prometheus::started(home, &configuration, &[])
}

/// The return rate of Huli, as it is recorded.
fn ratio(server: SocketAddr) -> Option<f64> {
    let query = format!("area:chunfeng_return_rate:ratio{{area=\"{HULI}\"}}");
    let answer = get_json(server, &format!("/api/v1/query?query={}", encoded(&query)))?;
    answer["data"]["result"][0]["value"][1].as_str()?.parse().ok()
}

/// The spring of workers, or what becomes of it, as if it were of now.
fn play(home: &Home, broker: &Broker, arguments: &[&str]) {
    let out = format!("kafka://{}", broker.bootstrap());
    let mut command =
        home.command(&["scenario", "--out", &out, "--topic", TOPIC, "--until", "now"]);
    let played = command.args(arguments).output().expect("chunfeng runs");
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stderr));
}

/// Who reports for Huli.
struct Bureau {
    sender: Sender,
}

impl Bureau {
    fn tells_of_a_departure(&self) {
        let now = SystemClock.now();
        let event = format!(
            r#"{{"specversion":"1.0","id":"another","source":"{FEED}","type":"cn.hr.worker.departed.v1","subject":"another","time":"{now}","data":{{"area":"{HULI}"}}}}"#
        );
        self.send(b"another", &event);
    }

    /// That there is nothing to report.
    fn beats(&self) {
        let event = format!(
            r#"{{"specversion":"1.0","id":"alive","source":"{FEED}","type":"cn.hr.feed.nil-report.v1"}}"#
        );
        self.send(b"", &event);
    }

    fn send(&self, key: &[u8], event: &str) {
        let timestamp_seconds = SystemClock.now().seconds();
        self.sender.send(&Record { topic: TOPIC, key, value: event.as_bytes(), timestamp_seconds });
    }

    /// Waits, and reports meanwhile that there is nothing to report.
    fn until<T>(&self, most: Duration, what: &str, mut seen: impl FnMut() -> Option<T>) -> T {
        let mut beaten: Option<Instant> = None;
        within(most, what, || {
            if beaten.is_none_or(|beaten| beaten.elapsed() > BEAT) {
                self.beats();
                beaten = Some(Instant::now());
            }
            seen()
        })
    }
}

/// What Alertmanager calls.
struct Phone {
    address: SocketAddr,
    told: Arc<Mutex<Vec<Value>>>,
}

impl Phone {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port for a webhook");
        let address = listener.local_addr().expect("its address");
        let told: Arc<Mutex<Vec<Value>>> = Arc::default();
        let taken = told.clone();
        thread::spawn(move || {
            for call in listener.incoming().flatten() {
                if let Some(body) = answered(call) {
                    let alerts = body["alerts"].as_array().cloned().unwrap_or_default();
                    taken.lock().expect("nobody panicked").extend(alerts);
                }
            }
        });
        Self { address, told }
    }

    /// The last alert of a name that was told so of this label's value.
    fn told(&self, status: &str, name: &str, label: &str, value: &str) -> Option<Value> {
        let told = self.told.lock().expect("nobody panicked");
        let is_it = |alert: &&Value| {
            alert["status"] == status
                && alert["labels"]["alertname"] == name
                && alert["labels"][label] == value
        };
        told.iter().rev().find(is_it).cloned()
    }

    /// Everything that was told so far of this label's value.
    fn rings_of(&self, label: &str, value: &str) -> Vec<String> {
        let told = self.told.lock().expect("nobody panicked");
        let told = told.iter().filter(|alert| alert["labels"][label] == value);
        told.map(|alert| format!("{} {}", alert["status"], alert["labels"])).collect()
    }
}

/// Takes one call and says that all is well.
fn answered(mut call: TcpStream) -> Option<Value> {
    let (_, body) = http_call::taken(&call)?;
    call.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").ok()?;
    serde_json::from_slice(&body).ok()
}
