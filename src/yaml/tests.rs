use super::*;

fn problems_of(text: &str, read: impl FnOnce(&Node, &mut Problems)) -> Vec<String> {
    let mut problems = Problems::default();
    if let Some(node) = parse("f.yaml", text, &mut problems) {
        read(&node, &mut problems);
    }
    problems.sorted().iter().map(Problem::to_string).collect()
}

#[test]
fn every_problem_is_told_with_its_place() {
    let told = problems_of("topc: a\nkeep: yes please\n", |node, problems| {
        let Some(mut fields) = node.fields(problems) else {
            return;
        };
        fields.required("topic", problems);
        fields.required("keep", problems).and_then(|keep| keep.integer(1, problems));
        fields.done(problems);
    });
    assert_eq!(
        told,
        [
            "f.yaml:1:1: `topic` is missing",
            "f.yaml:1:1: unknown key `topc`\n    did you mean `topic`?",
            "f.yaml:2:7: expected a whole number, found text",
        ]
    );
}

#[test]
fn a_key_written_twice_is_a_problem() {
    let told = problems_of("a: 1\na: 2\n", |_, _| {});
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("f.yaml:2:1: not YAML: duplicated key"), "{told:?}");
}

#[test]
fn numbers_where_text_belongs_are_told_to_be_quoted() {
    let told = problems_of("area: 350206\n", |node, problems| {
        let Some(mut fields) = node.fields(problems) else {
            return;
        };
        fields.required("area", problems).and_then(|area| area.text(problems).map(drop));
    });
    assert_eq!(told, ["f.yaml:1:7: expected text, found a whole number\n    put it in quotes"]);
}

#[test]
fn the_nearest_name_must_be_near() {
    let known = ["retracted_by", "events", "keep"];
    assert_eq!(nearest("retracted-by", known.into_iter()), Some("retracted_by"));
    assert_eq!(nearest("fields", known.into_iter()), None);
}
