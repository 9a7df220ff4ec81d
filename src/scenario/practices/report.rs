//! A report: an event that carries numbers and labels of its own. There are thousands of these, not millions, so they are
//! written with a library.

use serde_json::{Map, Value, json};

use super::super::calendar::push_rfc3339;
use super::super::county::feed;
use super::super::identity::{EntityId, numbered, worker_id};
use super::super::random::scatter;
use super::super::springs::NUMBERS_A_COPY;

/// Something that was reported.
pub struct Report {
    /// When it happened, in Unix seconds.
    pub at_seconds: u32,
    /// The topic it belongs on.
    pub topic: &'static str,
    /// The CloudEvents type, without what all types begin and end with.
    pub kind: &'static str,
    /// Whom or what it is about.
    pub subject: EntityId,
    /// The six-digit code of the area it is about.
    pub area: u32,
    /// What it calls a part of that area that has no code.
    pub zone: Option<&'static str>,
    /// What else it says.
    pub fields: Vec<(&'static str, Value)>,
}

impl Report {
    /// A number of its own for every report, as long as nothing is reported of a subject twice in the same second.
    pub fn fingerprint(&self) -> u64 {
        let mix = |sum: u64, byte: &u8| scatter(sum ^ u64::from(*byte));
        let subject = self.subject.iter().fold(u64::from(self.at_seconds), mix);
        self.kind.as_bytes().iter().fold(subject, mix)
    }

    /// The structured CloudEvent.
    pub fn line(&self) -> Vec<u8> {
        let mut time = Vec::new();
        push_rfc3339(self.at_seconds, &mut time);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let area = self.zone.map_or_else(|| format!("{:06}", self.area), str::to_owned);
        let mut data = Map::from_iter([("area".to_owned(), json!(area))]);
        data.extend(self.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let event = json!({
            "specversion": "1.0",
            "id": format!("{:016x}", self.fingerprint()),
            "source": format!("{}/hr", feed(self.area)),
            "type": format!("cn.hr.{}.v1", self.kind),
            "subject": text(&self.subject),
            "time": text(&time),
            "datacontenttype": "application/json",
            "data": data,
        });
        event.to_string().into_bytes()
    }
}

/// Writes down what is reported on one topic about one area.
pub struct Desk<'a> {
    /// Where the reports go.
    pub reports: &'a mut Vec<Report>,
    /// Which copy of the springs: each is about subjects of its own.
    pub copy: u32,
    /// The topic.
    pub topic: &'static str,
    /// The area they are about.
    pub area: u32,
    /// What they call a part of that area that has no code.
    pub zone: Option<&'static str>,
}

impl Desk<'_> {
    /// Whatever these letters name, by its number.
    pub fn subject(&self, letters: &[u8; 2], number: u32) -> EntityId {
        numbered(letters, self.area, number + self.copy * NUMBERS_A_COPY)
    }

    /// A worker by their number.
    pub fn worker(&self, number: u32) -> EntityId {
        worker_id(number + self.copy * NUMBERS_A_COPY)
    }

    /// Notes a report that says nothing else.
    pub fn note(&mut self, at_seconds: u32, kind: &'static str, subject: EntityId) {
        self.report(at_seconds, kind, subject, []);
    }

    /// Notes a report with what else it says.
    pub fn report<const FIELDS: usize>(
        &mut self,
        at_seconds: u32,
        kind: &'static str,
        subject: EntityId,
        fields: [(&'static str, Value); FIELDS],
    ) {
        let (topic, area, zone) = (self.topic, self.area, self.zone);
        let fields = fields.into();
        self.reports.push(Report { at_seconds, topic, kind, subject, area, zone, fields });
    }
}
