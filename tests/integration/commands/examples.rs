//! `test`: the examples in pipeline files, told as a test runner tells its tests.

use std::path::Path;

use crate::tools::Desk;

const PIPELINES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pipelines");

/// A folder with one shipped file in which one figure is another.
fn with_another_figure(desk: &Desk) -> String {
    let text = std::fs::read_to_string(Path::new(PIPELINES).join("tickets.yaml")).unwrap();
    let right = "residual: { \"330782\": { numerator: 1 } }";
    assert!(text.contains(right));
    let wrong = text.replace(right, "residual: { \"330782\": { numerator: 0 } }");
    let file = desk.file("pipelines/tickets.yaml", wrong);
    Path::new(&file).parent().unwrap().display().to_string()
}

#[test]
fn the_shipped_pipelines_keep_their_word() {
    let ended = Desk::new().run(&["test", PIPELINES]).with(0);
    assert!(ended.stdout.contains("  ✓ a problem is overdue by the clock alone\n"));
    assert!(ended.stdout.ends_with(" passed, 0 failed\n"), "{}", ended.stdout);
}

#[test]
fn a_figure_that_is_changed_is_told_with_the_facts_that_decided_it() {
    let desk = Desk::new();
    let folder = with_another_figure(&desk);
    let ended = desk.run(&["test", &folder, "--only", "neither solved nor tracked"]).with(1);
    insta::assert_snapshot!(ended.stdout);
    assert_eq!(ended.stderr, "error: 1 tests failed\n");
}

#[test]
fn a_name_that_no_test_has_is_a_mistake() {
    let ended = Desk::new().run(&["test", PIPELINES, "--only", "nothing of the kind"]).with(2);
    assert!(ended.stderr.starts_with("error: there is no such test\n"), "{}", ended.stderr);
}
