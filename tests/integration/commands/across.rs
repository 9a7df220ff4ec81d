//! A rate across two pipelines: hired over demand.

use serde_json::{Value, json};

use crate::tools::Desk;

fn line(kind: &str, subject: &str, time: &str, data: Value) -> String {
    let event = json!({
        "type": format!("cn.hr.{kind}.v1"), "subject": subject, "time": format!("{time}T09:00:00+08:00"),
        "data": data,
    });
    format!("{event}\n")
}

fn counts<'r>(rows: &'r [Value], rate: &str, area: &str) -> Option<(&'r Value, &'r Value)> {
    let row = rows.iter().find(|row| row["rate"] == rate && row["area"] == area)?;
    Some((&row["numerator"], &row["denominator"]))
}

#[test]
fn hired_over_demand_is_what_one_pipeline_counts_over_what_the_other_does_at_any_moment() {
    let desk = Desk::new();
    let zone = json!({ "area": "enshi-high-tech-zone" });
    let demand = json!({ "area": "422801", "horizon": "half-year", "persons": 200 });
    let mut lines = line("demand.declared", "e1", "2022-02-08", demand);
    for worker in 0..130 {
        let (subject, day) = (format!("w{worker}"), if worker < 100 { "11" } else { "14" });
        lines += &line("recruit.hired", &subject, &format!("2022-02-{day}"), zone.clone());
    }
    desk.replay(&[&desk.file("events.ndjson", lines)]).with(0);

    let now = desk.rates_rows(&[]);
    let found = counts(&now, "hired_over_demand", "422801");
    assert_eq!(found, Some((&130.into(), &200.into())));
    let early = desk.rates_rows(&["--as-of", "2022-02-12T00:00:00+08:00"]);
    assert_eq!(counts(&early, "hired_over_demand", "422800"), Some((&100.into(), &200.into())));

    // What was published says the same, and so does the explanation.
    let published = desk.rates_rows(&["--as-known-at", "2099-01-01T00:00:00Z"]);
    let row = published.iter().find(|r| r["rate"] == "hired_over_demand" && r["area"] == "422801");
    assert_eq!(row.map(|row| &row["numerator"]), Some(&130.into()), "{row:?}");
    let lake = desk.at("lake");
    let explain = ["explain", "--lake", &lake, "--rate", "hired_over_demand", "--area", "422801"];
    let told = desk.run(&explain).with(0).stdout;
    assert!(
        told.contains("入职人数 Workers hired: what recruitment counts as hire_rate"),
        "{told}"
    );
    assert!(told.contains("130 / 200"), "{told}");
}

#[test]
fn a_rate_across_to_nowhere_is_refused() {
    let desk = Desk::new();
    let text = std::fs::read_to_string("pipelines/labour-demand.yaml").unwrap();
    desk.file("alone/labour-demand.yaml", text);
    let told = desk.run(&["check", &desk.at("alone")]).with(2).stderr;
    assert!(
        told.contains("labour-demand: `hired_over_demand` goes by recruitment/hire_rate, and no pipeline here has such a count"),
        "{told}"
    );
}
