//! Section `feeds`: how those who report are expected to.

use super::super::{FEED_GONE_SECONDS, FeedRules, Quiet};
use super::sections;
use crate::yaml::{Node, Problems};

/// Reads what is expected of feeds.
pub fn read(node: &Node, problems: &mut Problems) -> Option<FeedRules> {
    let mut fields = node.fields(problems)?;
    let silent_after = fields.required("silent_after", problems);
    let silent_after = silent_after.and_then(|n| sections::window(n, problems));
    let heartbeats = fields.optional("heartbeats").map(|n| n.texts(problems));
    let quiet = fields.optional("quiet").map_or(Some(Quiet::default()), |n| quiet(n, problems));
    fields.done(problems);
    let rules = FeedRules {
        silent_after: silent_after?,
        heartbeats: heartbeats.unwrap_or_default(),
        quiet: quiet?,
    };
    check_that_silence_can_be_noticed(&rules, node, problems);
    Some(rules)
}

/// Silence counts only while reports are expected all the time.
fn check_that_silence_can_be_noticed(rules: &FeedRules, node: &Node, problems: &mut Problems) {
    const DAY_MINUTES: u16 = 24 * 60;
    let silent_after = &rules.silent_after;
    if silent_after.seconds >= FEED_GONE_SECONDS {
        let message = format!("no feed is ever silent for {}", silent_after.label);
        let instead = "write less than a week: who was not heard of for so long is gone";
        problems.suggest(&node.place, message, instead);
    }
    let Some([from, to]) = rules.quiet.hours else { return };
    let expected_minutes = (from + DAY_MINUTES - to) % DAY_MINUTES;
    if silent_after.seconds > i64::from(expected_minutes) * 60 {
        let message = format!(
            "no feed is ever silent for {}: between quiet hours only {expected_minutes} minutes pass",
            silent_after.label
        );
        let instead = "shorten `silent_after`, or leave `hours` out where feeds report once a day";
        problems.suggest(&node.place, message, instead);
    }
}

fn quiet(node: &Node, problems: &mut Problems) -> Option<Quiet> {
    let mut fields = node.fields(problems)?;
    let hours = fields.optional("hours").map(|n| hours(n, problems));
    let days = fields.optional("days").map(|n| days(n, problems));
    fields.done(problems);
    Some(Quiet { hours: hours.unwrap_or_default(), days: days.unwrap_or_default() })
}

/// `20:00-08:00`.
fn hours(node: &Node, problems: &mut Problems) -> Option<[u16; 2]> {
    let text = node.text(problems)?;
    let span = text.split_once('-').and_then(|(from, to)| Some([minute(from)?, minute(to)?]));
    if span.is_none_or(|[from, to]| from == to) {
        let instead = "write two times of day in Shanghai, such as \"20:00-08:00\"";
        problems.suggest(&node.place, format!("`{text}` is no span of hours"), instead);
        return None;
    }
    span
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

/// `[-1, 6]`.
fn days(node: &Node, problems: &mut Problems) -> Option<[i64; 2]> {
    let days = node.sequence(problems);
    let days: Vec<i64> = days.iter().filter_map(|day| day.integer(i64::MIN, problems)).collect();
    match days[..] {
        [from, to] if from <= to => Some([from, to]),
        _ => {
            let instead = "write the first and the last of them, such as [-1, 6]; 1 is 正月初一";
            problems.suggest(&node.place, "expected two days of the season", instead);
            None
        }
    }
}
