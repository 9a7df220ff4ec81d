//! Sections `funnel` and `service_levels`: what the dashboards that all pipelines share show of this one.

use super::super::{Combination, Formula, Measure, Rate, Side, Stage};
use super::alerts;
use crate::yaml::{Node, Problems, nearest};

/// Reads the stages of a funnel: measures, each of which is a rate's whole numerator or denominator, or no figure would tell how
/// many there are.
pub fn funnel(
    node: &Node,
    measures: &[Measure],
    rates: &[Rate],
    problems: &mut Problems,
) -> Vec<Stage> {
    let nodes = node.sequence(problems);
    if nodes.len() < 2 {
        problems.note(&node.place, "a funnel has at least two stages");
    }
    nodes.iter().filter_map(|node| stage(node, measures, rates, problems)).collect()
}

fn stage(
    node: &Node,
    measures: &[Measure],
    rates: &[Rate],
    problems: &mut Problems,
) -> Option<Stage> {
    let text = node.text(problems)?;
    let Some(measure) = measures.iter().position(|measure| measure.name == text) else {
        let near = nearest(text, measures.iter().map(|measure| measure.name.as_str()));
        let instead = near.map(|near| format!("did you mean `{near}`?"));
        let instead = instead.unwrap_or_else(|| "name one of the file's measures".to_owned());
        problems.suggest(&node.place, format!("no measure is named `{text}`"), instead);
        return None;
    };
    let is_it = |combination: &Combination| {
        combination.only().is_some_and(|only| usize::from(only.0) == measure)
    };
    let side_of = |rate: &Rate| {
        let Formula::Counted { counted, .. } = &rate.formula else { return None };
        match &counted.denominator {
            _ if is_it(&counted.numerator) => Some(Side::Numerator),
            Some(below) if is_it(below) => Some(Side::Denominator),
            _ => None,
        }
    };
    let told = rates.iter().enumerate().find_map(|(rate, of)| Some((rate, side_of(of)?)));
    let Some((rate, side)) = told else {
        let message = format!("no rate has `{text}` alone as its numerator or denominator");
        problems.suggest(&node.place, message, "add one: a count of it, or a share of another");
        return None;
    };
    Some(Stage { title: measures[measure].title.clone(), rate, side })
}

/// Reads which rates are service levels.
pub fn service_levels(node: &Node, rates: &[Rate], problems: &mut Problems) -> Vec<usize> {
    let nodes = node.sequence(problems);
    nodes.iter().filter_map(|node| alerts::rate(node, rates, problems)).collect()
}
