//! What a rate says: `numerator` and `denominator` with `reported` beside them, or `index`, `cleared` or `across`.

use super::super::formula::{
    Across, Combination, Elsewhere, Formula, Quotient, Reported, Sign, Weighted,
};
use super::super::{Measure, MeasureId, Rate};
use super::sections;
use crate::area::{AreaId, AreaTree};
use crate::yaml::{Fields, Key, Node, Problems, nearest};

/// What a formula may name.
#[derive(Clone, Copy)]
pub struct Known<'k> {
    /// The tree of areas.
    pub areas: &'static AreaTree,
    /// The file's measures.
    pub measures: &'k [Measure],
    /// The rates before this one.
    pub rates: &'k [Rate],
}

/// Reads what a rate says.
pub fn read(fields: &mut Fields<'_>, known: Known<'_>, problems: &mut Problems) -> Option<Formula> {
    let place = fields.place().clone();
    let (numerator, denominator) = (fields.optional("numerator"), fields.optional("denominator"));
    let reported = fields.optional("reported");
    let (index, cleared) = (fields.optional("index"), fields.optional("cleared"));
    let across = fields.optional("across");
    if let (None, Some(node)) = (numerator, denominator.or(reported)) {
        problems.note(&node.place, "this belongs to a `numerator`, and there is none");
    }
    match (numerator, index, cleared, across) {
        (Some(numerator), None, None, None) => {
            let counted = quotient(numerator, denominator, known, problems);
            let reported = match reported {
                Some(node) => self::reported(node, counted.as_ref(), known, problems).map(Some),
                None => Some(None),
            };
            Some(Formula::Counted { counted: counted?, reported: reported? })
        }
        (None, Some(node), None, None) => index_of(node, known, problems),
        (None, None, Some(node), None) => cleared_of(node, known, problems),
        (None, None, None, Some(node)) => across_of(node, problems).map(Formula::Across),
        _ => {
            problems
                .note(&place, "a rate needs one of `numerator`, `index`, `cleared` and `across`");
            None
        }
    }
}

fn quotient(
    numerator: &Node,
    denominator: Option<&Node>,
    known: Known<'_>,
    problems: &mut Problems,
) -> Option<Quotient> {
    let numerator = combination(numerator, known, problems);
    let denominator = match denominator {
        Some(node) => combination(node, known, problems).map(Some),
        None => Some(None),
    };
    Some(Quotient { numerator: numerator?, denominator: denominator? })
}

/// What two pipelines count, one over the other.
fn across_of(node: &Node, problems: &mut Problems) -> Option<Across> {
    let mut fields = node.fields(problems)?;
    let numerator = fields.required("numerator", problems);
    let numerator = numerator.and_then(|n| elsewhere(n, problems));
    let denominator = fields.required("denominator", problems);
    let denominator = denominator.and_then(|n| elsewhere(n, problems));
    fields.done(problems);
    Some(Across { numerator: numerator?, denominator: denominator? })
}

/// A pipeline and a rate of it. Whether they are there is seen when all files have been read.
fn elsewhere(node: &Node, problems: &mut Problems) -> Option<Elsewhere> {
    let mut fields = node.fields(problems)?;
    let rate = fields.required("rate", problems);
    let title = fields.required("title", problems).and_then(|n| sections::bilingual(n, problems));
    fields.done(problems);
    let (rate, title) = (rate?, title?);
    let text = rate.text(problems)?;
    let Some((pipeline, name)) = text.split_once('/') else {
        let message = format!("`{text}` names no rate of a pipeline");
        problems.suggest(&rate.place, message, "write `pipeline/rate`: recruitment/hired");
        return None;
    };
    Some(Elsewhere { pipeline: pipeline.to_owned(), rate: name.to_owned(), title })
}

/// What areas report must be what is counted elsewhere, or the two would not add up.
fn reported(
    node: &Node,
    counted: Option<&Quotient>,
    known: Known<'_>,
    problems: &mut Problems,
) -> Option<Reported> {
    let mut fields = node.fields(problems)?;
    let numerator = fields.required("numerator", problems);
    let denominator = fields.optional("denominator");
    let areas = fields.required("areas", problems);
    fields.done(problems);
    let areas = areas.map(|node| self::areas(node, known.areas, problems));
    let quotient = quotient(numerator?, denominator, known, problems)?;
    let shape = |quotient: &Quotient| {
        let scale = |combination: &Combination| scale(combination, known);
        (scale(&quotient.numerator), quotient.denominator.as_ref().map(scale))
    };
    if shape(counted?) != shape(&quotient) {
        let message =
            "what is reported has another denominator or other decimals than what is counted";
        problems.suggest(&node.place, message, "report the same thing");
        return None;
    }
    Some(Reported { quotient, areas: areas? })
}

