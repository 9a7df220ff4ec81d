//! `rates --against`: a rate beside the same day of an earlier spring.

use crate::tools::Desk;

/// Jinhua's counties report on the evening of days 9, 19 and 20 of two springs.
fn replayed() -> Desk {
    let desk = Desk::new();
    let report = |county: &str, time: &str, persons: u32| {
        format!(
            "{{\"type\":\"cn.hr.report.arrivals.v1\",\"subject\":\"{county}\",\"time\":\"{time}T18:00:00+08:00\",\"data\":{{\"area\":\"{county}\",\"persons\":{persons}}}}}\n"
        )
    };
    let lines = [
        report("330702", "2021-02-20", 90),
        report("330702", "2021-03-02", 300),
        report("330702", "2021-03-03", 310),
        report("330782", "2021-03-03", 1_000),
        report("330702", "2022-02-20", 320),
        report("330782", "2022-02-20", 990),
    ];
    let file = desk.file("reports.ndjson", lines.concat());
    desk.replay(&[&file]).with(0);
    desk
}

fn compared(desk: &Desk, more: &[&str]) -> String {
    let mut arguments = vec!["--rate", "arrivals", "--as-of", "2022-02-20T23:00:00+08:00"];
    arguments.extend(more);
    desk.rates(&arguments)
}

#[test]
fn the_same_day_of_last_spring_is_shown_with_its_date_and_the_difference() {
    let desk = replayed();
    insta::assert_snapshot!(compared(&desk, &["--against", "last"]));
}

#[test]
fn the_same_date_is_another_day() {
    let desk = replayed();
    let more = ["--against", "last", "--align", "calendar", "--area", "330702", "--format", "json"];
    let rows: Vec<serde_json::Value> = serde_json::from_str(&compared(&desk, &more)).unwrap();
    let season = &rows[0]["season"];
    assert_eq!(season["as_of"], "2021-02-20T15:00:00Z");
    assert_eq!((&season["numerator"], &season["difference"]), (&90.into(), &230.0.into()));
    assert_eq!((&season["day"], &season["aligned_by"]), (&20.into(), &"calendar".into()));
}

#[test]
fn a_file_has_the_comparison_in_columns_of_its_own() {
    let desk = replayed();
    let text = compared(&desk, &["--against", "2021", "--area", "330700", "--format", "csv"]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with(
        ",unit,denominator_unit,season_day,aligned_by,compared_as_of,compared_numerator,compared_denominator,compared_ratio,difference"
    ));
    assert!(
        lines[1].ends_with(",person,,20,spring-festival,2021-03-03T15:00:00Z,1310,,,0"),
        "{text}"
    );
}

#[test]
fn a_spring_that_is_not_known_is_told() {
    let desk = replayed();
    let lake = desk.at("lake");
    let told = desk.run(&["rates", "--lake", &lake, "--against", "2009"]).with(2).stderr;
    assert_eq!(
        told,
        "error: the spring of 2009 is not known to align by: those from 2015 to 2035 are\n"
    );
}

/// What a board lays beside itself is what `--against` finds in the ledger as of the same midnight.
#[test]
fn a_board_knows_the_same_midnight_of_last_spring_by_itself() {
    let desk = replayed();
    let rows = |flags: &[&str]| desk.rates_rows(&[flags, &["--rate", "arrivals"]].concat());
    let now = rows(&[]);
    let county = now.iter().find(|row| row["area"] == "330702").unwrap();
    let (spring, beside) = (&county["last_spring"], &county["last_spring"]["beside"]);
    assert_eq!(spring["aligned_by"], "spring-festival");
    assert_eq!(
        (&spring["as_of"], &beside["as_of"]),
        (&"2021-03-02T16:00:00Z".into(), &"2022-02-19T16:00:00Z".into())
    );
    assert_eq!((&spring["numerator"], &beside["numerator"]), (&300.into(), &0.into()));
    assert_eq!(spring["difference"], -300.0);
    // Of Yiwu there was no report yet by that midnight a year ago.
    let other = now.iter().find(|row| row["area"] == "330782").unwrap();
    assert!(other.get("last_spring").is_none(), "{other}");

    let report = format!(
        "{{\"type\":\"cn.hr.report.arrivals.v1\",\"subject\":\"330702\",\"time\":\"2022-02-22T09:00:00+08:00\",\"data\":{{\"area\":\"330702\",\"persons\":{}}}}}\n",
        333
    );
    desk.replay(&[&desk.file("later.ndjson", report)]).with(0);
    let (now, midnight) = (rows(&[]), "2022-02-22T00:00:00+08:00");
    let past = rows(&["--as-of", midnight, "--against", "last"]);
    assert!(!past.is_empty());
    for row in &past {
        let of_area = now.iter().find(|now| now["area"] == row["area"]).unwrap();
        let (spring, season) = (&of_area["last_spring"], &row["season"]);
        for field in ["as_of", "numerator", "ratio", "difference"] {
            assert_eq!(spring[field], season[field], "{field} of {of_area} and {row}");
        }
        assert_eq!(spring["beside"]["numerator"], row["numerator"]);
    }
}
