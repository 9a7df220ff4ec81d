//! The tree itself, and its scalars as the types a caller asks for.

use std::sync::Arc;

use saphyr::{LoadableYamlNode, MarkedYaml, Marker, Scalar, YamlData};

use super::{Fields, Place, Problems};

/// A node of the tree with its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where the node begins.
    pub place: Place,
    /// Whether it begins and ends on one line, so that columns inside it can be counted from its place.
    pub on_one_line: bool,
    /// What it holds.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub enum Value {
    /// Nothing, or `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// Text.
    Text(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the file.
    Mapping(Vec<(Key, Node)>),
}

/// A key of a mapping, always text.
#[derive(Clone, Debug)]
pub struct Key {
    /// Where the key stands.
    pub place: Place,
    /// The key itself.
    pub text: String,
}

/// Parses a file. `None` where it is no YAML at all, which is noted.
pub fn parse(file: &str, text: &str, problems: &mut Problems) -> Option<Node> {
    let file: Arc<str> = file.into();
    match MarkedYaml::load_from_str(text) {
        Ok(documents) => match documents.first() {
            Some(document) if documents.len() == 1 => Some(convert(&file, document)),
            _ => {
                let place = Place { file, line: 1, column: 1 };
                problems.note(&place, "the file must hold exactly one YAML document");
                None
            }
        },
        Err(error) => {
            problems.note(&place(&file, error.marker()), format!("not YAML: {}", error.info()));
            None
        }
    }
}

fn place(file: &Arc<str>, marker: &Marker) -> Place {
    Place { file: file.clone(), line: marker.line(), column: marker.col() + 1 }
}

fn convert(file: &Arc<str>, yaml: &MarkedYaml) -> Node {
    let value = match &yaml.data {
        YamlData::Value(Scalar::Null) => Value::Null,
        YamlData::Value(Scalar::Boolean(boolean)) => Value::Boolean(*boolean),
        YamlData::Value(Scalar::Integer(integer)) => Value::Integer(*integer),
        YamlData::Value(Scalar::FloatingPoint(number)) => Value::Number(number.into_inner()),
        YamlData::Value(Scalar::String(text)) => Value::Text(text.to_string()),
        YamlData::Representation(text, ..) => Value::Text(text.to_string()),
        YamlData::Sequence(nodes) => {
            Value::Sequence(nodes.iter().map(|node| convert(file, node)).collect())
        }
        YamlData::Mapping(entries) => Value::Mapping(
            entries
                .iter()
                .map(|(key, node)| (convert_key(file, key), convert(file, node)))
                .collect(),
        ),
        YamlData::Tagged(_, inner) => return convert(file, inner),
        YamlData::Alias(_) | YamlData::BadValue => Value::Null,
    };
    Node {
        place: place(file, &yaml.span.start),
        on_one_line: yaml.span.start.line() == yaml.span.end.line(),
        value,
    }
}

fn convert_key(file: &Arc<str>, key: &MarkedYaml) -> Key {
    let node = convert(file, key);
    let text = match node.value {
        Value::Text(text) => text,
        Value::Integer(integer) => integer.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) => String::new(),
    };
    Key { place: node.place, text }
}

impl Node {
    /// What a person would call the kind of thing it holds.
    fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Boolean(_) => "true or false",
            Value::Integer(_) => "a whole number",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    fn expected(&self, what: &str, problems: &mut Problems) {
        problems.note(&self.place, format!("expected {what}, found {}", self.kind()));
    }

    /// A mapping, to be read key by key.
    pub fn fields<'n>(&'n self, problems: &mut Problems) -> Option<Fields<'n>> {
        match &self.value {
            Value::Mapping(entries) => Some(Fields::new(self.place.clone(), entries)),
            _ => {
                self.expected("a mapping", problems);
                None
            }
        }
    }

    /// A mapping whose keys are names that the file chooses.
    pub fn entries<'n>(&'n self, problems: &mut Problems) -> &'n [(Key, Node)] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => {
                self.expected("a mapping", problems);
                &[]
            }
        }
    }

    /// Text.
    pub fn text<'n>(&'n self, problems: &mut Problems) -> Option<&'n str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Integer(_) | Value::Number(_) | Value::Boolean(_) => {
                let message = format!("expected text, found {}", self.kind());
                problems.suggest(&self.place, message, "put it in quotes");
                None
            }
            _ => {
                self.expected("text", problems);
                None
            }
        }
    }

    /// A list of texts.
    pub fn texts(&self, problems: &mut Problems) -> Vec<String> {
        let nodes = self.sequence(problems);
        nodes.iter().filter_map(|node| node.text(problems)).map(str::to_owned).collect()
    }

    /// A list.
    pub fn sequence<'n>(&'n self, problems: &mut Problems) -> &'n [Node] {
        match &self.value {
            Value::Sequence(nodes) => nodes,
            _ => {
                self.expected("a list", problems);
                &[]
            }
        }
    }

    /// A whole number of at least `least`.
    pub fn integer(&self, least: i64, problems: &mut Problems) -> Option<i64> {
        match self.value {
            Value::Integer(integer) if integer >= least => Some(integer),
            Value::Integer(_) => {
                problems.note(&self.place, format!("must be {least} or more"));
                None
            }
            _ => {
                self.expected("a whole number", problems);
                None
            }
        }
    }

    /// Any number.
    pub fn number(&self, problems: &mut Problems) -> Option<f64> {
        match self.value {
            Value::Integer(integer) => Some(integer as f64),
            Value::Number(number) => Some(number),
            _ => {
                self.expected("a number", problems);
                None
            }
        }
    }

    /// The value as JSON, for events written in a file.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(boolean) => (*boolean).into(),
            Value::Integer(integer) => (*integer).into(),
            Value::Number(number) => (*number).into(),
            Value::Text(text) => text.as_str().into(),
            Value::Sequence(nodes) => nodes.iter().map(Node::to_json).collect(),
            Value::Mapping(entries) => {
                entries.iter().map(|(key, node)| (key.text.clone(), node.to_json())).collect()
            }
        }
    }
}