/// Areas that report, each once and none within another.
fn areas(node: &Node, tree: &AreaTree, problems: &mut Problems) -> Vec<AreaId> {
    let mut areas: Vec<AreaId> = Vec::new();
    for node in node.sequence(problems) {
        let Some(code) = node.text(problems) else { continue };
        let Some(area) = tree.resolve(code) else {
            let instead = "write a code of GB/T 2260, such as \"330700\"";
            problems.suggest(&node.place, format!("`{code}` is no area"), instead);
            continue;
        };
        let lies_in = |inner: AreaId, outer: AreaId| tree.ancestors(inner).any(|a| a == outer);
        if areas.iter().any(|other| lies_in(area, *other) || lies_in(*other, area)) {
            let message = format!("`{code}` lies within another of these areas, or around it");
            problems.suggest(&node.place, message, "name the larger one alone");
        }
        areas.push(area);
    }
    if areas.is_empty() {
        problems.suggest(&node.place, "no area reports", "name one, or leave `reported` out");
    }
    areas
}

fn index_of(node: &Node, known: Known<'_>, problems: &mut Problems) -> Option<Formula> {
    let entries = node.entries(problems);
    if entries.is_empty() {
        problems.suggest(&node.place, "an index of nothing", "write `{ restart_rate: 0.5, … }`");
    }
    let weighted: Option<Vec<Weighted>> =
        entries.iter().map(|(key, node)| weighted(key, node, known, problems)).collect();
    weighted.filter(|weighted| !weighted.is_empty()).map(Formula::Index)
}

fn weighted(key: &Key, node: &Node, known: Known<'_>, problems: &mut Problems) -> Option<Weighted> {
    let weight = node.number(problems);
    let rate = known.rates.iter().position(|rate| rate.name == key.text);
    if rate.is_none_or(|rate| !known.rates[rate].formula.has_ratio()) {
        let message = format!("no rate with a ratio is named `{}` before this one", key.text);
        let named = known.rates.iter().filter(|rate| rate.formula.has_ratio());
        let near = nearest(&key.text, named.map(|rate| rate.name.as_str()));
        let instead = near.map(|near| format!("did you mean `{near}`?"));
        let instead = instead.unwrap_or_else(|| "an index comes behind its rates".to_owned());
        problems.suggest(&key.place, message, instead);
        return None;
    }
    Some(Weighted { rate: rate?, weight: weight? })
}

fn cleared_of(node: &Node, known: Known<'_>, problems: &mut Problems) -> Option<Formula> {
    let mut fields = node.fields(problems)?;
    let open = fields.required("open", problems);
    let ever = fields.required("ever", problems);
    fields.done(problems);
    let open = open.and_then(|node| combination(node, known, problems));
    let ever = ever.and_then(|node| combination(node, known, problems));
    Some(Formula::Cleared { open: open?, ever: ever? })
}

/// `opened - solved + reopened`: measures of one unit and the same decimals.
fn combination(node: &Node, known: Known<'_>, problems: &mut Problems) -> Option<Combination> {
    let words: Vec<&str> = node.text(problems)?.split_whitespace().collect();
    if words.is_empty() {
        problems.suggest(&node.place, "no measure is named", EXAMPLE);
        return None;
    }
    let mut terms = Vec::new();
    for (index, word) in words.iter().enumerate() {
        if index.is_multiple_of(2) {
            let before = index.checked_sub(1).map(|before| words[before]);
            terms.push((sign(before), measure(word, node, known, problems)?));
        } else if !["+", "-"].contains(word) {
            problems.suggest(&node.place, format!("`{word}` is neither + nor -"), EXAMPLE);
            return None;
        }
    }
    let ((_, first), rest) = terms.split_first()?;
    if words.len().is_multiple_of(2) {
        problems.suggest(&node.place, "the last sign has no measure behind it", EXAMPLE);
        return None;
    }
    let of = |measure: &MeasureId| &known.measures[usize::from(measure.0)];
    for (_, other) in rest {
        if (of(first).scale(), of(first).unit) != (of(other).scale(), of(other).unit) {
            let (first, other) = (&of(first).name, &of(other).name);
            let message = format!("`{first}` and `{other}` have other units or decimals");
            problems.suggest(&node.place, message, "give both measures the same `unit`");
            return None;
        }
    }
    Some(Combination::new(*first, rest.to_vec()))
}

const EXAMPLE: &str = "write `opened - solved`, with spaces around the sign";

fn sign(word: Option<&str>) -> Sign {
    if word == Some("-") { Sign::Minus } else { Sign::Plus }
}

fn measure(
    name: &str,
    node: &Node,
    known: Known<'_>,
    problems: &mut Problems,
) -> Option<MeasureId> {
    let index = known.measures.iter().position(|measure| measure.name == name);
    if index.is_none() {
        let names = known.measures.iter().map(|measure| measure.name.as_str());
        let instead = nearest(name, names).map(|near| format!("did you mean `{near}`?"));
        let instead = instead.unwrap_or_else(|| "name one of the file's measures".to_owned());
        problems.suggest(&node.place, format!("no measure is named `{name}`"), instead);
    }
    index.map(|index| MeasureId(index as u8))
}

/// The decimals of a combination's level: those of each of its measures.
pub fn scale(combination: &Combination, known: Known<'_>) -> u8 {
    let first = combination.measures().next();
    first.map_or(0, |measure| known.measures[usize::from(measure.0)].scale())
}
