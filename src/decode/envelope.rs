//! The three ways an event comes: a structured CloudEvent, a binary one with its attributes in headers, or bare JSON.
//!
//! Pointers are written for the structured form; in the binary form `/type` is the header `ce_type` and `/data/…` lies in
//! the value (CloudEvents 1.0, Kafka binding).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::json::{At, Picks, PointerTree};
use super::{Headers, Picked, RawRecord, Reason};

/// A value longer than this is no event. Brokers refuse more than a mebibyte unless told otherwise.
const VALUE_BYTES_MOST: usize = 1 << 20;

/// Parses records once for all pipelines.
#[derive(Debug)]
pub struct Reader {
    tree: PointerTree,
    version: usize,
    identity: [usize; 3],
    encoded_data: usize,
}

/// How an event is wrapped.
enum Form {
    Structured,
    Binary,
    Bare,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader that wants nothing yet but the envelope's own attributes.
    pub fn new() -> Self {
        let mut tree = PointerTree::new();
        let version = tree.want("/specversion");
        let identity = [tree.want("/source"), tree.want("/type"), tree.want("/id")];
        let encoded_data = tree.want("/data_base64");
        Self { tree, version, identity, encoded_data }
    }

    /// Adds a pointer and returns its slot.
    pub fn want(&mut self, pointer: &str) -> usize {
        self.tree.want(pointer)
    }

    /// Empty slots, to be reused for all records of a batch.
    pub fn picks<'a>(&self) -> Picks<'a> {
        Picks::of(&self.tree)
    }

    /// The CloudEvents source, which names the feed the event came from.
    pub fn feed<'p>(&self, picks: &'p Picks) -> Option<&'p str> {
        picks.get(self.identity[0]).text()
    }

    /// Fills the slots from a record.
    pub fn read<'a>(
        &self,
        record: &'a RawRecord,
        value: Option<&'a [u8]>,
        picks: &mut Picks<'a>,
    ) -> Result<(), Reason> {
        picks.clear();
        let form = form(&record.headers)?;
        let text = text(value)?;
        match form {
            Form::Bare => self.tree.pick(self.tree.root(), text, picks)?,
            Form::Structured => {
                self.tree.pick(self.tree.root(), text, picks)?;
                let complete = self.identity.iter().all(|slot| picks.get(*slot).text().is_some());
                if !complete || picks.get(self.version) == &Picked::Absent {
                    return Err(Reason::IncompleteEnvelope);
                }
            }
            Form::Binary => {
                self.pick_attributes(&record.headers, picks)?;
                self.tree.pick(self.data(), text, picks)?;
            }
        }
        self.check_version(picks)?;
        self.decode_data(picks)
    }

    fn data(&self) -> At {
        self.tree.child(self.tree.root(), "data")
    }

    /// Bare JSON need not say; who says anything else than 1.0 speaks another language.
    fn check_version(&self, picks: &Picks) -> Result<(), Reason> {
        match picks.get(self.version) {
            Picked::Absent => Ok(()),
            Picked::Text(version) if version == "1.0" => Ok(()),
            _ => Err(Reason::UnsupportedEnvelope),
        }
    }

    fn pick_attributes<'a>(
        &self,
        headers: &'a Headers,
        picks: &mut Picks<'a>,
    ) -> Result<(), Reason> {
        for (attribute, slot) in self.tree.attributes() {
            if let Some(bytes) = header(headers, &["ce_", attribute]) {
                let text = std::str::from_utf8(bytes).map_err(|_| Reason::InvalidUtf8)?;
                picks.set(slot, Picked::Text(text.into()));
            }
        }
        Ok(())
    }

    /// A structured event may carry its data as base64 of JSON.
    fn decode_data(&self, picks: &mut Picks) -> Result<(), Reason> {
        let Some(encoded) = picks.get(self.encoded_data).text() else {
            return Ok(());
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| Reason::InvalidJson)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Reason::InvalidUtf8)?;
        let mut inner = self.picks();
        self.tree.pick(self.data(), text, &mut inner)?;
        for (slot, value) in inner.into_owned() {
            picks.set(slot, value);
        }
        Ok(())
    }
}

fn text(value: Option<&[u8]>) -> Result<&str, Reason> {
    let bytes = value.ok_or(Reason::Tombstone)?;
    if bytes.len() > VALUE_BYTES_MOST {
        return Err(Reason::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Reason::InvalidUtf8)?;
    if text.trim_ascii().is_empty() {
        return Err(Reason::Empty);
    }
    Ok(text)
}

fn form(headers: &Headers) -> Result<Form, Reason> {
    if headers.is_empty() {
        return Ok(Form::Bare);
    }
    let content_type = header(headers, &["content-type"]).unwrap_or_default();
    let content_type = String::from_utf8_lossy(content_type).to_ascii_lowercase();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let required = [["ce_", "id"], ["ce_", "source"], ["ce_", "type"], ["ce_", "specversion"]];
    match media_type {
        "application/cloudevents" | "application/cloudevents+json" => Ok(Form::Structured),
        other if other.starts_with("application/cloudevents") => Err(Reason::UnsupportedEnvelope),
        other if required.iter().all(|name| header(headers, name).is_some()) => match other {
            "" | "application/json" | "text/json" => Ok(Form::Binary),
            other if other.ends_with("+json") => Ok(Form::Binary),
            _ => Err(Reason::UnsupportedEnvelope),
        },
        _ => Ok(Form::Bare),
    }
}

/// The header whose name is the parts joined, whatever its case.
fn header<'h>(headers: &'h Headers, parts: &[&str]) -> Option<&'h [u8]> {
    let matches = |name: &str| {
        let mut rest = name;
        let each = parts.iter().all(|part| match rest.split_at_checked(part.len()) {
            Some((head, tail)) if head.eq_ignore_ascii_case(part) => {
                rest = tail;
                true
            }
            _ => false,
        });
        each && rest.is_empty()
    };
    headers.iter().find(|(name, _)| matches(name)).map(|(_, value)| value.as_slice())
}
