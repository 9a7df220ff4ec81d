//! A goal, what came out, and whether that is enough.

use std::fmt;

/// One line of the table.
pub struct Row {
    /// What is measured.
    pub what: String,
    /// What it should be.
    pub goal: Goal,
    /// What it is; `None` where it was not measured, which is said.
    pub figure: Option<f64>,
    /// In what.
    pub unit: &'static str,
}

/// What a figure should be.
#[derive(Clone, Copy)]
pub enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

impl Row {
    fn verdict(&self) -> &'static str {
        match (self.figure, self.goal) {
            (None, _) => "not measured",
            (Some(figure), Goal::AtMost(most)) if figure <= most => "met",
            (Some(figure), Goal::AtLeast(least)) if figure >= least => "met",
            _ => "missed",
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let goal = match self.goal {
            Goal::AtMost(most) => format!("≤ {most}"),
            Goal::AtLeast(least) => format!("≥ {least}"),
        };
        let figure = self.figure.map_or("–".to_owned(), |figure| format!("{figure:.2}"));
        let (what, unit, verdict) = (&self.what, self.unit, self.verdict());
        write!(f, "| {what} | {goal} {unit} | {figure} {unit} | {verdict} |")
    }
}
