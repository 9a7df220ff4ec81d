//! `check`: every mistake of a folder of pipelines at once, each with its place and what to write instead.

use crate::tools::Desk;

/// A file with a mistake in most of its sections.
const MISTAKES: &str = r#"pipeline: Return To Work
title: { zh: 返岗 }
entity: worker
source: { topc: hr.workers }
decode: { entity: subject, kind: /type, time: /time, missing_time: now }
kinds:
  departed: { events: [departed.v1], keep: some }
  returned:
    events: [returned.v1]
    fields: { mode: { path: /data/mode, type: lable, values: [air] } }
measures:
  departed: { where: departd_at IS NOT NULL }
  back: { where: returned_at >= departed_at, held_for: 3 days }
rates:
  return_rate:
    title: { zh: 返岗率, en: Return rate }
    definition: { zh: 返岗率, en: Return rate }
    numerator: bakc
    denominator: back
alert: {}
"#;

const ANOTHER: &str = "pipeline: other\nkinds: []\n";

/// The sample of a pipeline file in the design: its measures have no titles.
const SAMPLE: &str = r#"
pipeline: return-to-work
title: { zh: 务工人员返岗, en: Workers back at their posts }
entity: worker
source: { topic: hr.workers }
decode: { entity: /subject, kind: /type, time: /time, area: /data/area }
kinds:
  departed: { events: [cn.hr.worker.departed.v1] }
  returned:
    events: [cn.hr.worker.returned.v1]
    retracted_by: [cn.hr.worker.return-cancelled.v1]
    fields: { mode: { path: /data/mode, type: label, values: [air, rail, bus, own] } }
measures:
  departed: { where: departed_at IS NOT NULL }
  returned: { where: returned_at >= departed_at }
rates:
  return_rate:
    title: { zh: 返岗率, en: Return rate }
    definition: { zh: 春节返乡职工中已返岗的比例, en: Share of workers who went home for the festival and are back }
    numerator: returned
    denominator: departed
    change: [1h, 24h]
alerts:
  ReturnRateDropped: { rate: return_rate, drop: 0.02, over: 24h, for: 10m, severity: warning, min_denominator: 500 }
tests:
  - name: a worker back home counts once, however often the event comes
    events:
      - { type: cn.hr.worker.departed.v1, subject: w1, time: "2022-01-25T09:00:00+08:00", data: { area: "350206" } }
      - { type: cn.hr.worker.returned.v1, subject: w1, time: "2022-02-10T09:00:00+08:00", data: { area: "350206" } }
      - { type: cn.hr.worker.returned.v1, subject: w1, time: "2022-02-10T09:00:00+08:00", data: { area: "350206" } }
    expect: { return_rate: { "350206": { numerator: 1, denominator: 1 } } }
"#;

/// `check` of a folder with these files; what it says names them without the folder's path.
fn told(files: &[(&str, &str)], code: i32) -> (String, String) {
    let desk = Desk::new();
    for (name, text) in files {
        desk.file(&format!("pipelines/{name}"), text);
    }
    let ended = desk.run(&["check", &desk.at("pipelines")]).with(code);
    let short = |text: String| text.replace(&desk.at("pipelines"), "pipelines");
    (short(ended.stdout), short(ended.stderr))
}

#[test]
fn every_mistake_of_every_file_is_told_with_its_place() {
    let (stdout, stderr) =
        told(&[("b.yaml", MISTAKES), ("c.yaml", ANOTHER), ("a.txt", "no pipeline")], 2);
    assert_eq!(stdout, "");
    insta::assert_snapshot!(stderr);
}

#[test]
fn the_pipelines_of_this_repository_are_well() {
    let ended = Desk::new().run(&["check", "pipelines"]).with(0);
    insta::assert_snapshot!(ended.stdout);
    assert_eq!(ended.stderr, "");
}

#[test]
fn the_sample_of_the_design_loads_and_holds() {
    let (stdout, stderr) = told(&[("sample.yaml", SAMPLE)], 0);
    assert!(
        stdout.starts_with("return-to-work: 2 kinds, 2 measures, 1 rates, 1 tests, at most "),
        "{stdout}"
    );
    assert_eq!(stderr, "");
}

#[test]
fn an_example_that_does_not_hold_is_told_with_what_it_gives() {
    let wrong =
        SAMPLE.replace("{ numerator: 1, denominator: 1 }", "{ numerator: 2, denominator: 1 }");
    let (_, stderr) = told(&[("sample.yaml", &wrong)], 2);
    assert_eq!(
        stderr,
        "error: return-to-work: test `a worker back home counts once, however often the event comes`: \
         return_rate of 350206 湖里区 as of 2022-02-10T01:00:00Z: expected 2 / 1, came 1 / 1\n    `chunfeng test` tells what was expected, what came and which facts decided it\n"
    );
}

#[test]
fn an_example_s_event_that_is_rejected_is_told_with_the_reason() {
    let wrong = SAMPLE.replacen("\"2022-02-10T09:00:00+08:00\"", "yesterday", 1);
    let (_, stderr) = told(&[("sample.yaml", &wrong)], 2);
    assert!(stderr.contains("event 1 is rejected: invalid_time"), "{stderr}");
}

#[test]
fn a_folder_without_pipelines_is_told() {
    let (_, stderr) = told(&[("a.yml", SAMPLE)], 2);
    assert_eq!(
        stderr,
        "error: no pipeline file in pipelines\n    name the folder that holds the `*.yaml` pipeline files\n"
    );
    let ended = Desk::new().run(&["check", "/no/such/folder"]).with(2);
    assert_eq!(
        ended.stderr,
        "error: cannot read /no/such/folder: No such file or directory (os error 2)\n"
    );
}

#[test]
fn two_pipelines_of_one_name_are_refused() {
    let (_, stderr) = told(&[("a.yaml", SAMPLE), ("b.yaml", SAMPLE)], 2);
    assert!(stderr.contains("two pipeline files are named `return-to-work`"), "{stderr}");
}
