//! Dashboards as near to a Grafana as a machine without one gets: Grafana's own types check them, every question that they ask is put
//! to a real Prometheus filled with a spring, and they are drawn from the answers and looked at.

mod boards;
mod drawing;
mod expression;
mod history;
mod questions;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use self::drawing::Drawing;
use self::history::Spring;
use self::questions::{Answers, Choice};
use crate::program::Home;
use crate::services;

/// What has no answer in a spring that goes well, and why.
const MAY_BE_EMPTY: [(&str, &str); 6] = [
    ("接管 Takeovers", "nobody took over"),
    ("数据文件 Data files", "upkeep has not looked"),
    ("拒收 Rejects", "most pipelines rejected nothing"),
    ("拒收 Rejects by reason", "most pipelines rejected nothing"),
    ("提交耗时 Commit duration", "who commits once, before the first scrape, has no rate of it"),
    ("正在触发 Firing", "of the country no alert fires"),
];

/// Any of these would be missed on the dashboard of return-to-work.
const KINDS_OF_FIGURES: [&str; 8] = [
    "chunfeng_rate_numerator",
    "chunfeng_rate_denominator",
    "chunfeng_rate_ratio",
    "chunfeng_rate_change_ratio",
    "chunfeng_rate_change_numerator",
    "chunfeng_rate_by_dimension_numerator",
    "chunfeng_rate_last_spring_numerator",
    "chunfeng_rate_above_last_spring_numerator",
];

/// Every dashboard that ships, by its name.
fn dashboards() -> Vec<(String, Value)> {
    let folder = services::project().join("grafana/dashboards");
    let mut found = Vec::new();
    for folder in [folder.clone(), folder.join("pipelines")] {
        for entry in fs::read_dir(&folder).expect("the folder of dashboards") {
            let path = entry.expect("a dashboard").path();
            if path.extension().is_some_and(|kind| kind == "json") {
                let text = fs::read_to_string(&path).expect("a dashboard");
                let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
                found.push((name, serde_json::from_str(&text).expect("JSON")));
            }
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert!(found.len() >= 6, "{} dashboards in {}", found.len(), folder.display());
    found
}

#[test]
fn grafana_s_own_types_know_every_name_in_every_dashboard() {
    let home = Home::new();
    let folder = home.path("types");
    fs::create_dir(&folder).expect("a folder");
    let of_grafana = services::grafana().join("node_modules");
    std::os::unix::fs::symlink(&of_grafana, folder.join("node_modules")).expect("a link");
    let types = include_str!("dashboards/types.ts");
    fs::write(folder.join("types.ts"), types).expect("the types");
    for (name, dashboard) in dashboards() {
        write_typed(&folder, &name, &dashboard);
    }
    assert_eq!(type_errors(&folder), "");

    // The compiler looks: what Grafana does not know it tells.
    let (_, mut dashboard) = dashboards().remove(0);
    dashboard["panels"][1]["options"]["colourMode"] = "value".into();
    write_typed(&folder, "wrong", &dashboard);
    let told = type_errors(&folder);
    assert!(told.contains("wrong.ts") && told.contains("colourMode"), "{told}");
}

fn write_typed(folder: &Path, name: &str, dashboard: &Value) {
    let text = format!(
        "import type {{ Dashboard }} from './types';\nexport const dashboard: Dashboard = {dashboard:#};\n"
    );
    fs::write(folder.join(format!("{name}.ts")), text).expect("a dashboard");
}

fn type_errors(folder: &Path) -> String {
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".ts"))
        .collect();
    files.sort();
    let compiler = services::grafana().join("node_modules/typescript/bin/tsc");
    let checked = Command::new(services::tool("node"))
        .arg(compiler)
        .args(["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext"])
        .args(["--moduleResolution", "node10", "--target", "esnext"])
        .args(files)
        .current_dir(folder)
        .output()
        .expect("tsc runs");
    String::from_utf8_lossy(&checked.stdout).into_owned()
}

#[test]
fn every_question_has_an_answer_and_every_panel_is_seen() {
    let home = Home::new().with_all_pipelines();
    let spring = Spring::played(&home);
    let (mut wrong, pictures) = (Vec::new(), drawing::folder());
    for (name, dashboard) in dashboards() {
        let choice = Choice::of(&dashboard, &spring, &mut wrong);
        let answers = Answers::to(&dashboard, &choice, &spring);
        wrong.extend(spring.boards.differences(&name, &answers));
        let drawing = Drawing { dashboard: &dashboard, answers: &answers, spring: &spring };
        let seen = drawing.drawn(&home, &pictures.join(format!("{name}.png")));
        let unexpected = seen.into_iter().filter(|told| !is_expected(told, &drawing));
        wrong.extend(unexpected.map(|told| format!("{name}: {told}")));
        if name == "return-to-work" {
            let seen = |family: &&str| {
                !spring.boards.wronged(family).differences(&name, &answers).is_empty()
            };
            assert_eq!(KINDS_OF_FIGURES.iter().filter(|family| !seen(family)).count(), 0);
        }
        if name == "areas" {
            wrong.extend(of_jinhua(&dashboard, &choice, &spring, &home, &pictures));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!("the pictures are in {}", pictures.display());
}

/// Whether a panel is empty as it should be.
fn is_expected(told: &str, drawing: &Drawing) -> bool {
    let Some(title) = told.strip_prefix("no data: ") else { return false };
    let panels = drawing.dashboard["panels"].as_array().expect("panels");
    let panel = panels.iter().find(|panel| panel["title"] == title);
    MAY_BE_EMPTY.iter().any(|(known, _)| *known == title)
        || panel.is_some_and(|panel| drawing.answers.has_nothing_to_say(panel, drawing.spring))
}

/// Down to the counties of Jinhua, of another pipeline than the one it begins with: there are nine.
fn of_jinhua(
    dashboard: &Value,
    choice: &Choice,
    spring: &Spring,
    home: &Home,
    pictures: &Path,
) -> Vec<String> {
    let down = [("pipeline", "enterprise-restart"), ("rate", "restart_rate"), ("within", "330700")];
    let answers = Answers::to(dashboard, &choice.clone().but(&down), spring);
    let counties = answers.0[0].series.len();
    let mut wrong = Drawing { dashboard, answers: &answers, spring }
        .drawn(home, &pictures.join("areas-of-jinhua.png"));
    if counties < 9 {
        wrong.push(format!("{counties} counties of Jinhua"));
    }
    wrong.extend(spring.boards.differences("areas of Jinhua", &answers));
    wrong
}
