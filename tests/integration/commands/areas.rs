//! Areas that a pipeline adds, and places that were merged.

use serde_json::Value;

use crate::tools::Desk;

fn replayed(lines: &[(&str, &str, &str)]) -> Desk {
    let desk = Desk::new();
    let line = |(number, (area, time, kind)): (usize, &(&str, &str, &str))| {
        format!(
            "{{\"type\":\"cn.hr.worker.{kind}.v1\",\"subject\":\"w{}\",\"time\":\"{time}T12:00:00+08:00\",\"data\":{{\"area\":\"{area}\"}}}}\n",
            number / 2
        )
    };
    let lines: String = lines.iter().enumerate().map(line).collect();
    let file = desk.file("workers.ndjson", lines);
    desk.replay(&[&file]).with(0);
    desk
}

/// Area, level and denominator of the return rate, with these flags.
fn departed(desk: &Desk, flags: &[&str]) -> Vec<(String, String, i64)> {
    let rows = desk.rates_rows(&[flags, &["--rate", "return_rate"]].concat());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let totals = rows.iter().filter(|row| row["dimension"].is_null());
    totals
        .map(|row| (text(&row["area"]), text(&row["level"]), row["denominator"].as_i64().unwrap()))
        .collect()
}

fn shown(rows: &[(String, String, i64)], area: &str) -> Option<(String, i64)> {
    let row = rows.iter().find(|row| row.0 == area);
    row.map(|(_, level, departed)| (level.clone(), *departed))
}

/// The torch zone of Huli is a township that return-to-work names; its villages lie in it, other townships in the district.
#[test]
fn a_township_that_a_pipeline_names_has_a_figure_within_its_county() {
    let desk = replayed(&[
        ("350206405", "2022-01-20", "departed"),
        ("350206405", "2022-02-10", "returned"),
        ("350206405001", "2022-01-21", "departed"),
        ("350206405001", "2022-02-10", "returned"),
        ("350206001", "2022-01-20", "departed"),
        ("350206001", "2022-02-10", "returned"),
    ]);
    let rows = departed(&desk, &[]);
    assert_eq!(shown(&rows, "350206405"), Some(("township".to_owned(), 2)));
    assert_eq!(shown(&rows, "350206"), Some(("county".to_owned(), 3)));
    assert_eq!(shown(&rows, "350206001"), None);
}

/// 下城 of Hangzhou was merged into 拱墅 in April 2021.
#[test]
fn a_district_that_was_merged_counts_where_it_went_or_by_the_map_of_then_by_itself() {
    let desk = replayed(&[
        ("330103", "2021-01-20", "departed"),
        ("330103", "2021-02-20", "returned"),
        ("330105", "2021-01-21", "departed"),
        ("330105", "2021-02-20", "returned"),
    ]);
    let spring = ["--as-of", "2021-03-03T18:00:00+08:00"];
    let now = departed(&desk, &spring);
    assert_eq!(shown(&now, "330105"), Some(("county".to_owned(), 2)));
    assert_eq!(shown(&now, "330103"), None);
    let then = departed(&desk, &[&spring[..], &["--boundaries", "then"]].concat());
    assert_eq!(shown(&then, "330105"), Some(("county".to_owned(), 1)));
    assert_eq!(shown(&then, "330103"), Some(("county".to_owned(), 1)));
    assert_eq!(shown(&then, "330100"), shown(&now, "330100"));
    // Three months later the two were one.
    let later = ["--as-of", "2021-06-01T00:00:00+08:00", "--boundaries", "then"];
    assert_eq!(shown(&departed(&desk, &later), "330105"), Some(("county".to_owned(), 2)));
}

#[test]
fn a_map_that_is_not_known_is_told() {
    let desk = Desk::new();
    let told = desk.run(&["rates", "--lake", &desk.at("lake"), "--boundaries", "later"]).with(2);
    assert!(told.stderr.contains("write `now` or `then`"), "{}", told.stderr);
}
