//! Writes the few shapes of YAML that rule files need.
//!
//! Not a serializer: callers know their indentation, and only what others typed goes through [`scalar`].

/// A text as one scalar, quoted so that it can mean nothing but itself.
pub fn scalar(text: &str) -> String {
    match text.contains(|character: char| character.is_control()) {
        // JSON's strings are YAML's double-quoted scalars.
        true => serde_json::Value::from(text).to_string(),
        false => format!("'{}'", text.replace('\'', "''")),
    }
}

/// A text of several lines as a literal block behind `key: `, indented by so many spaces.
pub fn block(text: &str, indent: usize) -> String {
    let lines = text.lines().map(|line| format!("{:indent$}{line}", ""));
    format!("|-\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// A mapping of scalars, one entry a line, indented by so many spaces.
pub fn mapping<'e>(entries: impl IntoIterator<Item = (&'e str, &'e str)>, indent: usize) -> String {
    entries
        .into_iter()
        .map(|(key, value)| format!("{:indent$}{key}: {}\n", "", scalar(value)))
        .collect()
}
