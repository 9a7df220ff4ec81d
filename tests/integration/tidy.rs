//! Style as a test: what the house asks of every file, and which room may use which.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const LINES_MOST: usize = 400;
const FUNCTION_LINES_MOST: usize = 70;

/// The rooms from the lowest to the highest. A room may use those before it, and nothing behind it.
const ROOMS: [&str; 19] = [
    "error",
    "time",
    "season",
    "clock",
    "yaml",
    "area",
    "spec",
    "roster",
    "decode",
    "steps",
    "panes",
    "board",
    "lake",
    "telemetry",
    "engine",
    "source",
    "publish",
    "settings",
    "cli",
];
/// `generate`, `scenario` and `notify` stand beside the walk.
const ASIDE: [(&str, &[&str]); 3] = [
    ("generate", &["spec", "season", "publish", "telemetry", "error", "area", "time", "board"]),
    ("scenario", &[]),
    ("notify", &["error", "time", "clock", "yaml"]),
];
/// Who alone may name a library.
const ALONE: [(&str, &[&str]); 5] = [
    ("deltalake_core", &["lake/table.rs", "lake/table/"]),
    ("buoyant_kernel", &["lake/storage_failure.rs"]),
    ("rdkafka", &["source/kafka", "cli/demo/broker.rs", "cli/producer.rs"]),
    ("parquet::", &["lake/parquet_file.rs", "lake/statistics.rs"]),
    ("axum", &["publish/http.rs", "notify/http.rs"]),
];
/// Rooms that know no runtime.
const PURE: [&str; 9] =
    ["season", "area", "spec", "decode", "roster", "steps", "panes", "board", "scenario"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

struct Source {
    /// Its path below `src/`.
    path: String,
    text: String,
}

impl Source {
    fn room(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }

    fn is_test(&self) -> bool {
        self.path.contains("/tests")
    }

    /// Without its tests.
    fn code(&self) -> &str {
        self.text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()
    }

    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.code().lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
        lines.filter(|(_, line)| !line.is_empty() && !line.starts_with("//"))
    }
}

fn sources() -> Vec<Source> {
    let mut paths = Vec::new();
    collect(&root().join("src"), &mut paths);
    let source = |path: PathBuf| {
        let below = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().into_owned();
        Source { text: fs::read_to_string(&path).unwrap(), path: below }
    };
    paths.into_iter().map(source).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

fn tell(problems: Vec<String>) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent =
        sources().into_iter().filter(|source| !source.is_test() && !source.text.starts_with("//!"));
    tell(silent.map(|source| format!("src/{} does not open with //!", source.path)).collect());
}

#[test]
fn files_and_functions_stay_small() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let lines = source.code_lines().count();
        if lines > LINES_MOST {
            problems.push(format!("src/{} has {lines} lines of code", source.path));
        }
        problems.extend(long_functions(source));
    }
    tell(problems);
}

fn long_functions(source: &Source) -> Vec<String> {
    let lines: Vec<&str> = source.code().lines().collect();
    let mut problems = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let is_function = line
            .trim_start()
            .trim_start_matches("pub ")
            .trim_start_matches("async ")
            .starts_with("fn ");
        if !is_function {
            continue;
        }
        let end = format!("{}}}", " ".repeat(indent));
        let length = lines[start..].iter().position(|line| *line == end).unwrap_or(0);
        if length > FUNCTION_LINES_MOST {
            problems.push(format!(
                "src/{}:{} a function of {length} lines",
                source.path,
                start + 1
            ));
        }
    }
    problems
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        for (number, used) in rooms_used(source) {
            if !may_use(source.room(), &used) {
                problems.push(format!(
                    "src/{}:{number} `{}` may not use `{used}`",
                    source.path,
                    source.room()
                ));
            }
        }
    }
    tell(problems);
}

fn rooms_used(source: &Source) -> BTreeSet<(usize, String)> {
    let mut used = BTreeSet::new();
    for (number, line) in source.code_lines() {
        for behind in line.split("crate::").skip(1) {
            let room: String =
                behind.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !room.is_empty() && room != source.room() {
                used.insert((number, room));
            }
        }
    }
    used
}

fn may_use(user: &str, used: &str) -> bool {
    if let Some((_, allowed)) = ASIDE.iter().find(|(room, _)| *room == user) {
        return allowed.contains(&used);
    }
    if ASIDE.iter().any(|(room, _)| *room == used) {
        return user == "cli";
    }
    let rank = |room: &str| ROOMS.iter().position(|known| *known == room);
    match (rank(user), rank(used)) {
        (Some(user), Some(used)) => used < user,
        _ => user == "lib" || user == "main",
    }
}

#[test]
fn only_one_place_knows_each_library() {
    let mut problems = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        for (library, places) in ALONE {
            let at_home = places.iter().any(|place| source.path.starts_with(place));
            let uses =
                source.code_lines().find(|(_, line)| line.contains(library) && !line.contains('"'));
            if let (false, Some((number, _))) = (at_home, uses) {
                problems.push(format!("src/{}:{number} knows {library}", source.path));
            }
        }
    }
    tell(problems);
}

#[test]
fn the_pure_rooms_know_no_runtime_and_no_clock() {
    let forbidden =
        ["tokio", "async fn", "std::thread", "std::net", "Instant::now", "crate::clock"];
    let mut problems = Vec::new();
    for source in
        sources().iter().filter(|source| PURE.contains(&source.room()) && !source.is_test())
    {
        for (number, line) in source.code_lines() {
            if let Some(word) = forbidden.iter().find(|word| line.contains(**word)) {
                problems.push(format!("src/{}:{number} knows {word}", source.path));
            }
        }
    }
    tell(problems);
}

#[test]
fn no_statement_throws_a_check_away() {
    let mut problems = Vec::new();
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            if line.trim_start().starts_with("matches!(") && line.trim_end().ends_with(");") {
                problems.push(format!(
                    "src/{}:{} a `matches!` whose answer nobody hears",
                    source.path,
                    number + 1
                ));
            }
        }
    }
    tell(problems);
}

#[test]
fn documents_name_every_reject_reason_and_every_metric() {
    let errors = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let reasons = chunfeng::decode::Reason::ALL.map(chunfeng::decode::Reason::code);
    let untold = reasons.into_iter().filter(|code| !errors.contains(&format!("`{code}`")));
    tell(untold.map(|code| format!("docs/errors.md does not explain `{code}`")).collect());

    let metrics = fs::read_to_string(root().join("docs/metrics.md")).unwrap();
    let sources = sources();
    let catalogues = sources
        .iter()
        .filter(|s| ["telemetry.rs", "publish/exposition.rs"].contains(&s.path.as_str()));
    let named = catalogues.flat_map(|source| source.code().split('"')).filter(|text| {
        text.starts_with("chunfeng_") && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    });
    let untold: BTreeSet<&str> =
        named.filter(|name| !metrics.contains(&format!("`{name}"))).collect();
    tell(
        untold
            .into_iter()
            .map(|name| format!("docs/metrics.md does not tell of `{name}`"))
            .collect(),
    );
}
