//! What figures are counted in: a closed list, so that a rate of persons over person-trips can be told from one of persons
//! over persons, and people read it in both languages.
//!
//! Deliberately converts nothing: 万 and 亿 are ways to write a number, and events carry plain ones.

use super::Bilingual;

/// A unit of the list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Unit(&'static Entry);

#[derive(PartialEq, Eq, Hash, Debug)]
struct Entry {
    code: &'static str,
    zh: &'static str,
    en: &'static str,
}

const fn entry(code: &'static str, zh: &'static str, en: &'static str) -> Entry {
    Entry { code, zh, en }
}

/// 人 and 人次, 家 and 家次 are different units: one counts whom, the other how often.
static UNITS: [Entry; 18] = [
    SECOND,
    POINT,
    entry("person", "人", "persons"),
    entry("person-trip", "人次", "person-trips"),
    entry("enterprise", "家", "enterprises"),
    entry("enterprise-visit", "家次", "enterprise visits"),
    entry("household", "户", "households"),
    entry("project", "个", "projects"),
    entry("case", "件", "cases"),
    entry("trip", "班次", "trips"),
    entry("fair", "场", "fairs"),
    entry("post", "个", "posts"),
    entry("dwelling", "套", "dwellings"),
    entry("base", "家", "bases"),
    entry("team", "个", "teams"),
    entry("percent", "%", "%"),
    entry("CNY", "元", "yuan"),
    entry("kWh", "千瓦时", "kWh"),
];

const SECOND: Entry = entry("second", "秒", "seconds");
const POINT: Entry = entry("point", "点", "points");

impl Unit {
    /// The unit of a code.
    pub fn of(code: &str) -> Option<Self> {
        UNITS.iter().find(|entry| entry.code == code).map(Self)
    }

    /// Seconds, in which lengths of time are summed.
    pub fn second() -> Self {
        Self(&SECOND)
    }

    /// Points, in which indexes are told.
    pub fn point() -> Self {
        Self(&POINT)
    }

    /// Every code.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        UNITS.iter().map(|entry| entry.code)
    }

    /// Its code: in pipeline files, labels and tables.
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// How people write it behind a number.
    pub fn title(self) -> Bilingual {
        Bilingual { zh: self.0.zh.to_owned(), en: self.0.en.to_owned() }
    }
}
