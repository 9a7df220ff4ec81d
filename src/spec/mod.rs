//! A pipeline file, as typed and then as validated: what to count, told in kinds, measures and rates.
//!
//! [`Pipeline`] is what every other room works with: names are resolved to ids, predicates compiled, windows in seconds.
//! Deliberately knows nothing of Kafka, of the lake, or of how anything is computed; reading it does no I/O.

mod alert;
pub mod amount;
pub mod column;
mod feeds;
mod fingerprint;
pub mod formula;
mod load;
mod lookbacks;
pub mod predicate;
mod read;
mod sum;
mod unit;

#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::Serialize;

use self::amount::decimal;
use self::column::{Column, ColumnType};
use self::formula::{Combination, Formula};
use self::predicate::Predicate;
use crate::area::{Addition, AreaTree, Level};
use crate::season::Alignment;

pub use alert::{Alert, Condition};
pub use feeds::{FEED_GONE_SECONDS, FeedRules, Quiet};
pub use load::{load_folder, load_text};
pub use lookbacks::Lookbacks;
pub use sum::Sum;
pub use unit::Unit;

/// The most measures a pipeline may have: which of them hold is one 64-bit word.
pub const MEASURES_MOST: usize = 64;
/// The most dimension values a pipeline may have, over all dimensions: which of them hold is one 128-bit word.
pub const SLICES_MOST: usize = 128;
/// The most kinds a pipeline may have; a kind and its retraction share a byte.
pub const KINDS_MOST: usize = 127;

/// A validated pipeline.
#[derive(Debug)]
pub struct Pipeline {
    /// Its name: label, directory in the lake, part of the Delta application ids.
    pub name: String,
    /// Its title.
    pub title: Bilingual,
    /// The thing it counts once: `worker`, `enterprise` … Pipelines with the same entity share pseudonyms.
    pub entity: String,
    /// Whether an entity is the same one in every season.
    pub seasons: Seasons,
    /// The Kafka topic it reads.
    pub topic: String,
    /// Where an event carries what.
    pub decode: DecodeRules,
    /// What the table of areas lacks: townships, and areas without a code.
    pub additions: Vec<Addition>,
    /// The tree of areas, those among them.
    pub areas: &'static AreaTree,
    /// The kinds of fact, sorted by name: a [`KindId`] indexes them, and ties in time go by this order.
    pub kinds: Vec<Kind>,
    /// Event types that share the topic and are another pipeline's business.
    pub ignored: Vec<String>,
    /// What is expected of those who report.
    pub feeds: Option<FeedRules>,
    /// The columns of an entity's state: for each kind its time, its fields, and how many there are if they are counted.
    pub columns: Vec<Column>,
    /// Predicates over the state; a [`MeasureId`] indexes them.
    pub measures: Vec<Measure>,
    /// What rates are broken out by.
    pub dimensions: Vec<Dimension>,
    /// The figures.
    pub rates: Vec<Rate>,
    /// Alerts on rates.
    pub alerts: Vec<Alert>,
    /// What follows from what, from the many who begin to the few who arrive; empty where nothing does.
    pub funnel: Vec<Stage>,
    /// Rates that say whether what was promised is kept, as indexes.
    pub service_levels: Vec<usize>,
    /// Examples that must hold.
    pub examples: Vec<Example>,
    /// The text it was read from.
    pub source_text: String,
}

/// Whether an entity is the same one in every season.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seasons {
    /// It is: an enterprise outlives a spring.
    Together,
    /// It is another one in each, and counts until its season ends: what a worker did in the spring of 2021 says nothing of
    /// that of 2022.
    Apart,
}

/// Text for people, in both languages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Where an event carries what, as JSON pointers into the CloudEvents envelope.
#[derive(Debug)]
pub struct DecodeRules {
    /// The entity's identifier.
    pub entity: String,
    /// The event's type.
    pub kind: String,
    /// When it happened.
    pub time: String,
    /// The area it names, if any.
    pub area: Option<String>,
    /// What becomes of an event without a time.
    pub missing_time: MissingTime,
    /// How far an event's time may lie after its record's timestamp.
    pub latest_seconds: i64,
}

/// What becomes of an event that carries no time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MissingTime {
    /// It is rejected.
    Reject,
    /// It counts at its record's timestamp.
    RecordTime,
}

