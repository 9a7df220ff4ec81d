//! `chunfeng notify` before robots that are as strict as the real ones: they check signatures and sizes, count messages within a
//! minute, and answer 200 to everything.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chunfeng::clock::{Clock, SystemClock};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::http_call;
use crate::tools::{Desk, Running};

const SECRET: &str = "SEC-only-the-robot-knows";
const KEY: &str = "key-of-the-robot";
const MINUTE: Duration = Duration::from_secs(60);
const CALLS: usize = 40;

#[test]
fn many_calls_at_once_are_few_messages_and_every_alert_is_in_one() {
    for kind in ["wecom", "dingtalk", "feishu"] {
        let robot = FakeRobot::listen(kind);
        let notify = &Notify::start(kind, robot.address, SECRET);
        let answers = thread::scope(|scope| {
            let calls: Vec<_> =
                (0..CALLS).map(|alert| scope.spawn(move || notify.call(&summary(alert)))).collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect::<Vec<u16>>()
        });
        assert_eq!(answers, [200; CALLS], "{kind}");
        let taken = robot.taken();
        assert!(taken.len() < 20, "{kind}: {} messages", taken.len());
        for alert in 0..CALLS {
            assert!(taken.iter().any(|text| text.contains(&summary(alert))), "{kind}: {alert}");
        }
        assert_eq!(robot.refused(), Vec::<String>::new(), "{kind}");
    }
}

#[test]
fn what_a_robot_refuses_is_not_taken_for_delivered() {
    for kind in ["dingtalk", "feishu"] {
        let robot = FakeRobot::listen(kind);
        let notify = Notify::start(kind, robot.address, "another-secret");
        assert_eq!(notify.call("湖里区返岗率下降"), 503, "{kind}");
        assert_eq!(robot.taken(), Vec::<String>::new());
        let log = notify.log();
        assert!(log.contains("sign not match"), "{log}");
        assert!(!log.contains(KEY) && !log.contains("another-secret"), "{log}");
    }
}

#[test]
fn a_robot_that_is_away_is_called_again_and_then_alertmanager_is_told() {
    let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let notify = Notify::start("wecom", away, SECRET);
    assert_eq!(notify.call("湖里区返岗率下降"), 503);
    assert!(!notify.log().contains(KEY), "{}", notify.log());
    assert_eq!(notify.post("/robots/nobody", "{}"), 404);
    assert_eq!(notify.post("/robots/wecom", "[]"), 400);
}

#[test]
fn wrong_settings_are_told_by_their_place() {
    let desk = Desk::new();
    let settings = "listen: here\nrobots:\n  a: { kind: icq, key: { file: nowhere } }\n  b: { kind: wecom, key: { file: nowhere }, secret: { file: nowhere } }\nloud: yes\n";
    let told =
        desk.run(&["notify", "--config", &desk.file("notify.yaml", settings)]).with(2).stderr;
    for expected in [
        ":1:9: `here` is no address to listen on",
        ":3:14: `icq` is no kind of robot",
        ":3:32: cannot read nowhere",
        ":4:53: messages to this robot are not signed",
        ":5:1: unknown key `loud`",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

fn summary(alert: usize) -> String {
    format!("地区{alert:02}返岗率下降")
}

/// The program, with one robot that is named after its kind.
struct Notify {
    _process: Running,
    desk: Desk,
    address: SocketAddr,
    robot: &'static str,
}

impl Notify {
    fn start(kind: &'static str, robot: SocketAddr, secret: &str) -> Self {
        let desk = Desk::new();
        let (key, secret) = (desk.file("robot-key", KEY), desk.file("robot-secret", secret));
        let settings = format!(
            "listen: 127.0.0.1:0\nlanguage: zh\nrobots:\n  {kind}:\n    kind: {kind}\n    base_url: http://{robot}\n    \
             key: {{ file: {key} }}\n"
        );
        let signed = format!("    secret: {{ file: {secret} }}\n");
        let settings = if kind == "wecom" { settings } else { settings + &signed };
        let config = desk.file("notify.yaml", settings);
        let log = std::fs::File::create(desk.path("log")).unwrap();
        let mut command = desk.command(&["notify", "--config", &config]);
        let process = Running(command.stderr(log).stdout(Stdio::null()).spawn().unwrap());
        let began = Instant::now();
        let address = loop {
            let log = std::fs::read_to_string(desk.path("log")).unwrap();
            let port = log.split_once("listening on 127.0.0.1:").map(|(_, behind)| behind);
            let port = port.filter(|behind| behind.contains('\n'));
            if let Some(port) =
                port.and_then(|behind| behind.split_whitespace().next()?.parse().ok())
            {
                break SocketAddr::from(([127, 0, 0, 1], port));
            }
            assert!(began.elapsed() < MINUTE, "it never listened: {log}");
            thread::sleep(Duration::from_millis(20));
        };
        Self { _process: process, desk, address, robot: kind }
    }

    /// Calls as Alertmanager does, about one alert; the answer's status.
    fn call(&self, summary: &str) -> u16 {
        let alert = json!({
            "status": "firing",
            "labels": { "alertname": "ReturnRateDropped", "severity": "warning", "area": summary },
            "annotations": { "summary_zh": summary, "summary_en": summary },
        });
        let call = json!({ "version": "4", "status": "firing", "alerts": [alert] });
        self.post(&format!("/robots/{}", self.robot), &call.to_string())
    }

    fn post(&self, path: &str, body: &str) -> u16 {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST {path} HTTP/1.0\r\nHost: notify\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.desk.path("log")).unwrap()
    }
}

/// A robot that enforces what the real ones publish.
struct FakeRobot {
    address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    taken: Vec<(Instant, String)>,
    refused: Vec<String>,
}

impl FakeRobot {
    fn listen(kind: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::<Mutex<Seen>>::default());
        let looks = seen.clone();
        thread::spawn(move || {
            for call in listener.incoming().flatten() {
                let looks = looks.clone();
                thread::spawn(move || while answered(kind, &call, &looks).is_some() {});
            }
        });
        Self { address, seen }
    }

    fn taken(&self) -> Vec<String> {
        self.seen.lock().unwrap().taken.iter().map(|(_, text)| text.clone()).collect()
    }

    fn refused(&self) -> Vec<String> {
        self.seen.lock().unwrap().refused.clone()
    }
}

