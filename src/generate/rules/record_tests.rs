//! Unit tests of what is recorded of a rate, whether an alert asks for it or not: once for each area, under its names, whoever exports it.

use super::pipeline_tests::{Case, Sample};
use super::test_series::{AREA, RATIO, area_info, constant, exported};
use crate::area::Level;
use crate::generate::promql::{ABOVE_LAST_SPRING, recorded};
use crate::spec::{Pipeline, Rate};

const MINUTE: i64 = 1;
const NUMERATOR: f64 = 900.0;
const DENOMINATOR: f64 = 1_000.0;
const CHANGE: f64 = -0.125;
const ABOVE: f64 = 0.25;

/// Every case: one of each rate that has a ratio.
pub fn cases(pipeline: &Pipeline) -> impl Iterator<Item = Case> {
    let rates = pipeline.rates.iter().filter(|rate| rate.formula.has_ratio());
    rates.map(|rate| case(pipeline, rate))
}

fn case(pipeline: &Pipeline, rate: &Rate) -> Case {
    let name =
        format!("{}: is recorded once, while one instance takes over from another", rate.name);
    let mut case = Case { name, ..Case::default() };
    for instance in ["one", "two"] {
        case.series.push(area_info(instance, Level::County.as_str(), MINUTE));
    }
    let counts = ["numerator", "denominator"].into_iter().zip([NUMERATOR, DENOMINATOR]);
    for (what, value) in counts {
        add(&mut case, (pipeline, rate), what, (&format!("chunfeng_rate_{what}"), None, value));
    }
    add(&mut case, (pipeline, rate), "ratio", ("chunfeng_rate_ratio", None, RATIO));
    for window in &rate.change {
        let what = format!("change_{}", window.label);
        let exported = ("chunfeng_rate_change_ratio", Some(window.label.as_str()), CHANGE);
        add(&mut case, (pipeline, rate), &what, exported);
    }
    if rate.season.is_some() {
        let exported = ("chunfeng_rate_above_last_spring_ratio", None, ABOVE);
        add(&mut case, (pipeline, rate), ABOVE_LAST_SPRING, exported);
    }
    case
}

/// What two instances export, and what is recorded of it.
fn add(
    case: &mut Case,
    (pipeline, rate): (&Pipeline, &Rate),
    what: &str,
    (family, window, value): (&str, Option<&str>, f64),
) {
    let [(_, area), names @ ..] = AREA;
    let level = Level::County.as_str();
    let mut labels = vec![
        ("area", area),
        ("level", level),
        ("pipeline", pipeline.name.as_str()),
        ("rate", rate.name.as_str()),
    ];
    labels.extend(window.map(|window| ("window", window)));
    for instance in ["one", "two"] {
        let of_instance: Vec<_> = labels.iter().copied().chain([("instance", instance)]).collect();
        case.series.push((exported(family, &of_instance), constant(value, MINUTE)));
    }
    // Counts are without names: an alert that tells them has its own.
    if !["numerator", "denominator"].contains(&what) {
        labels.extend(names);
    }
    let labels = labels.into_iter().map(|(label, value)| (label, value.to_owned())).collect();
    case.samples.push(Sample { minute: MINUTE, record: recorded(&rate.name, what), labels, value });
}
