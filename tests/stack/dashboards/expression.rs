//! As much of PromQL as panels ask of boards with: aggregations of one family, a quotient of two, and how the areas are narrowed down.

use std::collections::BTreeMap;

use super::boards::Figure;

pub type Labels = BTreeMap<String, String>;

/// What a panel asks of the boards.
pub struct Question {
    /// What an answer is told apart by.
    pub labels: Vec<String>,
    /// Whether it is joined with names of areas or of rates, so that some of it may be left out.
    pub is_narrowed: bool,
    factor: f64,
    above: Aggregation,
    /// What it is divided by, unless that is zero.
    below: Option<Aggregation>,
}

struct Aggregation {
    operator: Operator,
    labels: Vec<String>,
    of: Box<Operand>,
}

enum Operand {
    Aggregation(Aggregation),
    Selector { family: String, matchers: Vec<Matcher> },
}

#[derive(Clone, Copy)]
enum Operator {
    Max,
    Sum,
}

struct Matcher {
    label: String,
    /// Any of these; whatever there is where there are none.
    values: Vec<String>,
}

/// What an expression asks; `None` where it is not of the few forms that are understood.
pub fn asked(expression: &str) -> Option<Question> {
    let mut rest = expression.trim();
    let factor = match rest.strip_prefix("100 * ") {
        Some(of) => {
            rest = of;
            100.0
        }
        None => 1.0,
    };
    let above = aggregation(&mut rest)?;
    let below = match rest.trim_start().strip_prefix("/ (") {
        Some(of) => {
            rest = of;
            let below = aggregation(&mut rest)?;
            rest = rest.strip_prefix(" != 0)")?;
            Some(below)
        }
        None => None,
    };
    let joined = rest.trim_start();
    let is_narrowed = joined.starts_with("* on (");
    if !joined.is_empty() && !is_narrowed {
        return None;
    }
    Some(Question { labels: above.labels.clone(), is_narrowed, factor, above, below })
}

fn aggregation(rest: &mut &str) -> Option<Aggregation> {
    let operators = [("max", Operator::Max), ("sum", Operator::Sum)];
    let (operator, mut behind) = operators
        .iter()
        .find_map(|(name, operator)| Some((*operator, rest.strip_prefix(name)?)))?;
    let mut labels = Vec::new();
    if let Some(by) = behind.strip_prefix(" by (") {
        let (names, of) = by.split_once(") ")?;
        labels = names.split(", ").map(str::to_owned).collect();
        behind = of;
    }
    *rest = behind.strip_prefix('(')?;
    let of = match aggregation(rest) {
        Some(inner) => Operand::Aggregation(inner),
        None => selector(rest)?,
    };
    *rest = rest.strip_prefix(')')?;
    Some(Aggregation { operator, labels, of: Box::new(of) })
}

fn selector(rest: &mut &str) -> Option<Operand> {
    let (family, behind) = rest.split_once('{')?;
    let (inside, behind) = behind.split_once('}')?;
    *rest = behind;
    let matchers = inside.split(", ").map(matcher).collect::<Option<_>>()?;
    Some(Operand::Selector { family: family.to_owned(), matchers })
}

fn matcher(text: &str) -> Option<Matcher> {
    let (label, value) = text.split_once('=')?;
    let one_of = value.strip_prefix("~\"");
    let value = one_of.or_else(|| value.strip_prefix('"'))?.strip_suffix('"')?;
    let values = match (one_of, value) {
        (Some(_), ".*") => Vec::new(),
        (Some(_), several) => several.split('|').map(str::to_owned).collect(),
        (None, one) => vec![one.to_owned()],
    };
    Some(Matcher { label: label.to_owned(), values })
}

impl Question {
    /// By its labels.
    pub fn answered_by(&self, figures: &[Figure]) -> BTreeMap<Vec<String>, f64> {
        let below = self.below.as_ref().map(|below| below.of(figures));
        let answered = self.above.of(figures).into_iter().filter_map(|(labels, above)| {
            let below = match &below {
                Some(below) => *below.get(&labels).filter(|below| **below != 0.0)?,
                None => 1.0,
            };
            Some((labels, self.factor * above / below))
        });
        answered.collect()
    }
}

impl Aggregation {
    fn of(&self, figures: &[Figure]) -> BTreeMap<Vec<String>, f64> {
        let mut groups: BTreeMap<Vec<String>, f64> = BTreeMap::new();
        let mut add = |labels: Vec<String>, value: f64| {
            let group = groups.entry(labels);
            group.and_modify(|all| *all = self.operator.both(*all, value)).or_insert(value);
        };
        match &*self.of {
            Operand::Selector { family, matchers } => {
                let is_asked = |figure: &&Figure| {
                    figure.family == *family && matchers.iter().all(|m| m.matches(&figure.labels))
                };
                for figure in figures.iter().filter(is_asked) {
                    let label =
                        |name: &String| figure.labels.get(name).cloned().unwrap_or_default();
                    add(self.labels.iter().map(label).collect(), figure.value);
                }
            }
            Operand::Aggregation(inner) => {
                for (labels, value) in inner.of(figures) {
                    let label = |name: &String| {
                        let at = inner.labels.iter().position(|one| one == name);
                        at.map(|at| labels[at].clone()).unwrap_or_default()
                    };
                    add(self.labels.iter().map(label).collect(), value);
                }
            }
        }
        groups
    }
}

impl Operator {
    fn both(self, one: f64, other: f64) -> f64 {
        match self {
            Self::Max => one.max(other),
            Self::Sum => one + other,
        }
    }
}

impl Matcher {
    fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.label).map_or("", String::as_str);
        self.values.is_empty() || self.values.iter().any(|one| one == value)
    }
}
