//! `chunfeng explain`: why a figure is what it is, and what moved it.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::Args;

use super::figures::{self, figure};
use super::table;
use super::visit::{self, VisitFlags};
use crate::area::{AreaId, Boundaries};
use crate::board::{Board, FigureKey, Moved, Part, moved};
use crate::engine::board_among;
use crate::error::Result;
use crate::lake::{Lake, PipelineLake};
use crate::settings::Raw;
use crate::spec::formula::{Elsewhere, Formula};
use crate::spec::{Pipeline, Rate};
use crate::time::{EventTime, parse_duration_seconds};

/// So many parts are told of each kind: those that did most.
const PARTS_MOST: usize = 10;

/// Tell why a rate is what it is, and what moved it.
#[derive(Args)]
pub struct Explain {
    #[command(flatten)]
    place: VisitFlags,
    /// The rate.
    #[arg(long, value_name = "R")]
    rate: String,
    /// The area.
    #[arg(long, value_name = "CODE")]
    area: String,
    /// Compared with so long before.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = window)]
    over: Over,
    /// The moment, RFC 3339; the newest event unless said.
    #[arg(long, value_name = "TIME", value_parser = super::rates::moment)]
    as_of: Option<EventTime>,
}

/// A length of time as typed and in seconds.
#[derive(Clone)]
struct Over {
    label: String,
    seconds: i64,
}

fn window(text: &str) -> std::result::Result<Over, String> {
    match parse_duration_seconds(text) {
        Some(seconds) if seconds > 0 => Ok(Over { label: text.to_owned(), seconds }),
        _ => Err("write a number and a unit, such as 24h or 7d".to_owned()),
    }
}

/// A figure's pipeline at two moments, and how far its ledger has come.
struct Seen {
    now: Board,
    then: Board,
    offsets: Vec<String>,
}

impl Explain {
    pub fn run(&self) -> Result<()> {
        let visit = self.place.visit(Raw::default())?;
        let see = async |lake: PipelineLake| {
            let rates = &lake.pipeline().rates;
            match rates.iter().position(|rate| rate.name == self.rate) {
                Some(rate) => Ok(Some((rate, self.see(&visit.lake, &lake).await?))),
                None => Ok(None),
            }
        };
        for seen in visit.ask_each(see) {
            if let (_, Some((rate, seen))) = seen? {
                let area = visit::area(seen.now.pipeline.areas, &self.area)?;
                let text = self.told(&seen, rate, area);
                // A reader that has seen enough closes the pipe; that is no failure.
                _ = std::io::stdout().write_all(text.as_bytes());
                return Ok(());
            }
        }
        Err(visit::no_rate(&self.rate))
    }

    async fn see(&self, root: &Lake, lake: &PipelineLake) -> Result<Seen> {
        let now = board_among(root, lake, self.as_of, Boundaries::Now).await?;
        let before = now.as_of.plus(-self.over.seconds);
        let then = board_among(root, lake, Some(before), Boundaries::Now).await?;
        let mut offsets = Vec::new();
        for partition in lake.partitions().await? {
            if let Some(offset) = lake.next_offset(&partition).await? {
                offsets.push(format!("{partition} before {offset}"));
            }
        }
        Ok(Seen { now, then, offsets })
    }

    fn told(&self, seen: &Seen, rate: usize, area: AreaId) -> String {
        let areas = seen.now.pipeline.areas;
        let pipeline = &*seen.now.pipeline;
        let ruled = &pipeline.rates[rate];
        let mut parts = moved([&seen.now, &seen.then], rate, area);
        let rest = parts.split_off(1.min(parts.len()));
        let mut text = format!(
            "{} {} · {} {} {}\n",
            ruled.title.zh,
            ruled.title.en,
            areas.code(area),
            areas.name_zh(area),
            areas.name_en(area)
        );
        for whole in &parts {
            _ = writeln!(text, "as of {}  {}", seen.now.as_of, figure(pipeline, ruled, whole.now));
            _ = writeln!(
                text,
                "{} before            {}",
                self.over.label,
                figure(pipeline, ruled, whole.then)
            );
            _ = writeln!(text, "change                {}", change(pipeline, ruled, whole));
        }
        _ = writeln!(text, "\n{}\n{}\n", ruled.definition.zh, ruled.definition.en);
        text.push_str(&formula(seen, ruled, area));
        let children = |moved: &Moved| matches!(moved.part, Part::Child(_) | Part::Itself);
        let (children, slices): (Vec<Moved>, Vec<Moved>) = rest.into_iter().partition(children);
        for (title, parts) in [("by area", children), ("by dimension value", slices)] {
            if !parts.is_empty() {
                let title = format!("\nwhat moved it over {}, {title}", self.over.label);
                _ = writeln!(text, "{title}\n{}", parts_table(pipeline, ruled, &parts));
            }
        }
        let version = seen.now.ledger_version.unwrap_or_default();
        let offsets = seen.offsets.iter().map(|offset| format!(", {offset}")).collect::<String>();
        _ = writeln!(text, "\nfrom version {version} of {}/ledger{offsets}", pipeline.name);
        text
    }
}

