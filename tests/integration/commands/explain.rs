//! `explain`: why a rate is what it is.

use super::worker;
use crate::tools::Desk;

/// Two counties of Xiamen, in which workers came back on two days.
fn replayed() -> Desk {
    let desk = Desk::new();
    let at = |line: String, area: &str| line.replace("350206", area);
    let mut lines = String::new();
    for (area, workers, back_early, back_late) in [("350206", 10, 4, 3), ("350203", 5, 2, 1)] {
        for number in 0..workers {
            let subject = format!("{area}-{number}");
            let told = |kind, time| at(worker(kind, &subject, time), area);
            lines += &told("departed", "2022-01-25T09:00:00+08:00");
            if number < back_early {
                lines += &told("returned", "2022-02-09T08:00:00+08:00");
            } else if number < back_early + back_late {
                lines += &told("returned", "2022-02-10T09:00:00+08:00");
            }
        }
    }
    let file = desk.file("events.ndjson", lines);
    desk.replay(&[&file]).with(0);
    desk
}

#[test]
fn the_formula_the_counts_and_what_moved_them_are_told() {
    let desk = replayed();
    let lake = desk.at("lake");
    let explain =
        ["explain", "--lake", &lake, "--rate", "return_rate", "--area", "350200", "--over", "24h"];
    insta::assert_snapshot!(desk.run(&explain).with(0).stdout);
}

#[test]
fn a_rate_or_an_area_that_is_not_there_is_told() {
    let desk = replayed();
    let lake = desk.at("lake");
    let ask = |rate: &str, area: &str| {
        desk.run(&["explain", "--lake", &lake, "--rate", rate, "--area", area]).with(2).stderr
    };
    assert!(
        ask("no_rate", "350200").starts_with("error: no pipeline of the lake has a rate `no_rate`")
    );
    assert!(ask("return_rate", "999999").starts_with("error: `999999` is no area"));
}
