//! What is said of a midnight, and how it is restated when facts of before it come late or are called off.

use crate::tools::{Desk, published};

fn line(kind: &str, worker: &str, time: &str) -> String {
    format!(
        "{{\"type\":\"cn.hr.worker.{kind}.v1\",\"subject\":\"{worker}\",\"time\":\"{time}:00+08:00\",\"data\":{{\"area\":\"350206\"}}}}\n"
    )
}

/// What was published of Huli's return rate: moment, counts, revision, reason.
fn told(desk: &Desk) -> Vec<String> {
    let rows = published(desk.path("lake").as_path(), "return-to-work", "return_rate", "350206");
    let shown = |(as_of, revision, above, below, reason): (i64, Option<i64>, i64, i64, _)| {
        let as_of = chunfeng::time::EventTime::from_microseconds(as_of);
        let revision = revision.map(|revision| format!(" revision {revision}")).unwrap_or_default();
        let reason = Option::<String>::map(reason, |reason| format!(" {reason}"));
        format!("{as_of} {above}/{below}{revision}{}", reason.unwrap_or_default())
    };
    rows.into_iter().map(shown).collect()
}

fn replay(desk: &Desk, name: &str, lines: &[String]) {
    desk.replay(&[&desk.file(name, lines.concat())]).with(0);
}

#[test]
fn a_midnight_is_closed_by_the_first_board_behind_it_and_restated_with_a_reason() {
    let desk = Desk::new();
    let departed = ["w1", "w2", "w3"].map(|worker| line("departed", worker, "2022-01-25T09:00"));
    replay(&desk, "1", &departed);
    replay(&desk, "2", &[line("returned", "w1", "2022-02-09T22:00")]);
    // The next day: at midnight it was still as it had been said.
    replay(&desk, "3", &[line("returned", "w2", "2022-02-10T10:00")]);
    let mut expected =
        vec!["2022-01-25T01:00:00Z 0/3", "2022-02-09T14:00:00Z 1/3", "2022-02-10T02:00:00Z 2/3"];
    assert_eq!(told(&desk), expected);

    // One came back before midnight, and nobody had said so.
    replay(&desk, "4", &[line("returned", "w3", "2022-02-09T23:00")]);
    expected.splice(2..2, ["2022-02-09T16:00:00Z 2/3 revision 1 late"]);
    expected.push("2022-02-10T02:00:00Z 3/3");
    assert_eq!(told(&desk), expected);

    // And another had not come back at all.
    replay(&desk, "5", &[line("return-cancelled", "w1", "2022-02-10T11:00")]);
    expected.splice(3..3, ["2022-02-09T16:00:00Z 1/3 revision 2 retracted"]);
    expected.push("2022-02-10T03:00:00Z 2/3");
    assert_eq!(told(&desk), expected);

    // What happens by day is no restatement, and the next midnight says what the last board could not.
    replay(&desk, "6", &[line("returned", "w1", "2022-02-10T20:00")]);
    replay(
        &desk,
        "7",
        &[line("left", "w2", "2022-02-10T23:00"), line("left", "w3", "2022-02-11T08:00")],
    );
    expected.extend([
        "2022-02-10T12:00:00Z 3/3",
        "2022-02-10T16:00:00Z 2/3 revision 0",
        "2022-02-11T00:00:00Z 1/3",
    ]);
    assert_eq!(told(&desk), expected);
    // The same once more says nothing.
    replay(&desk, "8", &[line("left", "w3", "2022-02-11T08:00")]);
    assert_eq!(told(&desk), expected);
}

#[test]
fn a_midnight_that_is_counted_otherwise_is_restated_as_recounted() {
    let desk = Desk::new();
    let lines = ["w1", "w2"].map(|worker| line("departed", worker, "2022-01-25T09:00"));
    replay(&desk, "1", &[lines.concat(), line("returned", "w1", "2022-02-09T22:00")]);
    replay(&desk, "2", &[line("returned", "w2", "2022-02-10T10:00")]);
    // Now only who travelled by rail counts as back, and nobody said how they travelled.
    let text = std::fs::read_to_string("pipelines/return-to-work.yaml").unwrap();
    let back = "    where: returned_at >= departed_at AND (left_at IS NULL OR left_at < returned_at)\n    unit: person\n  settled:";
    assert_eq!(text.matches(back).count(), 1);
    let otherwise =
        text.replace(back, "    where: returned_mode = 'rail'\n    unit: person\n  settled:");
    let otherwise = otherwise.split("tests:").next().unwrap().to_owned();
    desk.file("otherwise/return-to-work.yaml", otherwise);
    let (lake, key) = (desk.at("lake"), desk.at("key"));
    let file = desk.file("3", line("stayed", "w9", "2022-02-10T12:00"));
    let folder = desk.at("otherwise");
    let replay = ["replay", "--lake", &lake, "--key-file", &key, "--pipelines", &folder, &file];
    desk.run(&replay).with(0);
    assert_eq!(
        told(&desk),
        [
            "2022-02-09T14:00:00Z 1/2",
            "2022-02-09T16:00:00Z 0/2 revision 1 recounted",
            "2022-02-10T02:00:00Z 2/2",
            "2022-02-10T04:00:00Z 0/2",
        ]
    );
}
