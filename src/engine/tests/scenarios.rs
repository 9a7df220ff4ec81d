//! Runs `tests/integration/scenarios/*.scenario`: what rates mean, told as events and the boards they must give.
//!
//! ```text
//! # whatever is behind a hash is a comment
//! pipeline pipelines/return-to-work.yaml
//! event 2022-02-10T09:00:00+08:00 returned w1 area=350206 mode=rail
//! duplicate 3
//! retract 2022-02-10T10:00:00+08:00 returned w1
//! board 2022-02-12T00:00:00+08:00
//!   return_rate 350206 0/1 24h=-1
//!   return_rate 350206 mode=rail none
//! ```
//!
//! `duplicate` repeats the event before it. Under a board come figures it must have: rate, area, perhaps a dimension
//! value, the counts or `none`, perhaps changes (`null` where there is none). Each board is made three ways: by shards
//! that live through the file line by line, by counting anew from the timelines, and from all events back to front and
//! twice.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::world::{Shards, Told, area, time};
use crate::board::{Board, Figure, FigureKey};
use crate::decode::{
    Interpreter, Key, Offset, Outcome, PseudonymScheme, Reader, RecordBatch, TopicPartition,
};
use crate::spec::column::ColumnType;
use crate::spec::{Kind, Pipeline, load_text};
use crate::time::{EARLIEST, EventTime, LATEST};

const FOLDER: &str = "tests/integration/scenarios";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Everything in the folder of scenarios.
fn files() -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(root().join(FOLDER)).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths.collect()
}

fn is_scenario(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "scenario")
}

