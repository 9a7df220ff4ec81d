//! Pictures of dashboards, drawn in Chromium by a page of our own, which also says what is wrong with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value, json};

use super::history::Spring;
use super::questions::Answers;
use crate::program::Home;
use crate::services;

/// Where pictures are left to be looked at.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dashboards");
    fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}

/// A dashboard with its answers.
pub struct Drawing<'d> {
    pub dashboard: &'d Value,
    pub answers: &'d Answers,
    pub spring: &'d Spring,
}

impl Drawing<'_> {
    /// Draws it, and returns what is clipped or empty.
    pub fn drawn(&self, home: &Home, picture: &Path) -> Vec<String> {
        let page = home.path("page.html");
        let text = include_str!("page.html");
        let data = self.data().to_string().replace("</", "<\\/");
        fs::write(home.path("draw.js"), include_str!("draw.js")).expect("the drawing");
        fs::write(&page, text.replace("/*DATA*/", &data)).expect("the page");
        let said = chromium(home, &page, &["--dump-dom".to_owned()]);
        let report = said.split_once("<pre id=\"report\">").and_then(|(_, rest)| {
            rest.split_once("</pre>").map(|(report, _)| report.replace("&amp;", "&"))
        });
        let report = report.unwrap_or_default();
        let report: Value = serde_json::from_str(&report)
            .unwrap_or_else(|_| panic!("the page reports nothing: {report}"));
        let height = report["height"].as_i64().expect("a height");
        let screenshot = [
            format!("--screenshot={}", picture.display()),
            format!("--window-size=1600,{height}"),
            "--hide-scrollbars".to_owned(),
        ];
        chromium(home, &page, &screenshot);
        assert!(picture.is_file(), "no picture: {}", picture.display());
        let wrong = report["wrong"].as_array().into_iter().flatten();
        wrong.map(|told| told.as_str().unwrap_or_default().to_owned()).collect()
    }

    fn data(&self) -> Value {
        let mut answers: Map<String, Value> = Map::new();
        for answer in &self.answers.0 {
            let of_panel = answers.entry(answer.panel.to_string()).or_insert_with(|| json!({}));
            of_panel[&answer.query] = Value::from(answer.series.clone());
        }
        let Spring { from, to, .. } = self.spring;
        json!({ "dashboard": self.dashboard, "answers": answers, "from": from, "to": to })
    }
}

fn chromium(home: &Home, page: &Path, arguments: &[String]) -> String {
    let ran = Command::new(services::tool("chromium"))
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .arg(format!("--user-data-dir={}", home.path("chromium").display()))
        .arg("--virtual-time-budget=2000")
        .args(arguments)
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("Chromium runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}
