//! Section `rates`: what each says, with its definition, the windows of its change and what it is broken out by.

use super::super::formula::{Formula, INDEX_SCALE, Quotient, Weighted};
use super::super::{Better, Bilingual, Dimension, Measure, Rate, Window};
use super::formulas::{self, Known};
use super::sections;
use crate::area::AreaTree;
use crate::season::Alignment;
use crate::yaml::{Key, Node, Problems, nearest};

/// Reads the rates in the order of the file, each followed by its reconciliation where an area reports it.
pub fn read(
    node: &Node,
    areas: &'static AreaTree,
    measures: &[Measure],
    dimensions: &[Dimension],
    problems: &mut Problems,
) -> Vec<Rate> {
    let mut rates = Vec::new();
    for (key, node) in node.entries(problems) {
        let known = Known { areas, measures, rates: &rates };
        let Some(rate) = rate(key, node, known, dimensions, problems) else { continue };
        let reconciliation = reconciliation(&rate);
        for rate in std::iter::once(rate).chain(reconciliation) {
            if rates.iter().any(|other: &Rate| other.name == rate.name) {
                problems.note(&key.place, format!("two rates are named `{}`", rate.name));
            }
            rates.push(rate);
        }
    }
    rates
}

fn rate(
    key: &Key,
    node: &Node,
    known: Known<'_>,
    dimensions: &[Dimension],
    problems: &mut Problems,
) -> Option<Rate> {
    let name = sections::key_name(key, problems);
    let mut fields = node.fields(problems)?;
    let title = fields.required("title", problems).and_then(|n| sections::bilingual(n, problems));
    let definition = fields.required("definition", problems);
    let definition = definition.and_then(|n| sections::bilingual(n, problems));
    let formula = formulas::read(&mut fields, known, problems);
    let change = fields.optional("change").map(|n| n.sequence(problems)).unwrap_or_default();
    let change = windows(change, problems);
    let by_node = fields.optional("by");
    let by = match by_node {
        Some(node) => by(node, dimensions, problems),
        None => (0..dimensions.len()).collect(),
    };
    let better = fields.optional("better").map_or(Some(Better::Higher), |n| better(n, problems));
    let season = fields.optional("season");
    let season = season.map_or(Some(None), |n| alignment(n, problems).map(Some));
    let sample = fields.optional("minimum_sample");
    let minimum_sample = sample.map_or(Some(1), |n| n.integer(1, problems));
    fields.done(problems);
    let formula = formula?;
    let by = match &formula {
        // The other pipeline has other dimensions.
        Formula::Across(_) => Vec::new(),
        _ => by,
    };
    if formula.across().is_some() && (!change.is_empty() || season != Some(None)) {
        let message = "what lies across pipelines is told of now alone";
        problems.suggest(&node.place, message, "leave `change` and `season` out");
    }
    if let Formula::Index(weighted) = &formula {
        refuse_more_than_the_rates_have(by_node.unwrap_or(node), &by, weighted, known, problems);
    }
    let (numerator_scale, denominator_scale) = scales(&formula, known);
    Some(Rate {
        name: name?,
        title: title?,
        definition: definition?,
        formula,
        numerator_scale,
        denominator_scale,
        change,
        by,
        better: better?,
        minimum_sample: minimum_sample?,
        season: season?,
    })
}

fn scales(formula: &Formula, known: Known<'_>) -> (u8, u8) {
    match formula {
        Formula::Counted { counted, .. } => {
            let scale = |combination| formulas::scale(combination, known);
            (scale(&counted.numerator), counted.denominator.as_ref().map_or(0, scale))
        }
        Formula::Index(_) => (INDEX_SCALE, 0),
        Formula::Cleared { .. } | Formula::Across(_) => (0, 0),
    }
}

/// Where areas report what the facts tell, too, the difference is a figure of its own.
fn reconciliation(rate: &Rate) -> Option<Rate> {
    let Formula::Counted { counted, reported: Some(reported) } = &rate.formula else {
        return None;
    };
    let numerator = reported.quotient.numerator.less(&counted.numerator);
    let title = Bilingual {
        zh: format!("{}·对账差", rate.title.zh),
        en: format!("{}: reports less events", rate.title.en),
    };
    let definition = Bilingual {
        zh: format!("上报数减去按事件统计的数：{}", rate.definition.zh),
        en: format!("What is reported less what the events tell. {}", rate.definition.en),
    };
    Some(Rate {
        name: format!("{}_reconciliation", rate.name),
        title,
        definition,
        formula: Formula::Counted {
            counted: Quotient { numerator, denominator: None },
            reported: None,
        },
        numerator_scale: rate.numerator_scale,
        denominator_scale: 0,
        change: Vec::new(),
        by: Vec::new(),
        better: rate.better,
        minimum_sample: 1,
        season: None,
    })
}

/// An index has a figure only where each of its rates has one.
fn refuse_more_than_the_rates_have(
    at: &Node,
    by: &[usize],
    weighted: &[Weighted],
    known: Known<'_>,
    problems: &mut Problems,
) {
    let lacks = |weighted: &&Weighted| {
        by.iter().any(|dimension| !known.rates[weighted.rate].by.contains(dimension))
    };
    if let Some(lacking) = weighted.iter().find(lacks) {
        let message =
            format!("the index is broken out by more than `{}` is", known.rates[lacking.rate].name);
        problems.suggest(&at.place, message, "write `by: []`, or what all of its rates have");
    }
}

fn alignment(node: &Node, problems: &mut Problems) -> Option<Alignment> {
    let text = node.text(problems)?;
    let alignment = Alignment::of(text);
    if alignment.is_none() {
        let instead = "write spring-festival, calendar or workday";
        problems.suggest(&node.place, format!("`{text}` aligns no seasons"), instead);
    }
    alignment
}

fn better(node: &Node, problems: &mut Problems) -> Option<Better> {
    match node.text(problems)? {
        "higher" => Some(Better::Higher),
        "lower" => Some(Better::Lower),
        other => {
            let message = format!("`{other}` is no direction");
            problems.suggest(&node.place, message, "write `higher` or `lower`");
            None
        }
    }
}

/// The label of a window tells its series from another's.
fn windows(nodes: &[Node], problems: &mut Problems) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for node in nodes {
        let Some(window) = sections::window(node, problems) else {
            continue;
        };
        if windows.contains(&window) {
            let message = format!("`{}` is named twice", window.label);
            problems.suggest(&node.place, message, "leave one out");
        }
        windows.push(window);
    }
    windows
}

/// The dimensions that are named; `[]` is none.
fn by(node: &Node, dimensions: &[Dimension], problems: &mut Problems) -> Vec<usize> {
    let mut by = Vec::new();
    for node in node.sequence(problems) {
        let Some(name) = node.text(problems) else { continue };
        let known = dimensions.iter().position(|dimension| dimension.name == name);
        match known.filter(|index| !by.contains(index)) {
            Some(index) => by.push(index),
            None => {
                let near =
                    nearest(name, dimensions.iter().map(|dimension| dimension.name.as_str()));
                let instead = near.map(|near| format!("did you mean `{near}`?"));
                let instead =
                    instead.unwrap_or_else(|| "name each of the file's dimensions once".to_owned());
                let message = format!("`{name}` is no dimension, or is named twice");
                problems.suggest(&node.place, message, instead);
            }
        }
    }
    by
}
