//! What robots are sent, how fast, and what their answers mean.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::call::{Alert, Call, Severity, Status};
use super::digest::{Language, Links, Message, digest};
use super::pace::Pace;
use super::robot::{Kind, Robot, Verdict};
use crate::time::EventTime;

/// 2022-02-21T07:31:15+08:00.
const NOW: EventTime = EventTime::from_seconds(1_645_399_875);

fn robot(kind: Kind) -> Robot {
    let base_url = "https://robots.example/".to_owned();
    Robot { kind, base_url, key: "k/1".to_owned(), secret: Some("SECf00d".to_owned()) }
}

fn message() -> Message {
    Message { title: "t".to_owned(), text: "a\nb".to_owned(), severity: Some(Severity::Critical) }
}

/// As Alertmanager sends it.
fn alerts() -> Vec<Alert> {
    let call = r#"{ "version": "4", "status": "firing", "receiver": "people", "alerts": [
        { "status": "resolved", "labels": { "alertname": "ReturnRateLow", "area": "330700", "severity": "warning" },
          "annotations": { "summary_zh": "金华市返岗率为 88%", "summary_en": "Return rate of Jinhua is 88%" },
          "startsAt": "2022-02-21T07:30:00+08:00", "fingerprint": "1" },
        { "status": "firing", "labels": { "alertname": "ReturnRateDropped", "area": "350206", "severity": "warning" },
          "annotations": { "summary_zh": "湖里区返岗率 24h 内下降 3 个百分点", "summary_en": "Return rate of Huli District fell by 3 percentage points",
            "dashboard": "/d/chunfeng-return-to-work?var-area=350206", "runbook_url": "docs/runbooks/rate-dropped.md" } },
        { "status": "firing", "labels": { "alertname": "ChunfengDown", "severity": "critical" } } ] }"#;
    serde_json::from_str::<Call>(call).unwrap().alerts
}

fn links() -> Links {
    Links {
        grafana: Some("https://grafana.example/".to_owned()),
        runbooks: Some("https://git.example/chunfeng".to_owned()),
    }
}

#[test]
fn a_digest_begins_with_the_gravest_and_ends_with_what_has_resolved() {
    let told = digest(&alerts(), Language::Chinese, &links(), 4_096);
    assert_eq!(told.title, "春风 2 条告警，1 条恢复");
    assert_eq!(told.severity, Some(Severity::Critical));
    assert_eq!(
        told.text,
        "**[严重]** ChunfengDown\n\n\
         **[警告]** 湖里区返岗率 24h 内下降 3 个百分点\n\
         [看板](https://grafana.example/d/chunfeng-return-to-work?var-area=350206) \
         [处置](https://git.example/chunfeng/docs/runbooks/rate-dropped.md)\n\n\
         **[恢复]** 金华市返岗率为 88%"
    );
    let told = digest(&alerts(), Language::Both, &Links::default(), 4_096);
    assert_eq!(told.title, "春风 2 条告警，1 条恢复 2 firing, 1 resolved");
    assert!(told.text.contains("下降 3 个百分点\n**[warning]** Return rate of Huli District fell"));
    assert!(!told.text.contains("]("), "there is nowhere to link to: {}", told.text);
}

#[test]
fn what_others_typed_is_neither_a_link_nor_a_mention() {
    let mut alert = alerts().remove(1);
    alert
        .annotations
        .insert("summary_zh".to_owned(), "来源 [x](http://evil) <@all> **静默**\n".to_owned());
    let told = digest(&[alert], Language::Chinese, &Links::default(), 4_096);
    assert_eq!(told.text, "**[警告]** 来源 ［x］(http://evil) ＜＠all＞ ＊＊静默＊＊");
}

proptest! {
    #[test]
    fn a_digest_is_cut_between_alerts_and_says_how_many_are_left(count in 1_usize..200, most in 300_usize..5_000) {
        let alerts: Vec<Alert> = alerts().into_iter().cycle().take(count).collect();
        let told = digest(&alerts, Language::Both, &links(), most);
        prop_assert!(told.title.len() + told.text.len() <= most);
        let shown = told.text.split("\n\n").filter(|paragraph| paragraph.starts_with("**[")).count();
        let more = format!("… 另有 {} 条 / and {} more", count - shown, count - shown);
        prop_assert!(shown == count || told.text.ends_with(&more), "{}", told.text);
    }

    #[test]
    fn no_window_of_a_minute_has_more_messages_than_a_robot_takes(pauses in prop::collection::vec(0_u64..9_000, 1..300)) {
        for kind in [Kind::WeCom, Kind::DingTalk, Kind::Feishu] {
            let mut pace = Pace::new(kind.limits());
            let (mut now, mut sent) = (Instant::now(), Vec::new());
            for pause in &pauses {
                now += Duration::from_millis(*pause);
                now += pace.wait(now);
                prop_assert_eq!(pace.wait(now), Duration::ZERO);
                pace.sends(now);
                sent.push(now);
            }
            for limit in kind.limits() {
                for window in sent.windows(limit.messages + 1) {
                    prop_assert!(*window.last().unwrap() - window[0] >= limit.within);
                }
            }
        }
    }
}

