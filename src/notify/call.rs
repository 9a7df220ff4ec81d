//! What Alertmanager's webhook brings, version 4, as far as it is needed.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One call: alerts of one group.
#[derive(Deserialize)]
pub struct Call {
    /// What is told.
    pub alerts: Vec<Alert>,
}

/// One alert.
#[derive(Clone, PartialEq, Eq, Deserialize, Debug)]
pub struct Alert {
    /// Whether it fires still.
    pub status: Status,
    /// What tells it apart.
    pub labels: BTreeMap<String, String>,
    /// What people are told.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// Whether an alert fires still. The graver comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Debug)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It does.
    Firing,
    /// It does not any more.
    Resolved,
}

/// How grave an alert is, the gravest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// Somebody has to act now.
    Critical,
    /// Somebody has to look today.
    Warning,
    /// It is good to know.
    Info,
}

impl Alert {
    /// As its label says.
    pub fn severity(&self) -> Severity {
        match self.labels.get("severity").map(String::as_str) {
            Some("critical") => Severity::Critical,
            Some("info") => Severity::Info,
            _ => Severity::Warning,
        }
    }

    /// An annotation; the alert's name where it has none of these.
    pub fn says(&self, names: [&str; 2]) -> &str {
        let said = names.iter().find_map(|name| self.annotations.get(*name));
        said.or_else(|| self.labels.get("alertname")).map_or("?", String::as_str)
    }
}
