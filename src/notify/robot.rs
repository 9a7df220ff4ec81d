//! The group robots: where each is called, what it wants to be signed, how it says no, and how much it takes.
//!
//! All of them answer 200 to what they refuse, and say so in the body. Private clouds of the same makers have other hosts.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use url::form_urlencoded;

use super::call::Severity;
use super::digest::Message;
use super::pace::Limit;
use crate::time::EventTime;

/// Whose robot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// 企业微信.
    WeCom,
    /// 钉钉.
    DingTalk,
    /// 飞书.
    Feishu,
}

/// A robot in a group.
pub struct Robot {
    /// Whose.
    pub kind: Kind,
    /// Its host, with the scheme.
    pub base_url: String,
    /// What its address ends with: a key, a token, an id. A secret.
    pub key: String,
    /// What messages are signed with, where the robot asks for it.
    pub secret: Option<String>,
}

/// What is posted.
#[derive(Debug)]
pub struct Request {
    /// Where; holds the key.
    pub url: String,
    /// What.
    pub body: Value,
}

/// What a robot said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The message is in the group.
    Taken,
    /// It came too fast: not before so long.
    TooFast(Duration),
    /// It never will be.
    Refused(String),
    /// It may be later.
    Unwell(String),
}

const MINUTE: Duration = Duration::from_secs(60);

impl Kind {
    /// By the name in settings.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "wecom" => Some(Self::WeCom),
            "dingtalk" => Some(Self::DingTalk),
            "feishu" => Some(Self::Feishu),
            _ => None,
        }
    }

    /// The public host.
    pub fn base_url(self) -> &'static str {
        match self {
            Self::WeCom => "https://qyapi.weixin.qq.com",
            Self::DingTalk => "https://oapi.dingtalk.com",
            Self::Feishu => "https://open.feishu.cn",
        }
    }

    /// How fast it may be talked to.
    pub fn limits(self) -> &'static [Limit] {
        const TWENTY_A_MINUTE: [Limit; 1] = [Limit { messages: 20, within: MINUTE }];
        const OF_FEISHU: [Limit; 2] = [
            Limit { messages: 5, within: Duration::from_secs(1) },
            Limit { messages: 100, within: MINUTE },
        ];
        match self {
            Self::WeCom | Self::DingTalk => &TWENTY_A_MINUTE,
            Self::Feishu => &OF_FEISHU,
        }
    }

    /// How many bytes a message's title and text may have; less than the robot takes, for what goes around them.
    pub fn bytes_most(self) -> usize {
        match self {
            Self::WeCom => 4_096 - 16,
            Self::DingTalk | Self::Feishu => 18_000,
        }
    }

    /// Whether messages to it can be signed.
    pub fn is_signed(self) -> bool {
        self != Self::WeCom
    }

    /// How long it stays deaf once it was talked to too fast.
    fn deaf(self) -> Duration {
        match self {
            Self::DingTalk => 10 * MINUTE,
            Self::WeCom | Self::Feishu => MINUTE,
        }
    }
}

impl Robot {
    /// A message as this robot takes it.
    pub fn request(&self, message: &Message, now: EventTime) -> Request {
        let Self { kind, base_url, key, secret } = self;
        let base = base_url.trim_end_matches('/');
        let whole = format!("**{}**\n\n{}", message.title, message.text);
        match kind {
            Kind::WeCom => Request {
                url: format!("{base}/cgi-bin/webhook/send?key={}", encoded(key)),
                body: json!({ "msgtype": "markdown", "markdown": { "content": whole } }),
            },
            Kind::DingTalk => {
                let milliseconds = (now.seconds() * 1_000).to_string();
                let signed = secret.as_ref().map(|secret| {
                    let sign = signature(secret, &format!("{milliseconds}\n{secret}"));
                    format!("&timestamp={milliseconds}&sign={}", encoded(&sign))
                });
                let signed = signed.unwrap_or_default();
                Request {
                    url: format!("{base}/robot/send?access_token={}{signed}", encoded(key)),
                    body: json!({
                        "msgtype": "markdown",
                        // A line break alone is none to it.
                        "markdown": { "title": message.title, "text": whole.replace('\n', "  \n") },
                    }),
                }
            }
            Kind::Feishu => {
                let mut body = json!({ "msg_type": "interactive", "card": card(message) });
                if let Some(secret) = secret {
                    let seconds = now.seconds().to_string();
                    // The other way round than DingTalk: what is signed is the key, and the message is empty.
                    body["sign"] = signature(&format!("{seconds}\n{secret}"), "").into();
                    body["timestamp"] = seconds.into();
                }
                Request { url: format!("{base}/open-apis/bot/v2/hook/{}", encoded(key)), body }
            }
        }
    }

    /// What its answer means.
    pub fn verdict(&self, status: u16, body: &[u8]) -> Verdict {
        if status == 429 {
            return Verdict::TooFast(self.kind.deaf());
        }
        if status != 200 {
            let said = format!("HTTP {status}");
            return if status >= 500 { Verdict::Unwell(said) } else { Verdict::Refused(said) };
        }
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            return Verdict::Unwell("its answer is no JSON".to_owned());
        };
        let code = ["errcode", "code", "StatusCode"].iter().find_map(|name| answer[*name].as_i64());
        match (self.kind, code) {
            (_, Some(0)) => Verdict::Taken,
            (Kind::WeCom, Some(45_009))
            | (Kind::DingTalk, Some(130_101 | 660_026))
            | (Kind::Feishu, Some(9_499 | 11_232)) => Verdict::TooFast(self.kind.deaf()),
            (_, Some(code)) => {
                let said = ["errmsg", "msg"].iter().find_map(|name| answer[*name].as_str());
                Verdict::Refused(format!("{code}: {}", said.unwrap_or("no reason given")))
            }
            (_, None) => Verdict::Unwell("its answer has no code".to_owned()),
        }
    }
}

fn card(message: &Message) -> Value {
    let colour = match message.severity {
        Some(Severity::Critical) => "red",
        Some(Severity::Warning) => "orange",
        Some(Severity::Info) => "blue",
        None => "green",
    };
    json!({
        "header": { "title": { "tag": "plain_text", "content": message.title }, "template": colour },
        "elements": [{ "tag": "markdown", "content": message.text }],
    })
}

/// HMAC-SHA256, in base64.
fn signature(key: &str, message: &str) -> String {
    // A key of any length is taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    mac.update(message.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
