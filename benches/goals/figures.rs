//! What was counted, so that everybody's can be compared: the return rate of every area, in total and by way of travel.

use std::collections::BTreeMap;

use ::chunfeng::area::{AreaTree, Boundaries};
use ::chunfeng::time::LATEST;
use serde_json::Value;

use super::Outcome;

/// Area, way of travel (none in total): how many are back, out of how many.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures(BTreeMap<(String, String), (i64, i64)>);

impl Figures {
    /// Of what `chunfeng rates --format json` prints.
    pub fn of_rates(json: &str) -> Outcome<Self> {
        let rows: Vec<Value> = serde_json::from_str(json)?;
        let mut figures = Self::default();
        for row in rows {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            if row["rate"] != "return_rate" || !matches!(&*text("dimension"), "" | "mode") {
                continue;
            }
            let count = |name: &str| row[name].as_i64().ok_or("no count");
            let counts = (count("numerator")?, count("denominator")?);
            figures.0.insert((text("area"), text("value")), counts);
        }
        Ok(figures)
    }

    /// Of lines `measure/area/mode level`, each of an area itself, which are rolled up here.
    pub fn of_cells(lines: &[String]) -> Outcome<Self> {
        let (areas, mut figures) = (AreaTree::gbt2260(), Self::default());
        for line in lines {
            let (cell, level) = line.rsplit_once(' ').ok_or("no level")?;
            let cell: Vec<&str> = cell.split('/').collect();
            let ([measure, area, mode], level) = (cell[..].try_into()?, level.parse::<i64>()?);
            let area = areas.resolve(area).unwrap_or(areas.unassigned());
            for area in areas.counts_in(area, Boundaries::Now, LATEST) {
                let key = (areas.code(area).to_owned(), mode.to_owned());
                let counts = figures.0.entry(key).or_default();
                match measure {
                    "returned" => counts.0 += level,
                    _ => counts.1 += level,
                }
            }
        }
        figures.0.retain(|_, counts| *counts != (0, 0));
        Ok(figures)
    }

    /// How many figures there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Where another differs, for whoever looks for the mistake.
    pub fn difference(&self, other: &Self) -> String {
        let differs = self.0.iter().filter(|(key, counts)| other.0.get(key) != Some(counts));
        let shown = differs
            .take(5)
            .map(|(key, counts)| format!("{key:?} {counts:?} {:?}", other.0.get(key)));
        shown.collect::<Vec<_>>().join("\n")
    }
}
