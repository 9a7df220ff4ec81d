//! Section `areas`: townships that a pipeline names, and areas without a code that it declares.

use super::sections;
use crate::area::{Addition, AreaTree};
use crate::yaml::{Key, Node, Problems};

/// Digits of a township's code; the first six are its county's.
const TOWNSHIP_DIGITS: usize = 9;

/// Reads the section: what is added to the table, in the order of codes.
pub fn read(node: &Node, problems: &mut Problems) -> Vec<Addition> {
    let mut additions: Vec<Addition> = Vec::new();
    for (key, node) in node.entries(problems) {
        let Some(addition) = addition(key, node, problems) else { continue };
        if additions.iter().any(|other| other.code == addition.code) {
            problems.note(&key.place, format!("two areas are named `{}`", addition.code));
        }
        additions.push(addition);
    }
    additions.sort_by(|a, b| a.code.cmp(&b.code));
    additions
}

fn addition(key: &Key, node: &Node, problems: &mut Problems) -> Option<Addition> {
    let mut fields = node.fields(problems)?;
    let zh = fields.required("zh", problems).and_then(|n| n.text(problems));
    let en = fields.required("en", problems).and_then(|n| n.text(problems));
    let is_township = key.text.bytes().all(|byte| byte.is_ascii_digit());
    let within = match is_township {
        true => county_of(key, problems),
        false => {
            let within = fields.required("within", problems);
            let name = sections::key_name(key, problems);
            within.and_then(|n| place(n, problems)).filter(|_| name.is_some())
        }
    };
    fields.done(problems);
    let trimmed = |text: &str| text.trim().to_owned();
    Some(Addition {
        code: key.text.clone(),
        name_zh: trimmed(zh?),
        name_en: trimmed(en?),
        within: within?,
    })
}

/// The area that a township's first six digits are.
fn county_of(key: &Key, problems: &mut Problems) -> Option<String> {
    let table = AreaTree::gbt2260();
    let code = key.text.get(..6).filter(|_| key.text.len() == TOWNSHIP_DIGITS);
    let county = code.and_then(|code| table.resolve(code));
    if county.is_none() {
        let message = format!("`{}` is no township", key.text);
        let instead = "write its nine digits, the first six of its county: \"350206405\"";
        problems.suggest(&key.place, message, instead);
    }
    county.map(|county| table.code(county).to_owned())
}

fn place(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    let known = AreaTree::gbt2260().resolve(text);
    if known.is_none() {
        let message = format!("`{text}` is no area of the table");
        let instead = "write the code of the county it lies in, or of the area around all of it";
        problems.suggest(&node.place, message, instead);
    }
    known.map(|_| text.to_owned())
}