/// Index of a kind in [`Pipeline::kinds`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KindId(pub u8);

/// A kind of fact.
#[derive(Debug)]
pub struct Kind {
    /// Its name, the prefix of its columns.
    pub name: String,
    /// The event types that are such a fact.
    pub events: Vec<String>,
    /// The event types that say that facts of this kind up to their time never happened.
    pub retracted_by: Vec<String>,
    /// How many such facts an entity's timeline keeps.
    pub keep: Keep,
    /// What such a fact carries.
    pub fields: Vec<Field>,
    /// What so many such facts are, where the state counts them: a column behind the fields.
    pub counted: Option<Unit>,
    /// Its columns in the state: the time, then the fields, then how many such facts there are.
    pub columns: Range<usize>,
}

/// How many facts of a kind a timeline keeps. Each choice is a function of the set, never of the order of arrival.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// The earliest alone.
    First,
    /// The last so many.
    Last(u32),
    /// Every one.
    All,
}

/// A field of a kind.
#[derive(Debug)]
pub struct Field {
    /// Its name; the column is `<kind>_<name>`.
    pub name: String,
    /// JSON pointer to the value.
    pub path: String,
    /// What the value may be.
    pub field_type: ColumnType,
}

/// Index of a measure in [`Pipeline::measures`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MeasureId(pub u8);

/// A predicate over an entity's state: those it is true of are counted, or what they bring is added up.
#[derive(Debug)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Bilingual,
    /// The predicate as typed: the very text that data teams run.
    pub sql: String,
    /// The predicate compiled.
    pub predicate: Predicate,
    /// What is added up of those it is true of; they are counted where there is nothing.
    pub sum: Option<Sum>,
    /// What its levels are in, where that is said.
    pub unit: Option<Unit>,
    /// Counts only what has stayed true this long; zero counts at once.
    pub held_for_seconds: i64,
    /// Counts only what turned true less than this ago.
    pub within_seconds: Option<i64>,
}

/// What rates are broken out by: a closed list of values, each a predicate of its own. Values may overlap.
#[derive(Debug)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Bilingual,
    /// Its values.
    pub values: Vec<DimensionValue>,
    /// Whether its values are those of one column, so that no entity has two of them.
    pub is_of_a_column: bool,
    /// The value of what is exact, where the others qualify: a total with something about in it is itself about.
    pub exact: Option<usize>,
    /// Areas below this level have no figures broken out by it.
    pub down_to: Level,
}

/// One value of a dimension.
#[derive(Debug)]
pub struct DimensionValue {
    /// The value as label.
    pub name: String,
    /// Its title.
    pub title: Bilingual,
    /// Whether an entity belongs to it, as SQL.
    pub sql: String,
    /// The same, compiled.
    pub predicate: Predicate,
}

/// A figure of every area: a share, a count, a total, an index or a state.
#[derive(Debug)]
pub struct Rate {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Bilingual,
    /// What exactly it is (口径).
    pub definition: Bilingual,
    /// What it says.
    pub formula: Formula,
    /// The decimals of the numerator's levels.
    pub numerator_scale: u8,
    /// The decimals of the denominator's levels.
    pub denominator_scale: u8,
    /// Over which windows its change is published.
    pub change: Vec<Window>,
    /// The dimensions it is broken out by, as indexes.
    pub by: Vec<usize>,
    /// Which way is good.
    pub better: Better,
    /// Where its denominator is less than this, its ratio says little: it is shown, and takes no part in a ranking.
    pub minimum_sample: i64,
    /// What lays it beside earlier springs, where it has a season.
    pub season: Option<Alignment>,
}

/// A stage of a funnel: what a rate counts, or out of what.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What people call it.
    pub title: Bilingual,
    /// The rate that tells how many are there, as an index.
    pub rate: usize,
    /// Which of its numbers does.
    pub side: Side,
}

/// One of a rate's two numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// What is counted.
    Numerator,
    /// Out of what.
    Denominator,
}

/// Which way of a rate is good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Better {
    /// The higher, the better.
    Higher,
    /// The lower, the better.
    Lower,
}

impl Dimension {
    /// Whether areas of this level have figures broken out by it. What is nowhere is above and below nothing.
    pub fn shows(&self, level: Level) -> bool {
        level <= self.down_to || level == Level::Unassigned
    }
}

