//! The scanner against serde_json: of any text both pick the same or refuse it for the same reason, whatever came before it.

mod oracle;

use proptest::prelude::*;

use super::hostile::any_edit;
use super::*;
use crate::decode::json::PointerTree;

fn tree() -> PointerTree {
    let mut tree = PointerTree::new();
    for pointer in [
        "/type",
        "/subject",
        "/time",
        "/data/area",
        "/data/mode",
        "/data/trips",
        "/data",
        "/a~1b/c",
        "/a~1b",
    ] {
        tree.want(pointer);
    }
    tree
}

/// Every text through the same scratch, as records of a batch go.
fn agrees(texts: &[String]) -> Result<(), TestCaseError> {
    let tree = tree();
    let mut picks = Picks::of(&tree);
    for text in texts {
        picks.clear();
        let scanned = tree.pick(tree.root(), text, &mut picks);
        let scanned =
            scanned.map(|()| (0..tree.slots()).map(|slot| picks.get(slot).clone()).collect());
        let picked = oracle::pick(&tree, text);
        if text.trim_start().starts_with('{') {
            prop_assert_eq!(scanned, picked, "{}", text);
        } else {
            prop_assert!(scanned.is_err() && picked.is_err(), "{}", text);
        }
    }
    Ok(())
}

#[test]
fn of_every_form_of_a_value_the_same_is_picked() {
    let values = [
        "0",
        "-0",
        "-1",
        "00",
        "01",
        "-",
        "+1",
        "1.",
        "1.5",
        "-1.5e3",
        "1e5",
        "1E+5",
        "1e",
        "1e999",
        "-1e999",
        "1-2",
        "1+",
        "0x1",
        "999999999999999999",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "true",
        "false",
        "null",
        "tru",
        "nulll",
        "True",
        "NaN",
        r#""""#,
        r#""x""#,
        r#""湖里区""#,
        r#""\u6e56\u91cc""#,
        r#""\ud83d\ude00""#,
        r#""\ud800""#,
        r#""\q""#,
        r#""\""#,
        r#""a\"b""#,
        r#""a\\""#,
        "\"a\tb\"",
        "\"\u{7f}\"",
        "[]",
        "[1,[2,{}]]",
        "[1,]",
        "[,]",
        "[1 2]",
        "[",
        "{}",
        r#"{"area":"350206"}"#,
        r#"{"area":1,"area":2}"#,
        r#"{"x":1,"x":2}"#,
        r#"{"x":1,"\u0078":2}"#,
        r#"{"area":1,"\u0061rea":2}"#,
        r#"{"x":1,}"#,
        r#"{"x"}"#,
        r#"{"x":}"#,
        r#"{x:1}"#,
        r#"{"x" : 1 , "y" :2}"#,
        "",
    ];
    for member in ["data", "subject", "unwanted", "a/b"] {
        let texts: Vec<String> = values
            .iter()
            .flat_map(|value| {
                [
                    format!("{{\"{member}\":{value}}}"),
                    format!(" {{ \"{member}\" :\t{value}\r\n}} "),
                    (*value).to_owned(),
                ]
            })
            .collect();
        agrees(&texts).unwrap();
    }
}

#[test]
fn what_stood_here_last_time_is_a_guess_and_no_more() {
    let texts = [
        r#"{"a":1,"b":2,"c":3}"#,
        r#"{"a":1,"c":3}"#,
        r#"{"a":1,"c":3,"c":4}"#,
        r#"{"a":1,"b":2,"c":3}"#,
        r#"{"c":1,"b":2,"a":3,"b":4}"#,
        r#"{"data":{"area":"1","mode":"2"},"mode":3}"#,
        r#"{"data":{"mode":"2","area":"1"},"area":3}"#,
        r#"{"mode":{"area":1},"data":{"area":2}}"#,
        r#"{"area":{"area":1},"data":{"area":2},"data":1}"#,
        r#"{"type":"x","type":"x"}"#,
        r#"{"type":"x","#,
        r#"{"type""#,
        r#"{"type":"#,
        r#"{"type":"x"}"#,
    ];
    agrees(&texts.map(str::to_owned)).unwrap();
    let twice: Vec<String> = texts
        .iter()
        .flat_map(|text| texts.map(|next| [(*text).to_owned(), next.to_owned()]))
        .flatten()
        .collect();
    agrees(&twice).unwrap();
}

proptest! {
    #[test]
    fn of_mangled_events_the_same_is_picked(mangled in proptest::collection::vec(proptest::collection::vec(any_edit(), 0..4), 1..6)) {
        let texts = mangled.iter().map(|edits| {
            let mut bytes = event().to_string().into_bytes();
            edits.iter().for_each(|edit| edit.apply(&mut bytes));
            String::from_utf8_lossy(&bytes).into_owned()
        });
        agrees(&texts.collect::<Vec<_>>())?;
    }
}
