//! What holds of a state: every predicate is asked once, and again only when a fact could have changed its answer.
//!
//! A pipeline has many measures and an event moves few of them. Knows neither time nor areas.

use std::sync::Arc;

use crate::roster::Layout;
use crate::spec::column::Value;
use crate::spec::predicate::Predicate;
use crate::spec::{KindId, Pipeline};

/// The predicates of a pipeline's measures and dimension values.
pub struct Questions {
    pipeline: Arc<Pipeline>,
    /// For each measure, it and all others of the very same text, if it is the first of them.
    same_text: Vec<u64>,
    /// The dimension values that are looked up, by the column that tells them.
    looked_up: Vec<LookUp>,
    /// The dimension values that have to be asked one by one.
    asked: u128,
    /// By kind: what a fact of it may change.
    about: Vec<Open>,
    /// Of a state without facts.
    at_first: Answers,
}

/// What was found to hold, and what has to be asked again.
#[derive(Clone, Copy, Default)]
pub struct Answers {
    measures: u64,
    slices: u128,
    open: Open,
}

/// Measures and dimension values that have to be asked.
#[derive(Clone, Copy, Default)]
struct Open {
    /// Of those with the same text, only the first.
    measures: u64,
    slices: u128,
}

/// Dimension values that are one value of a column each, as those of a label column are. There may be dozens.
struct LookUp {
    column: usize,
    /// All of them.
    slices: u128,
    by_value: Vec<(Value, u128)>,
}

/// Which predicates hold, by measure and by dimension value.
#[derive(Clone, Copy)]
pub struct Truths {
    /// The measures.
    pub measures: u64,
    /// The dimension values. Where no measure holds nobody is counted, and there are none.
    pub slices: u128,
}

impl Questions {
    /// The questions of this pipeline.
    pub fn of(pipeline: Arc<Pipeline>, layout: &Layout) -> Self {
        let same_text = same_texts(&pipeline);
        let about = pipeline.kinds.iter().map(|kind| {
            let reads = |predicate: &Predicate| {
                predicate.columns().any(|column| kind.columns.contains(&column))
            };
            let measures = pipeline.measures.iter().zip(&same_text).enumerate();
            let measures = measures
                .filter(|(_, (measure, same))| **same != 0 && reads(&measure.predicate))
                .fold(0, |open, (measure, _)| open | 1 << measure);
            let slices = pipeline.slices().filter(|(.., value)| reads(&value.predicate));
            let slices = slices.fold(0, |open, (slice, ..)| open | 1 << slice.0);
            Open { measures, slices }
        });
        let about = about.collect();
        let looked_up = LookUp::all_of(&pipeline);
        let all = pipeline.slices().fold(0, |all, (slice, ..)| all | 1 << slice.0);
        let asked = looked_up.iter().fold(all, |asked, look_up| asked & !look_up.slices);
        let at_first = Answers::default();
        let mut questions = Self { pipeline, same_text, looked_up, asked, about, at_first };
        questions.at_first = questions.answers_without_facts(layout);
        questions
    }

    fn answers_without_facts(&self, layout: &Layout) -> Answers {
        let nothing = vec![Value::NULL; layout.columns()];
        let everything = Open {
            measures: (0..)
                .zip(&self.same_text)
                .fold(0, |open, (measure, same)| open | u64::from(*same != 0) << measure),
            slices: self.looked_up.iter().fold(self.asked, |open, look_up| open | look_up.slices),
        };
        let mut answers = Answers { open: everything, ..Answers::default() };
        self.ask_measures(&mut answers, &nothing);
        self.ask_slices(&mut answers, &nothing);
        answers
    }

    /// The answers for a state without facts.
    pub fn at_first(&self) -> Answers {
        self.at_first
    }

    /// Notes that a fact of this kind has been folded into the state.
    #[inline]
    pub fn reopen(&self, answers: &mut Answers, kind: KindId) {
        let about = self.about[usize::from(kind.0)];
        answers.open.measures |= about.measures;
        answers.open.slices |= about.slices;
    }

    /// Asks what has to be asked again of the state.
    pub fn ask(&self, answers: &mut Answers, row: &[Value]) -> Truths {
        self.ask_measures(answers, row);
        if answers.measures == 0 {
            return Truths { measures: 0, slices: 0 };
        }
        self.ask_slices(answers, row);
        Truths { measures: answers.measures, slices: answers.slices }
    }

    fn ask_measures(&self, answers: &mut Answers, row: &[Value]) {
        for measure in bits(std::mem::take(&mut answers.open.measures).into()) {
            let measure = usize::from(measure);
            let holds = self.pipeline.measures[measure].predicate.holds(row);
            let alike = self.same_text[measure];
            answers.measures =
                if holds { answers.measures | alike } else { answers.measures & !alike };
        }
    }

    fn ask_slices(&self, answers: &mut Answers, row: &[Value]) {
        let open = std::mem::take(&mut answers.open.slices);
        if open == 0 {
            return;
        }
        answers.slices &= !open;
        for look_up in self.looked_up.iter().filter(|look_up| look_up.slices & open != 0) {
            answers.slices |= look_up.find(row) & open;
        }
        let asked = open & self.asked;
        if asked == 0 {
            return;
        }
        for (slice, _, value) in self.pipeline.slices() {
            let is_asked = asked & (1 << slice.0) != 0;
            answers.slices |= u128::from(is_asked && value.predicate.holds(row)) << slice.0;
        }
    }
}

impl LookUp {
    fn all_of(pipeline: &Pipeline) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (slice, _, value) in pipeline.slices() {
            let Some((column, wanted)) = value.predicate.wants() else { continue };
            let known = all.iter().position(|look_up| look_up.column == column);
            let index = known.unwrap_or_else(|| {
                all.push(Self { column, slices: 0, by_value: Vec::new() });
                all.len() - 1
            });
            all[index].add(wanted, 1 << slice.0);
        }
        all
    }

    fn add(&mut self, wanted: Value, slice: u128) {
        self.slices |= slice;
        match self.by_value.binary_search_by_key(&wanted, |(value, _)| *value) {
            Ok(at) => self.by_value[at].1 |= slice,
            Err(at) => self.by_value.insert(at, (wanted, slice)),
        }
    }

    fn find(&self, row: &[Value]) -> u128 {
        let value = row.get(self.column).copied().unwrap_or(Value::NULL);
        let at = self.by_value.binary_search_by_key(&value, |(value, _)| *value);
        at.map_or(0, |at| self.by_value[at].1)
    }
}

/// For each measure, it and all others of the very same text, if it is the first of them.
fn same_texts(pipeline: &Pipeline) -> Vec<u64> {
    let measures = &pipeline.measures;
    let alike = |sql: &str| {
        let of_text = measures.iter().enumerate().filter(|(_, measure)| measure.sql == sql);
        of_text.fold(0_u64, |alike, (measure, _)| alike | 1 << measure)
    };
    let first = |(index, alike): (u32, u64)| (alike.trailing_zeros() == index).then_some(alike);
    (0..).zip(measures.iter().map(|m| alike(&m.sql))).map(|at| first(at).unwrap_or(0)).collect()
}

/// The positions of the bits that are set.
pub fn bits(mut word: u128) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let lowest = word.trailing_zeros();
        (word != 0).then(|| {
            word &= word - 1;
            lowest as u8
        })
    })
}
