//! From where on a figure is not well, by the alerts that its pipeline file has on it.

use serde_json::{Value, json};

use crate::spec::{Alert, Condition, Pipeline, Rate, Window};

/// What alerts ask of a rate.
pub fn watched<'p>(pipeline: &'p Pipeline, rate: &'p Rate) -> impl Iterator<Item = &'p Condition> {
    let is_its = |alert: &&Alert| std::ptr::eq(&pipeline.rates[alert.rate], rate);
    pipeline.alerts.iter().filter(is_its).map(|alert| &alert.condition)
}

/// Of a ratio: red where it is below what an alert allows, orange where it still is below its target.
pub fn of_ratio(pipeline: &Pipeline, rate: &Rate) -> Option<Value> {
    let highest = |bounds: Vec<f64>| bounds.into_iter().max_by(f64::total_cmp);
    let below = watched(pipeline, rate).filter_map(|condition| match condition {
        Condition::Below { least } => Some(*least),
        _ => None,
    });
    let targets = watched(pipeline, rate).filter_map(|condition| match condition {
        Condition::Stalled { target, .. } => Some(*target),
        _ => None,
    });
    let (least, target) = (highest(below.collect()), highest(targets.collect()));
    let mut steps = vec![("red", None)];
    match (least, target) {
        (None, None) => return None,
        (Some(least), Some(target)) if target > least => {
            steps.extend([("orange", Some(least)), ("green", Some(target))]);
        }
        (Some(least), _) => steps.push(("green", Some(least))),
        (None, Some(target)) => steps = vec![("orange", None), ("green", Some(target))],
    }
    Some(absolute(&steps))
}

/// Of a change in percentage points: red where an alert on a drop over that window would fire.
pub fn of_change(pipeline: &Pipeline, rate: &Rate, window: &Window) -> Option<Value> {
    let falls = watched(pipeline, rate).filter_map(|condition| match condition {
        Condition::Dropped { by, over } if over.seconds == window.seconds => Some(*by),
        _ => None,
    });
    let by = falls.min_by(f64::total_cmp)?;
    Some(absolute(&[("red", None), ("green", Some(-100.0 * by))]))
}

/// Of how far a rate is above last spring, in percentage points: red where an alert would fire because it is behind.
pub fn of_last_spring(pipeline: &Pipeline, rate: &Rate) -> Option<Value> {
    let behind = watched(pipeline, rate).filter_map(|condition| match condition {
        Condition::Behind { by } => Some(*by),
        _ => None,
    });
    let by = behind.min_by(f64::total_cmp)?;
    Some(absolute(&[("red", None), ("green", Some(-100.0 * by))]))
}

/// How a share is told by colour where nobody knows which way is good: of some, the less the better.
pub fn of_any_share() -> Value {
    let steps = [
        ("super-light-blue", None),
        ("light-blue", Some(0.5)),
        ("blue", Some(0.8)),
        ("dark-blue", Some(0.95)),
    ];
    absolute(&steps)
}

/// Colours, each from a value on; the first from wherever the values begin.
pub fn absolute(steps: &[(&str, Option<f64>)]) -> Value {
    let step = |(color, from): &(&str, Option<f64>)| json!({ "color": color, "value": from });
    json!({ "mode": "absolute", "steps": steps.iter().map(step).collect::<Vec<_>>() })
}

/// The same defaults with these thresholds, if any, as lines through a curve.
pub fn lined(mut defaults: Value, thresholds: Option<Value>) -> Value {
    if let Some(thresholds) = thresholds {
        defaults["custom"] = json!({ "thresholdsStyle": { "mode": "line" } });
        defaults["thresholds"] = thresholds;
    }
    defaults
}

/// The same defaults with these thresholds, if any, as colours.
pub fn coloured(mut defaults: Value, thresholds: Option<Value>) -> Value {
    if let Some(thresholds) = thresholds {
        defaults["thresholds"] = thresholds;
    }
    defaults
}