impl Measure {
    /// What it counts, on one line: the predicate as typed, and what else decides.
    pub fn rule(&self) -> String {
        let condition = self.sql.split_whitespace().collect::<Vec<_>>().join(" ");
        let sum = self.sum.as_ref().map(|sum| format!("sum of {} where ", sum.sql));
        let held = match self.held_for_seconds {
            0 => String::new(),
            seconds => format!(", held for {seconds} s"),
        };
        let within = self.within_seconds.map(|seconds| format!(", within {seconds} s"));
        format!("{}{condition}{held}{}", sum.unwrap_or_default(), within.unwrap_or_default())
    }

    /// The decimals of its levels: none where entities are counted.
    pub fn scale(&self) -> u8 {
        self.sum.as_ref().map_or(0, |sum| sum.denomination.scale)
    }
}

impl Rate {
    /// What it says of the levels of its measures, unless there is nothing to divide by.
    pub fn ratio(&self, numerator: i64, denominator: i64) -> Option<f64> {
        if !self.formula.has_ratio() {
            return None;
        }
        let ratio = (denominator != 0).then(|| numerator as f64 / denominator as f64)?;
        match i32::from(self.denominator_scale) - i32::from(self.numerator_scale) {
            0 => Some(ratio),
            decimals => Some(ratio * 10_f64.powi(decimals)),
        }
    }

    /// By how much it has changed between two moments' numerator and denominator: its ratio, or the numerator of one that
    /// has none.
    pub fn change(&self, now: (i64, i64), then: (i64, i64)) -> Option<f64> {
        match self.formula.has_ratio() {
            true => Some(self.ratio(now.0, now.1)? - self.ratio(then.0, then.1)?),
            false => Some(decimal(now.0 - then.0, self.numerator_scale)),
        }
    }
}

/// A length of time as typed and in seconds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Window {
    /// In seconds.
    pub seconds: i64,
    /// As typed, used as a label: `24h`.
    pub label: String,
}

/// An example in the file: events, and the rates they must give.
#[derive(Debug)]
pub struct Example {
    /// What it shows, as a sentence.
    pub name: String,
    /// The events, as they would come.
    pub events: Vec<serde_json::Value>,
    /// What they must give, at one moment or at several.
    pub looks: Vec<Look>,
}

/// A moment at which an [`Example`] is looked at.
#[derive(Debug)]
pub struct Look {
    /// As of when; the newest event's time unless given. What happens later has not happened.
    pub as_of: Option<crate::time::EventTime>,
    /// The expected figures.
    pub expect: Vec<Expectation>,
}

/// One expected figure of an [`Example`].
#[derive(Debug)]
pub struct Expectation {
    /// Index into [`Pipeline::rates`].
    pub rate: usize,
    /// The area's code.
    pub area: String,
    /// Dimension and value, for a figure broken out.
    pub slice: Option<SliceId>,
    /// The numerator, in last decimals.
    pub numerator: i64,
    /// The denominator, in last decimals; zero where the rate has none.
    pub denominator: i64,
}

/// A dimension's value, counted over all dimensions of the pipeline in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SliceId(pub u8);

impl Pipeline {
    /// The kind of this id.
    pub fn kind(&self, id: KindId) -> &Kind {
        &self.kinds[usize::from(id.0)]
    }

    /// Every dimension value with its id, over all dimensions.
    pub fn slices(&self) -> impl Iterator<Item = (SliceId, &Dimension, &DimensionValue)> {
        self.dimensions
            .iter()
            .flat_map(|dimension| dimension.values.iter().map(move |value| (dimension, value)))
            .enumerate()
            .map(|(index, (dimension, value))| (SliceId(index as u8), dimension, value))
    }

    /// The dimensions a rate is broken out by.
    pub fn dimensions_of<'p>(&'p self, rate: &'p Rate) -> impl Iterator<Item = &'p Dimension> {
        rate.by.iter().map(|dimension| &self.dimensions[*dimension])
    }

    /// The dimension values a rate is broken out by, as bits by [`SliceId`].
    pub fn slices_of(&self, rate: &Rate) -> u128 {
        let is_by =
            |dimension: &Dimension| self.dimensions_of(rate).any(|by| std::ptr::eq(by, dimension));
        let slices = self.slices().filter(|(_, dimension, _)| is_by(dimension));
        slices.fold(0, |all, (slice, ..)| all | 1 << slice.0)
    }

