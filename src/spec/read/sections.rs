//! The small sections at the head of a file, and the notations that several sections share.

use super::super::{Bilingual, DecodeRules, MissingTime, Seasons, Unit, Window};
use crate::area::Level;
use crate::time::{EventTime, parse_duration_seconds};
use crate::yaml::{Key, Node, Place, Problems, nearest};

/// Unless said, an event may be at most this much later than its record's timestamp: clocks differ, not by days.
const LATEST_SECONDS: i64 = 3_600;

/// Lengths of time are added to times: a century fits, and whatever does not is a typing mistake.
const WINDOW_SECONDS_MOST: i64 = 36_500 * 86_400;

/// A name that becomes a label, a directory and a column: lower-case letters, digits, `-` and `_`.
pub fn name(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    check_name(text, &node.place, problems).then(|| text.to_owned())
}

/// The same for a name that is a key.
pub fn key_name(key: &Key, problems: &mut Problems) -> Option<String> {
    check_name(&key.text, &key.place, problems).then(|| key.text.clone())
}

fn check_name(text: &str, place: &Place, problems: &mut Problems) -> bool {
    let legal =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    let good = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.len() <= 64
        && text.bytes().all(legal);
    if !good {
        let instead =
            "lower-case letters, digits, `-` and `_`, beginning with a letter, at most 64";
        problems.suggest(place, format!("`{text}` is no name"), instead);
    }
    good
}

/// Text in both languages.
pub fn bilingual(node: &Node, problems: &mut Problems) -> Option<Bilingual> {
    let mut fields = node.fields(problems)?;
    let zh = fields.required("zh", problems).and_then(|n| n.text(problems));
    let en = fields.required("en", problems).and_then(|n| n.text(problems));
    fields.done(problems);
    Some(Bilingual { zh: zh?.trim().to_owned(), en: en?.trim().to_owned() })
}

/// A title that falls back to the name it titles.
pub fn title_or_name(node: Option<&Node>, name: &str, problems: &mut Problems) -> Bilingual {
    node.and_then(|node| bilingual(node, problems))
        .unwrap_or_else(|| Bilingual { zh: name.to_owned(), en: name.to_owned() })
}

/// A length of time.
pub fn window(node: &Node, problems: &mut Problems) -> Option<Window> {
    let text = node.text(problems)?;
    match parse_duration_seconds(text) {
        Some(seconds) if (1..=WINDOW_SECONDS_MOST).contains(&seconds) => {
            Some(Window { seconds, label: text.to_owned() })
        }
        _ => {
            let message = format!("`{text}` is no length of time");
            problems.suggest(
                &node.place,
                message,
                "write a number and a unit: 30s, 10m, 24h, 3d, 2w",
            );
            None
        }
    }
}

/// A moment.
pub fn moment(node: &Node, problems: &mut Problems) -> Option<EventTime> {
    let text = node.text(problems)?;
    let time = EventTime::parse(text);
    if time.is_none() {
        let message = format!("`{text}` is no time");
        problems.suggest(&node.place, message, "write RFC 3339: \"2022-02-21T08:00:00+08:00\"");
    }
    time
}

/// A unit of the list.
pub fn unit(node: &Node, problems: &mut Problems) -> Option<Unit> {
    let text = node.text(problems)?;
    let unit = Unit::of(text);
    if unit.is_none() {
        let instead = match nearest(text, Unit::codes()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of: {}", Unit::codes().collect::<Vec<_>>().join(", ")),
        };
        problems.suggest(&node.place, format!("`{text}` is no unit"), instead);
    }
    unit
}

/// A JSON pointer that names at least one member.
pub fn pointer(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    if text.len() > 1 && text.starts_with('/') && !text.ends_with('/') {
        return Some(text.to_owned());
    }
    let message = format!("`{text}` is no JSON pointer");
    problems.suggest(&node.place, message, "begin with `/` and name the members: /data/area");
    None
}

/// Section `source`.
pub fn topic(node: &Node, problems: &mut Problems) -> Option<String> {
    let mut fields = node.fields(problems)?;
    let topic = fields.required("topic", problems).and_then(|n| n.text(problems));
    fields.done(problems);
    Some(topic?.to_owned())
}

/// Line `season`.
pub fn seasons(node: &Node, problems: &mut Problems) -> Option<Seasons> {
    match node.text(problems)? {
        "spring-festival" => Some(Seasons::Apart),
        other => {
            let message = format!("`{other}` tells no seasons apart");
            let instead =
                "write spring-festival, or leave the line out where entities outlive a spring";
            problems.suggest(&node.place, message, instead);
            None
        }
    }
}

/// Section `decode`.
pub fn decode(node: &Node, problems: &mut Problems) -> Option<DecodeRules> {
    let mut fields = node.fields(problems)?;
    let entity = fields.required("entity", problems).and_then(|n| pointer(n, problems));
    let kind = fields.required("kind", problems).and_then(|n| pointer(n, problems));
    let time = fields.required("time", problems).and_then(|n| pointer(n, problems));
    let area = fields.optional("area").and_then(|n| pointer(n, problems));
    let missing = fields.optional("missing_time");
    let missing_time = missing.map_or(Some(MissingTime::Reject), |n| missing_time(n, problems));
    let latest = fields.optional("latest");
    let latest_seconds =
        latest.map_or(Some(LATEST_SECONDS), |n| window(n, problems).map(|w| w.seconds));
    fields.done(problems);
    Some(DecodeRules {
        entity: entity?,
        kind: kind?,
        time: time?,
        area,
        missing_time: missing_time?,
        latest_seconds: latest_seconds?,
    })
}

fn missing_time(node: &Node, problems: &mut Problems) -> Option<MissingTime> {
    match node.text(problems)? {
        "reject" => Some(MissingTime::Reject),
        "record_time" => Some(MissingTime::RecordTime),
        other => {
            let message = format!("`{other}` says nothing about a missing time");
            problems.suggest(&node.place, message, "write `reject` or `record_time`");
            None
        }
    }
}

/// A level of areas.
pub fn level(node: &Node, problems: &mut Problems) -> Option<Level> {
    const LEVELS: [Level; 5] =
        [Level::Country, Level::Province, Level::Prefecture, Level::County, Level::Township];
    let text = node.text(problems)?;
    let level = LEVELS.into_iter().find(|level| level.as_str() == text);
    if level.is_none() {
        let instead = "write country, province, prefecture, county or township";
        problems.suggest(&node.place, format!("`{text}` is no level of areas"), instead);
    }
    level
}
