//! An expression, its SQL, and an evaluator as plain as SQL's own definitions: a NULL is an `Option`, every operand is
//! evaluated, `IN` and `BETWEEN` are what they stand for. Knows nothing of the compiler.

/// An expression whose value is a number: times in days, labels by index, truths as 0 and 1.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Literal(String, Option<i64>),
    Column(&'static str, usize),
    Compare(&'static str, Box<[Tree; 2]>),
    Distinct(bool, Box<[Tree; 2]>),
    Is(bool, &'static str, Box<Tree>),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
    In(bool, Box<Tree>, Vec<Tree>),
    Between(bool, Box<[Tree; 3]>),
    Days(Box<Tree>, i64),
    Case(Vec<[Tree; 2]>, Option<Box<Tree>>),
    Switch(Box<Tree>, Vec<[Tree; 2]>, Option<Box<Tree>>),
    Coalesce(Vec<Tree>),
}

impl Tree {
    /// The expression in SQL, every part of it in parentheses.
    pub(super) fn sql(&self) -> String {
        match self {
            Tree::Literal(text, _) => text.clone(),
            Tree::Column(name, _) => (*name).to_owned(),
            Tree::Days(time, days) => format!("({} + INTERVAL '{days} days')", time.sql()),
            Tree::Case(branches, otherwise) => case("CASE", branches, otherwise),
            Tree::Switch(operand, branches, otherwise) => {
                case(&format!("CASE {}", operand.sql()), branches, otherwise)
            }
            Tree::Coalesce(trees) => format!("COALESCE({})", joined(trees, ", ")),
            condition => format!("({})", condition.condition_sql()),
        }
    }

    fn condition_sql(&self) -> String {
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match self {
            Tree::Compare(operator, sides) => {
                format!("{} {operator} {}", sides[0].sql(), sides[1].sql())
            }
            Tree::Distinct(negated, sides) => {
                format!("{} IS {}DISTINCT FROM {}", sides[0].sql(), not(negated), sides[1].sql())
            }
            Tree::Is(negated, wanted, inner) => {
                format!("{} IS {}{wanted}", inner.sql(), not(negated))
            }
            Tree::Not(inner) => format!("NOT {}", inner.sql()),
            Tree::And(trees) => joined(trees, " AND "),
            Tree::Or(trees) => joined(trees, " OR "),
            Tree::In(negated, inner, list) => {
                format!("{} {}IN ({})", inner.sql(), not(negated), joined(list, ", "))
            }
            Tree::Between(negated, parts) => {
                let [value, low, high] = parts.as_ref();
                format!("{} {}BETWEEN {} AND {}", value.sql(), not(negated), low.sql(), high.sql())
            }
            value => value.sql(),
        }
    }

    pub(super) fn value(&self, row: &[Option<i64>]) -> Option<i64> {
        match self {
            Tree::Literal(_, value) => *value,
            Tree::Column(_, index) => row[*index],
            Tree::Days(time, days) => time.value(row).map(|time| time + days * super::DAY),
            Tree::Case(branches, otherwise) => {
                let taken = branches.iter().find(|[when, _]| condition(when, row) == Some(true));
                chosen(taken, otherwise, row)
            }
            Tree::Switch(operand, branches, otherwise) => {
                let value = operand.value(row);
                let equal = |when: &Tree| compare("=", value, when.value(row)) == Some(true);
                chosen(branches.iter().find(|[when, _]| equal(when)), otherwise, row)
            }
            Tree::Coalesce(trees) => trees.iter().filter_map(|tree| tree.value(row)).next(),
            condition => condition.truth(row).map(i64::from),
        }
    }

    fn truth(&self, row: &[Option<i64>]) -> Option<bool> {
        match self {
            Tree::Compare(operator, sides) => {
                compare(operator, sides[0].value(row), sides[1].value(row))
            }
            Tree::Distinct(negated, sides) => {
                Some((sides[0].value(row) == sides[1].value(row)) == *negated)
            }
            Tree::Is(negated, wanted, inner) => {
                let wanted = match *wanted {
                    "TRUE" => Some(1),
                    "FALSE" => Some(0),
                    _ => None,
                };
                Some((inner.value(row) == wanted) != *negated)
            }
            Tree::Not(inner) => negate(true, condition(inner, row)),
            Tree::And(trees) => conjunction(trees.iter().map(|tree| condition(tree, row))),
            Tree::Or(trees) => disjunction(trees.iter().map(|tree| condition(tree, row))),
            Tree::In(negated, inner, list) => {
                let value = inner.value(row);
                let equal = list.iter().map(|item| compare("=", value, item.value(row)));
                negate(*negated, disjunction(equal))
            }
            Tree::Between(negated, parts) => {
                let [value, low, high] = [0, 1, 2].map(|part| parts[part].value(row));
                let both = [compare(">=", value, low), compare("<=", value, high)];
                negate(*negated, conjunction(both.into_iter()))
            }
            value => value.value(row).map(|number| number == 1),
        }
    }
}

fn joined(trees: &[Tree], between: &str) -> String {
    trees.iter().map(Tree::sql).collect::<Vec<_>>().join(between)
}

fn case(head: &str, branches: &[[Tree; 2]], otherwise: &Option<Box<Tree>>) -> String {
    let branches =
        branches.iter().map(|[when, then]| format!(" WHEN {} THEN {}", when.sql(), then.sql()));
    let otherwise =
        otherwise.as_ref().map(|tree| format!(" ELSE {}", tree.sql())).unwrap_or_default();
    format!("({head}{}{otherwise} END)", branches.collect::<String>())
}

fn chosen(
    taken: Option<&[Tree; 2]>,
    otherwise: &Option<Box<Tree>>,
    row: &[Option<i64>],
) -> Option<i64> {
    let result = taken.map(|[_, then]| then).or(otherwise.as_deref());
    result.and_then(|result| result.value(row))
}

pub(super) fn condition(tree: &Tree, row: &[Option<i64>]) -> Option<bool> {
    tree.value(row).map(|number| number == 1)
}

fn compare(operator: &str, left: Option<i64>, right: Option<i64>) -> Option<bool> {
    let (left, right) = left.zip(right)?;
    Some(match operator {
        "=" => left == right,
        "<>" => left != right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        _ => left >= right,
    })
}

fn negate(negated: bool, truth: Option<bool>) -> Option<bool> {
    truth.map(|truth| truth != negated)
}

fn conjunction(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    negate(true, disjunction(truths.map(|truth| negate(true, truth))))
}

fn disjunction(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let truths: Vec<_> = truths.collect();
    if truths.contains(&Some(true)) {
        Some(true)
    } else if truths.contains(&None) {
        None
    } else {
        Some(false)
    }
}