#[test]
fn a_robot_that_is_deaf_is_left_alone() {
    let (mut pace, now) = (Pace::new(Kind::DingTalk.limits()), Instant::now());
    assert_eq!(pace.wait(now), Duration::ZERO);
    pace.pauses(now, Duration::from_secs(600));
    assert_eq!(pace.wait(now + Duration::from_secs(60)), Duration::from_secs(540));
    assert_eq!(pace.wait(now + Duration::from_secs(601)), Duration::ZERO);
}

#[test]
fn dingtalk_is_signed_in_its_address() {
    let request = robot(Kind::DingTalk).request(&message(), NOW);
    assert_eq!(
        request.url,
        "https://robots.example/robot/send?access_token=k%2F1&timestamp=1645399875000\
         &sign=2h1GQan7QHNTERhbo7yQ6b1OtaEVRf36mD1CcFnv7Tg%3D"
    );
    assert_eq!(request.body["markdown"]["title"], "t");
    assert_eq!(request.body["markdown"]["text"], "**t**  \n  \na  \nb");
}

#[test]
fn feishu_is_signed_in_its_body() {
    let request = robot(Kind::Feishu).request(&message(), NOW);
    assert_eq!(request.url, "https://robots.example/open-apis/bot/v2/hook/k%2F1");
    assert_eq!(request.body["timestamp"], "1645399875");
    assert_eq!(request.body["sign"], "Iqyjs0keWoUGf3LQHLUinPnnQUJ7hFDr3WbvUBHKfbE=");
    assert_eq!(request.body["card"]["header"]["template"], "red");
    let unsigned = Robot { secret: None, ..robot(Kind::Feishu) };
    assert!(unsigned.request(&message(), NOW).body.get("sign").is_none());
}

#[test]
fn wecom_has_its_key_in_its_address_and_is_not_signed() {
    let request = robot(Kind::WeCom).request(&message(), NOW);
    assert_eq!(request.url, "https://robots.example/cgi-bin/webhook/send?key=k%2F1");
    assert_eq!(request.body["markdown"]["content"], "**t**\n\na\nb");
}

#[test]
fn the_longest_digest_is_not_too_long_for_wecom() {
    let alerts: Vec<Alert> = alerts().into_iter().cycle().take(500).collect();
    let most = Kind::WeCom.bytes_most();
    let told = digest(&alerts, Language::Both, &links(), most);
    let request = robot(Kind::WeCom).request(&told, NOW);
    let content = request.body["markdown"]["content"].as_str().unwrap();
    assert!((3_900..=4_096).contains(&content.len()), "{}", content.len());
}

#[test]
fn an_answer_of_200_may_be_a_no() {
    let says = |kind, body: &str| robot(kind).verdict(200, body.as_bytes());
    assert_eq!(says(Kind::WeCom, r#"{"errcode":0,"errmsg":"ok"}"#), Verdict::Taken);
    assert_eq!(says(Kind::Feishu, r#"{"StatusCode":0,"StatusMessage":"success"}"#), Verdict::Taken);
    let refused = says(Kind::DingTalk, r#"{"errcode":310000,"errmsg":"sign not match"}"#);
    assert_eq!(refused, Verdict::Refused("310000: sign not match".to_owned()));
    let minutes = |minutes| Verdict::TooFast(Duration::from_secs(60_u64 * minutes));
    assert_eq!(says(Kind::DingTalk, r#"{"errcode":130101,"errmsg":"send too fast"}"#), minutes(10));
    assert_eq!(says(Kind::WeCom, r#"{"errcode":45009}"#), minutes(1));
    assert_eq!(says(Kind::Feishu, r#"{"code":11232,"msg":"frequency limited"}"#), minutes(1));
    assert!(matches!(says(Kind::WeCom, "<html>"), Verdict::Unwell(_)));
    assert!(matches!(robot(Kind::WeCom).verdict(502, b""), Verdict::Unwell(_)));
    assert!(matches!(robot(Kind::WeCom).verdict(404, b""), Verdict::Refused(_)));
}

#[test]
fn an_alert_without_a_severity_is_a_warning() {
    let mut alert = alerts().remove(0);
    assert_eq!((alert.status, alert.severity()), (Status::Resolved, Severity::Warning));
    alert.labels.remove("severity");
    assert_eq!(alert.severity(), Severity::Warning);
}