#[test]
fn every_scenario_comes_out_as_written() {
    let scenarios: Vec<PathBuf> = files().into_iter().filter(|path| is_scenario(path)).collect();
    assert!(scenarios.len() >= 12, "only {} scenarios in {FOLDER}", scenarios.len());
    let wrong: Vec<String> = scenarios.iter().flat_map(|path| Play::of(path)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_file_of_the_folder_is_left_out() {
    let scenarios: Vec<PathBuf> = files().into_iter().filter(|path| is_scenario(path)).collect();
    let named: BTreeSet<PathBuf> = scenarios
        .iter()
        .flat_map(|path| read(path).lines().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|line| Some(root().join(line.strip_prefix("pipeline ")?)))
        .collect();
    let run: BTreeSet<PathBuf> = scenarios.into_iter().chain(named).collect();
    let left_out: Vec<PathBuf> = files().difference(&run).cloned().collect();
    assert!(left_out.is_empty(), "run by nobody: {left_out:?}");
}

#[test]
fn a_scenario_that_expects_something_else_is_told_by_its_line() {
    let text = "pipeline pipelines/return-to-work.yaml\n\
        event 2022-01-25T09:00:00+08:00 departed w1 area=350206\n\
        board 2022-01-26T00:00:00+08:00\n\
        return_rate 350206 1/1\n";
    let wrong = Play::run("wrong.scenario", text);
    assert_eq!(wrong.len(), 3, "once for each way of making the board: {wrong:?}");
    assert!(wrong[0].starts_with("wrong.scenario:4: `return_rate 350206 1/1` is 0/1"), "{wrong:?}");
}

#[test]
#[should_panic(expected = "expects nothing")]
fn a_scenario_that_expects_nothing_is_refused() {
    Play::run("empty.scenario", "pipeline pipelines/return-to-work.yaml\n");
}

/// A scenario on its way.
struct Play {
    pipeline: Arc<Pipeline>,
    told: Vec<Told>,
    /// Shards that live through the file.
    live: Shards,
    /// The as-of of the last board they made.
    lived_to: EventTime,
    boards: Vec<(&'static str, Board)>,
    expectations: usize,
}

impl Play {
    /// What came out otherwise than the file says.
    fn of(path: &Path) -> Vec<String> {
        Self::run(&path.file_name().unwrap_or_default().to_string_lossy(), &read(path))
    }

    fn run(file: &str, text: &str) -> Vec<String> {
        let lines = text.lines().enumerate().filter_map(|(index, line)| {
            let line = line.split('#').next().unwrap_or_default().trim();
            (!line.is_empty()).then_some((index + 1, line))
        });
        let mut lines = lines.peekable();
        let pipeline = lines.next().and_then(|(_, line)| line.strip_prefix("pipeline "));
        let mut play = Self::new(pipeline.expect("a scenario begins with its pipeline"));
        let mut wrong = Vec::new();
        for (number, line) in lines {
            let complaints = play.line(line);
            wrong.extend(complaints.iter().map(|what| format!("{file}:{number}: `{line}` {what}")));
        }
        assert!(play.expectations > 0, "{file} expects nothing");
        wrong
    }

    fn new(pipeline: &str) -> Self {
        let text = read(&root().join(pipeline));
        let pipeline = load_text(pipeline, &text).unwrap_or_else(|problems| panic!("{problems:?}"));
        let pipeline = Arc::new(pipeline);
        Self {
            told: Vec::new(),
            live: Shards::new(&pipeline, 3),
            lived_to: EARLIEST,
            boards: Vec::new(),
            expectations: 0,
            pipeline,
        }
    }

    fn line(&mut self, line: &str) -> Vec<String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["event", at, kind, entity, fields @ ..] => {
                let event = &self.kind(kind).events[0];
                let told = decoded(&self.pipeline, &self.json(event, at, kind, entity, fields));
                self.tell(told);
            }
            ["retract", at, kind, entity] => {
                let event = &self.kind(kind).retracted_by[0];
                let told = decoded(&self.pipeline, &self.json(event, at, kind, entity, &[]));
                self.tell(told);
            }
            ["duplicate", times @ ..] => {
                let times = times.first().map_or(1, |times| times.parse().expect("a number"));
                let last = self.told.last().expect("an event to repeat").clone();
                (0..times).for_each(|_| self.tell(last.clone()));
            }
            ["board", as_of] => self.board(time(as_of)),
            [rate, code, expected @ ..] => {
                self.expectations += 1;
                return self.compare(rate, code, expected);
            }
            other => panic!("{other:?} is no line of a scenario"),
        }
        Vec::new()
    }

    fn kind(&self, name: &str) -> &Kind {
        let kind = self.pipeline.kinds.iter().find(|kind| kind.name == name);
        kind.unwrap_or_else(|| panic!("no kind is named {name}"))
    }

    /// The event as it would come.
    fn json(&self, event: &str, at: &str, kind: &str, entity: &str, fields: &[&str]) -> String {
        let mut data = serde_json::Map::new();
        for field in fields {
            let (name, text) = field.split_once('=').expect("name=value");
            let of_kind = self.kind(kind).fields.iter().find(|field| field.name == name);
            assert!(name == "area" || of_kind.is_some(), "{kind} carries no {name}");
            let is_text =
                |field_type| matches!(field_type, &ColumnType::Label(_) | &ColumnType::Time);
            let value = match of_kind {
                Some(field) if !is_text(&field.field_type) => {
                    serde_json::from_str(text).expect("a number or a truth")
                }
                _ => serde_json::Value::from(text),
            };
            data.insert(name.to_owned(), value);
        }
        serde_json::json!({ "type": event, "subject": entity, "time": at, "data": data })
            .to_string()
    }

    fn tell(&mut self, told: Told) {
        self.live.feed([&told]);
        self.told.push(told);
    }

    fn board(&mut self, as_of: EventTime) {
        let mut anew = Shards::new(&self.pipeline, 1);
        anew.feed(&self.told);
        let mut backwards = Shards::new(&self.pipeline, 2);
        backwards.feed(self.told.iter().rev());
        backwards.feed(self.told.iter().rev());
        self.boards = vec![
            ("counted anew", anew.recount(as_of)),
            ("back to front and twice", backwards.close(as_of)),
        ];
        // Who lives through the file makes no board of the past.
        if as_of >= self.lived_to {
            self.boards.insert(0, ("line by line", self.live.close(as_of)));
            self.lived_to = as_of;
        }
    }

    fn compare(&self, rate: &str, code: &str, expected: &[&str]) -> Vec<String> {
        let (slice, expected) = match expected {
            [slice, rest @ ..] if slice.contains('=') => {
                let (dimension, value) = slice.split_once('=').expect("dimension=value");
                let slice = self.pipeline.slice(dimension, value);
                (
                    Some(slice.unwrap_or_else(|| panic!("no dimension value {dimension}={value}"))),
                    rest,
                )
            }
            rest => (None, rest),
        };
        let rates = &self.pipeline.rates;
        let rate = rates.iter().position(|named| named.name == rate);
        let rate =
            rate.expect("a rate of the pipeline, or `event`, `retract`, `duplicate`, `board`");
        let area = area(code);
        let key = FigureKey { rate: rate as u16, area, slice };
        assert!(!self.boards.is_empty(), "figures come under a board");
        let boards = self.boards.iter();
        let wrong = boards.filter_map(|(way, board)| {
            let found = self.told_like(board.figure(key), rate, expected);
            (found != expected.join(" ")).then(|| format!("is {found} ({way})"))
        });
        wrong.collect()
    }

    /// A figure in the words of a scenario, with the windows that are expected.
    fn told_like(&self, figure: Option<&Figure>, rate: usize, expected: &[&str]) -> String {
        let Some(figure) = figure else {
            return "none".to_owned();
        };
        let mut words = vec![format!("{}/{}", figure.numerator, figure.denominator)];
        for (label, _) in expected.iter().filter_map(|word| word.split_once('=')) {
            let windows = &self.pipeline.rates[rate].change;
            let window = windows.iter().position(|window| window.label == label);
            let change = figure.change[window.unwrap_or_else(|| panic!("no window {label}"))];
            let change = change.map_or("null".to_owned(), |change| change.to_string());
            words.push(format!("{label}={change}"));
        }
        words.join(" ")
    }
}

/// What an event comes to.
fn decoded(pipeline: &Arc<Pipeline>, json: &str) -> Told {
    let mut reader = Reader::new();
    let key = Arc::new(Key::new(&[0; 32], PseudonymScheme::Blake3));
    let mut interpreter = Interpreter::new(pipeline.clone(), key, &mut reader);
    let mut records = RecordBatch::new(TopicPartition { topic: "scenario".into(), partition: 0 });
    records.push(Offset(0), LATEST, Some(json.as_bytes()), Vec::new());
    let mut picks = reader.picks();
    let record = &records.records[0];
    let parsed = reader.read(record, records.value(record), &mut picks);
    parsed.unwrap_or_else(|reason| panic!("{json}: {reason:?}"));
    match interpreter.interpret(&picks, interpreter.meaning(&picks), record.time) {
        Outcome::Fact(fact) => Told {
            entity: fact.entity,
            time: fact.head.time(),
            kind: fact.head.code().kind(),
            retracts: fact.head.code().is_retraction(),
            area: fact.head.area(),
            fields: interpreter.fields().to_vec(),
        },
        other => panic!("{json}: {other:?}"),
    }
}