    /// What people call a rate's numerator and, where it has a ratio, its denominator.
    pub fn titles_of(&self, rate: &Rate) -> (Bilingual, Option<Bilingual>) {
        let bilingual = |zh: &str, en: &str| Bilingual { zh: zh.to_owned(), en: en.to_owned() };
        match &rate.formula {
            Formula::Counted { counted, .. } => {
                let title = |combination: &Combination| combination.title(self);
                (title(&counted.numerator), counted.denominator.as_ref().map(title))
            }
            Formula::Index(_) => (rate.title.clone(), None),
            Formula::Across(across) => {
                (across.numerator.title.clone(), Some(across.denominator.title.clone()))
            }
            Formula::Cleared { .. } => {
                (bilingual("已清零", "Cleared"), Some(bilingual("曾有", "Ever had any")))
            }
        }
    }

    /// What a rate's numerator is in, where that is said.
    pub fn unit_of(&self, rate: &Rate) -> Option<Unit> {
        match &rate.formula {
            Formula::Counted { counted, .. } => {
                let measure = counted.numerator.measures().next()?;
                self.measures[usize::from(measure.0)].unit
            }
            Formula::Index(_) => Some(Unit::point()),
            Formula::Cleared { .. } | Formula::Across(_) => None,
        }
    }

    /// What a rate's denominator is in, where it has one and that is said.
    pub fn denominator_unit_of(&self, rate: &Rate) -> Option<Unit> {
        let Formula::Counted { counted, .. } = &rate.formula else { return None };
        let measure = counted.denominator.as_ref()?.measures().next()?;
        self.measures[usize::from(measure.0)].unit
    }

    /// Whether a rate's ratio is a share, which people read as so many of a hundred. Persons over person-trips are no share, and
    /// seconds over cases even less.
    pub fn is_share(&self, rate: &Rate) -> bool {
        let units = (self.unit_of(rate), self.denominator_unit_of(rate));
        let are_alike = match units {
            (Some(above), Some(below)) => above == below,
            _ => true,
        };
        rate.formula.has_ratio() && are_alike
    }

    /// The measures that decide a rate, each once and in the order of the file; an index is decided by those of its rates.
    pub fn measures_of(&self, rate: &Rate) -> Vec<MeasureId> {
        let mut measures: Vec<MeasureId> = match &rate.formula {
            Formula::Index(parts) => {
                parts.iter().flat_map(|part| self.measures_of(&self.rates[part.rate])).collect()
            }
            formula => formula.measures(),
        };
        measures.sort_unstable();
        measures.dedup();
        measures
    }

    /// A dimension's value as people write it: `mode=rail`.
    pub fn slice_name(&self, slice: SliceId) -> String {
        let known = self.slices().find(|(id, ..)| *id == slice);
        known.map(|(_, d, value)| format!("{}={}", d.name, value.name)).unwrap_or_default()
    }

    /// The measure of a name.
    pub fn measure(&self, name: &str) -> Option<MeasureId> {
        let index = self.measures.iter().position(|measure| measure.name == name)?;
        Some(MeasureId(index as u8))
    }

    /// The id of a dimension's value.
    pub fn slice(&self, dimension: &str, value: &str) -> Option<SliceId> {
        self.slices()
            .find(|(_, d, v)| d.name == dimension && v.name == value)
            .map(|(slice, _, _)| slice)
    }

    /// Every window any rate declares, without repetition, shortest first.
    pub fn windows(&self) -> Vec<Window> {
        let mut windows: Vec<Window> =
            self.rates.iter().flat_map(|rate| rate.change.iter().cloned()).collect();
        windows.sort();
        windows.dedup_by(|a, b| a.seconds == b.seconds);
        windows
    }

    /// JSON pointers to everything this pipeline wants of an event.
    pub fn pointers(&self) -> impl Iterator<Item = &str> {
        let rules = &self.decode;
        let fields = self.kinds.iter().flat_map(|kind| kind.fields.iter());
        [rules.entity.as_str(), rules.kind.as_str(), rules.time.as_str()]
            .into_iter()
            .chain(rules.area.as_deref())
            .chain(fields.map(|field| field.path.as_str()))
    }
}
