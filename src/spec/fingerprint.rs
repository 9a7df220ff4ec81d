//! What decides, hashed: two runs with the same fingerprints turn the same records into the same facts and figures.
//!
//! The lake carries both. A different [`Pipeline::decoding_fingerprint`] means that the source would have to be read
//! again; a different [`Pipeline::counting_fingerprint`] alone, that derived tables are rebuilt from the ledger.

use blake3::Hasher;

use super::formula::{Across, Combination, Elsewhere, Formula, Quotient};
use super::{Kind, Pipeline, Seasons};
use crate::area::Level;

impl Pipeline {
    /// Everything that turns a record into a fact and lays out the state: kinds, fields, pointers and limits.
    pub fn decoding_fingerprint(&self) -> String {
        let kinds: Vec<_> =
            self.kinds.iter().map(|k| (&k.name, &k.events, &k.retracted_by, &k.fields)).collect();
        // A count is a column of the roster, which is not rebuilt under another schema.
        let counted = |k: &Kind| k.counted.map(|unit| format!(" {} counted {unit:?}", k.name));
        let counted: String = self.kinds.iter().filter_map(counted).collect();
        let seasons = match self.seasons {
            Seasons::Together => "",
            Seasons::Apart => " seasons apart",
        };
        // A word that was unknown when an event came is not in the ledger; the digits of a township are.
        let words = self.additions.iter().map(|addition| addition.code.as_str());
        let words = words.filter(|code| !code.starts_with(|c: char| c.is_ascii_digit()));
        let words: String = words.map(|word| format!(" {word}")).collect();
        let kinds = format!("{kinds:?}{counted}{seasons}{words}");
        digest(&[&self.name, &self.entity, &format!("{:?}", self.decode), &kinds])
    }

    /// How many facts a timeline keeps.
    pub fn keeping_fingerprint(&self) -> String {
        let keeps: Vec<_> = self.kinds.iter().map(|kind| (&kind.name, kind.keep)).collect();
        // Timelines hold areas by their ids, which are those of this pipeline's tree.
        let added =
            self.additions.iter().map(|added| format!(" {} in {}", added.code, added.within));
        digest(&[&format!("{keeps:?}{}", added.collect::<String>())])
    }

    /// Everything that turns facts into figures: what is kept, measures, dimensions and rates.
    pub fn counting_fingerprint(&self) -> String {
        let measures: Vec<_> =
            self.measures.iter().map(|m| (&m.name, &m.sql, m.held_for_seconds)).collect();
        // Left out where there is nothing, so that what was counted before these words were known is not counted anew.
        let more = |m: &'_ super::Measure| {
            let sum = m.sum.as_ref().map(|sum| sum.sql.clone());
            (sum.is_some() || m.within_seconds.is_some())
                .then(|| format!("{} {sum:?} {:?}", m.name, m.within_seconds))
        };
        let more: Vec<String> = self.measures.iter().filter_map(more).collect();
        let slices: Vec<_> = self.slices().map(|(_, d, v)| (&d.name, &v.name, &v.sql)).collect();
        let shallow =
            self.dimensions.iter().filter(|dimension| dimension.down_to != Level::Township);
        let shallow =
            shallow.map(|dimension| format!("{} {:?}", dimension.name, dimension.down_to));
        let rate = |r: &super::Rate| {
            let by = if r.by.len() == self.dimensions.len() { None } else { Some(&r.by) };
            let by = by.map(|by| format!(" by {by:?}")).unwrap_or_default();
            format!("({:?}, {}, {:?}){by}", r.name, formula(&r.formula), r.change)
        };
        let rates: Vec<String> = self.rates.iter().map(rate).collect();
        digest(&[
            &self.keeping_fingerprint(),
            &format!("{:?}", self.ignored),
            &format!("{measures:?}"),
            &format!("{slices:?}"),
            &format!("[{}]", rates.join(", ")),
            &more.into_iter().chain(shallow).collect::<String>(),
        ])
    }
}

/// One measure over another is told as it was before there was more to tell.
fn formula(formula: &Formula) -> String {
    let combination = |combination: &Combination| {
        let mut terms = combination.terms();
        match (terms.next(), terms.next()) {
            (Some((_, alone)), None) => format!("{alone:?}"),
            _ => format!("{combination:?}"),
        }
    };
    let quotient = |quotient: &Quotient| {
        let both = std::iter::once(&quotient.numerator).chain(&quotient.denominator);
        both.map(combination).collect::<Vec<_>>().join(", ")
    };
    match formula {
        Formula::Counted { counted, reported: None } => quotient(counted),
        Formula::Counted { counted, reported: Some(reported) } => {
            let areas = &reported.areas;
            format!("{}, reported {} {areas:?}", quotient(counted), quotient(&reported.quotient))
        }
        Formula::Index(weighted) => format!("{weighted:?}"),
        Formula::Across(Across { numerator, denominator }) => {
            let name = |elsewhere: &Elsewhere| format!("{}/{}", elsewhere.pipeline, elsewhere.rate);
            format!("across {} {}", name(numerator), name(denominator))
        }
        Formula::Cleared { open, ever } => {
            format!("cleared {} {}", combination(open), combination(ever))
        }
    }
}

fn digest(parts: &[&str]) -> String {
    let mut hasher = Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}
