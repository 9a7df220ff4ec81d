//! The settings of `chunfeng notify`. Keys and secrets stand in files of their own, and are never printed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use super::digest::{Language, Links};
use super::robot::{Kind, Robot};
use crate::error::{Error, ErrorKind, Result};
use crate::yaml::{self, Key, Node, Problems};

/// What `chunfeng notify` works with.
pub struct NotifySettings {
    /// Where Alertmanager calls.
    pub listen: SocketAddr,
    /// In which language people are told.
    pub(super) language: Language,
    /// Where links lead.
    pub(super) links: Links,
    /// The robots, by the name they are called by.
    pub(super) robots: BTreeMap<String, Robot>,
}

/// Reads a settings file; every problem is told at once.
pub fn read(path: &Path) -> Result<NotifySettings> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(ErrorKind::Invalid, format!("cannot read {name}: {error}"))
            .advise("docs/operations.md has an example")
            .because(error)
    })?;
    let mut problems = Problems::default();
    let settings =
        yaml::parse(&name, &text, &mut problems).and_then(|node| settings(&node, &mut problems));
    match settings {
        Some(settings) if problems.is_empty() => Ok(settings),
        _ => Err(problems.into()),
    }
}

fn settings(node: &Node, problems: &mut Problems) -> Option<NotifySettings> {
    let mut fields = node.fields(problems)?;
    let listen = fields.required("listen", problems).and_then(|n| address(n, problems));
    let language = fields.optional("language");
    let language = language.map_or(Some(Language::default()), |n| language_of(n, problems));
    let grafana = fields.optional("grafana").and_then(|n| url(n, problems));
    let runbooks = fields.optional("runbooks").and_then(|n| url(n, problems));
    let robots = fields.required("robots", problems);
    let robots = robots.map(|n| n.entries(problems)).unwrap_or_default();
    let robots = robots.iter().filter_map(|(key, node)| robot(key, node, problems)).collect();
    fields.done(problems);
    let links = Links { grafana, runbooks };
    Some(NotifySettings { listen: listen?, language: language?, links, robots })
}

fn robot(key: &Key, node: &Node, problems: &mut Problems) -> Option<(String, Robot)> {
    let mut fields = node.fields(problems)?;
    let kind = fields.required("kind", problems).and_then(|n| kind_of(n, problems));
    let base_url = fields.optional("base_url").map(|n| url(n, problems));
    let robot_key = fields.required("key", problems).and_then(|n| secret(n, problems));
    let signed = fields.optional("secret");
    fields.done(problems);
    let kind = kind?;
    if let Some(node) = signed.filter(|_| !kind.is_signed()) {
        let message = "messages to this robot are not signed";
        problems.suggest(&node.place, message, "leave `secret` out: its key is all it asks for");
    }
    let signed = signed.map(|n| secret(n, problems));
    let base_url = base_url.unwrap_or_else(|| Some(kind.base_url().to_owned()));
    let robot = Robot { kind, base_url: base_url?, key: robot_key?, secret: signed.flatten() };
    Some((key.text.clone(), robot))
}

fn kind_of(node: &Node, problems: &mut Problems) -> Option<Kind> {
    let text = node.text(problems)?;
    let kind = Kind::named(text);
    if kind.is_none() {
        let instead = "write wecom, dingtalk or feishu";
        problems.suggest(&node.place, format!("`{text}` is no kind of robot"), instead);
    }
    kind
}

fn language_of(node: &Node, problems: &mut Problems) -> Option<Language> {
    match node.text(problems)? {
        "zh" => Some(Language::Chinese),
        "en" => Some(Language::English),
        "both" => Some(Language::Both),
        text => {
            let instead = "write zh, en or both";
            problems.suggest(&node.place, format!("`{text}` is no language"), instead);
            None
        }
    }
}

fn address(node: &Node, problems: &mut Problems) -> Option<SocketAddr> {
    let text = node.text(problems)?;
    let address = text.parse().ok();
    if address.is_none() {
        let instead = "write an address and a port, such as 127.0.0.1:9096";
        problems.suggest(&node.place, format!("`{text}` is no address to listen on"), instead);
    }
    address
}

fn url(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    let is_url = url::Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    if !is_url {
        let instead = "write it with its scheme, such as https://grafana.example";
        problems.suggest(&node.place, format!("`{text}` is no address"), instead);
        return None;
    }
    Some(text.to_owned())
}

/// `{ file: PATH }`.
fn secret(node: &Node, problems: &mut Problems) -> Option<String> {
    let mut fields = node.fields(problems)?;
    let file = fields.required("file", problems);
    fields.done(problems);
    let file = file?;
    let path = file.text(problems)?;
    match std::fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Ok(_) => {
            problems.note(&file.place, format!("{path} is empty"));
            None
        }
        Err(error) => {
            problems.note(&file.place, format!("cannot read {path}: {error}"));
            None
        }
    }
}