/// Takes one message, or says why not; `None` once the caller has hung up.
fn answered(kind: &str, mut call: &TcpStream, seen: &Mutex<Seen>) -> Option<()> {
    let (target, body) = http_call::taken(call)?;
    let body: Value = serde_json::from_slice(&body).ok()?;
    let mut seen = seen.lock().unwrap();
    let code = match judged(kind, &target, &body, &seen) {
        Ok(text) => {
            seen.taken.push((Instant::now(), text));
            (0, "ok")
        }
        Err((code, why)) => {
            seen.refused.push(why.to_owned());
            (code, why)
        }
    };
    // The next calls come while this one is answered.
    thread::sleep(Duration::from_millis(100));
    let names = if kind == "feishu" { ["code", "msg"] } else { ["errcode", "errmsg"] };
    let answer = json!({ names[0]: code.0, names[1]: code.1 }).to_string();
    write!(call, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{answer}", answer.len()).ok()
}

fn judged(
    kind: &str,
    target: &str,
    body: &Value,
    seen: &Seen,
) -> Result<String, (i64, &'static str)> {
    let url = Url::parse("http://robot").unwrap().join(target).unwrap();
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    let now = SystemClock.now().seconds();
    let within = |most: Duration| seen.taken.iter().filter(|(at, _)| at.elapsed() < most).count();
    let text =
        |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned();
    match kind {
        "wecom" => {
            let content = text("/markdown/content");
            match () {
                () if url.path() != "/cgi-bin/webhook/send" || query["key"] != KEY => {
                    Err((93_000, "invalid webhook url"))
                }
                () if within(MINUTE) >= 20 => Err((45_009, "api freq out of limit")),
                () if content.is_empty() || content.len() > 4_096 => {
                    Err((40_058, "exceed max length 4096"))
                }
                () => Ok(content),
            }
        }
        "dingtalk" => {
            let milliseconds = query.get("timestamp").map_or("0", String::as_str);
            let sign = signed(SECRET, &format!("{milliseconds}\n{SECRET}"));
            let age = now - milliseconds.parse::<i64>().unwrap() / 1_000;
            match () {
                () if url.path() != "/robot/send" || query["access_token"] != KEY => {
                    Err((300_001, "token is not exist"))
                }
                () if query.get("sign") != Some(&sign) || age.abs() > 3_600 => {
                    Err((310_000, "sign not match"))
                }
                () if within(MINUTE) >= 20 => {
                    Err((130_101, "send too fast, exceed 20 times per minute"))
                }
                () if text("/markdown/title").is_empty() => Err((400_105, "miss title")),
                () => Ok(text("/markdown/text")),
            }
        }
        _ => {
            let seconds = text("/timestamp");
            let sign = signed(&format!("{seconds}\n{SECRET}"), "");
            let age = now - seconds.parse::<i64>().unwrap();
            match () {
                () if url.path() != format!("/open-apis/bot/v2/hook/{KEY}") => {
                    Err((19_001, "incoming webhook access token invalid"))
                }
                () if text("/sign") != sign || age.abs() > 3_600 => {
                    Err((19_021, "sign not match within one hour"))
                }
                () if within(Duration::from_secs(1)) >= 5 || within(MINUTE) >= 100 => {
                    Err((11_232, "frequency limited"))
                }
                () if body.to_string().len() > 20_000 => Err((9_499, "body too large")),
                () => Ok(text("/card/elements/0/content")),
            }
        }
    }
}

fn signed(key: &str, message: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}