/// By how much the figure has changed.
fn change(pipeline: &Pipeline, rate: &Rate, whole: &Moved) -> String {
    let change = rate.change(whole.now, whole.then);
    change.map_or_else(|| "–".to_owned(), |by| figures::change(by, pipeline.is_share(rate)))
}

/// What the rate is made of, down to the SQL.
fn formula(seen: &Seen, rate: &Rate, area: AreaId) -> String {
    let (pipeline, mut text) = (&*seen.now.pipeline, String::new());
    match &rate.formula {
        Formula::Index(parts) => {
            for part in parts {
                let weighed = &pipeline.rates[part.rate];
                let key = FigureKey { rate: part.rate as u16, area, slice: None };
                let of = |board: &Board| {
                    let counts = board.figure(key).map(|f| (f.numerator, f.denominator));
                    figure(pipeline, weighed, counts.unwrap_or_default())
                };
                let (now, before) = (of(&seen.now), of(&seen.then));
                let (weight, name) = (part.weight, &weighed.name);
                _ = writeln!(text, "100 × {weight} × {name}  {now}, before {before}");
            }
        }
        Formula::Counted { reported, .. } => {
            let (above, below) = pipeline.titles_of(rate);
            _ = writeln!(text, "numerator    {} {}", above.zh, above.en);
            if let Some(below) = below {
                _ = writeln!(text, "denominator  {} {}", below.zh, below.en);
            }
            if reported.is_some() {
                _ = writeln!(text, "where areas report, their reports count");
            }
        }
        Formula::Across(across) => {
            for Elsewhere { pipeline, rate, title } in [&across.numerator, &across.denominator] {
                _ = writeln!(text, "{} {}: what {pipeline} counts as {rate}", title.zh, title.en);
            }
        }
        Formula::Cleared { .. } => _ = writeln!(text, "1 of 1 where nothing is open"),
    }
    for measure in pipeline.measures_of(rate) {
        let measure = &pipeline.measures[usize::from(measure.0)];
        _ = writeln!(text, "  {}: {}", measure.name, measure.rule());
    }
    text
}

/// The parts that did most, and how much.
fn parts_table(pipeline: &Pipeline, rate: &Rate, parts: &[Moved]) -> String {
    let mut table = table::plain(["", "did", "now", "before"], &[1, 2, 3]);
    for part in parts.iter().take(PARTS_MOST) {
        let did = part.did.map(|did| figures::change(did, pipeline.is_share(rate)));
        table.add_row([
            name(pipeline, part.part),
            did.unwrap_or_else(|| "–".to_owned()),
            figure(pipeline, rate, part.now),
            figure(pipeline, rate, part.then),
        ]);
    }
    let others = parts.len().saturating_sub(PARTS_MOST);
    let others = if others > 0 { format!("\n and {others} more") } else { String::new() };
    format!("{}{others}", table.trim_fmt())
}

fn name(pipeline: &Pipeline, part: Part) -> String {
    let areas = pipeline.areas;
    match part {
        Part::Whole => "all".to_owned(),
        Part::Itself => "at the area itself".to_owned(),
        Part::Child(area) => format!("{} {}", areas.code(area), areas.name_zh(area)),
        Part::Without(dimension) => format!("{}: none", pipeline.dimensions[dimension].name),
        Part::Slice(slice) => pipeline.slice_name(slice),
    }
}
