//! `chunfeng rates`: the rates that a lake holds, as of any moment.
//!
//! `ranked` puts areas in their places, `compared` lays rates beside an earlier spring, `known` beside what was published.

mod beside;
mod compared;
mod csv;
mod known;
mod ranked;

use std::io::Write;

use clap::{Args, ValueEnum};
use serde::Serialize;

use self::beside::Beside;
use self::compared::{Seen, compared};
use self::known::{Known, restated};
use super::visit::{self, VisitFlags};
use super::{figures, table};
use crate::area::Boundaries;
use crate::board::{Board, Row, rows};
use crate::engine::board_among;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, PipelineLake};
use crate::season::{Against, Alignment, counterpart};
use crate::settings::Raw;
use crate::time::EventTime;

/// Show the rates that a lake holds, as of any moment.
#[derive(Args)]
pub struct Rates {
    #[command(flatten)]
    place: VisitFlags,
    /// Only this rate.
    #[arg(long, value_name = "R")]
    rate: Option<String>,
    /// Only this area.
    #[arg(long, value_name = "CODE")]
    area: Option<String>,
    /// The moment, RFC 3339; the newest event unless said.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    as_of: Option<EventTime>,
    /// Rank the areas right below this one by `--rate`, the best first.
    #[arg(long, value_name = "CODE", requires = "rate", conflicts_with_all = ["area", "format"])]
    ranking: Option<String>,
    /// What was published by then, RFC 3339, beside what is known of the same moment now.
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with_all = ["as_of", "ranking", "against"])]
    as_known_at: Option<EventTime>,
    /// Beside each rate that has a season, the same day of an earlier spring: `last`, or of a year.
    #[arg(long, value_name = "last|YEAR", value_parser = against, conflicts_with = "ranking")]
    against: Option<Against>,
    /// What the springs are laid side by side by; each rate's own `season` unless said.
    #[arg(long, value_name = "BY", value_parser = alignment, requires = "against")]
    align: Option<Alignment>,
    /// By the map of which day areas are rolled up: today's, where a district that was merged counts where it went, or that of
    /// the moment that is looked at.
    #[arg(long, value_name = "now|then", value_parser = boundaries, default_value = "now", conflicts_with = "as_known_at")]
    boundaries: Boundaries,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
}

pub fn moment(text: &str) -> std::result::Result<EventTime, String> {
    EventTime::parse(text)
        .ok_or_else(|| "write RFC 3339, such as 2022-02-21T08:00:00+08:00".to_owned())
}

fn against(text: &str) -> std::result::Result<Against, String> {
    match (text, text.parse()) {
        ("last", _) => Ok(Against::Last),
        (_, Ok(year)) => Ok(Against::Year(year)),
        _ => Err("write `last`, or a year such as 2019".to_owned()),
    }
}

fn boundaries(text: &str) -> std::result::Result<Boundaries, String> {
    match text {
        "now" => Ok(Boundaries::Now),
        "then" => Ok(Boundaries::Then),
        _ => Err("write `now` or `then`".to_owned()),
    }
}

fn alignment(text: &str) -> std::result::Result<Alignment, String> {
    Alignment::of(text).ok_or_else(|| "write spring-festival, calendar or workday".to_owned())
}

impl Rates {
    pub fn run(&self) -> Result<()> {
        if let Some(by) = self.as_known_at {
            return self.known(by);
        }
        if let Some(against) = self.against {
            return self.compare(against);
        }
        let visit = self.place.visit(Raw::default())?;
        let board = async |lake: PipelineLake| self.board(&visit.lake, &lake, self.as_of).await;
        let boards = visit.ask_each(board).map(|told| told.map(|(_, board)| board));
        let boards = boards.collect::<Result<Vec<_>>>()?;
        match &self.ranking {
            Some(parent) => self.print_ranking(&boards, parent),
            None => self.print(&boards),
        }
    }

    async fn board(
        &self,
        root: &Lake,
        lake: &PipelineLake,
        as_of: Option<EventTime>,
    ) -> Result<Board> {
        board_among(root, lake, as_of, self.boundaries).await
    }

    fn print(&self, boards: &[Board]) -> Result<()> {
        let all = boards.iter().flat_map(rows);
        let shown = all.collect();
        self.tell(shown, told)
    }

    fn print_ranking(&self, boards: &[Board], parent: &str) -> Result<()> {
        let name = self.rate.as_deref().unwrap_or_default();
        let known = boards.iter().find_map(|board| {
            let rate = board.pipeline.rates.iter().position(|rate| rate.name == name)?;
            Some((board, rate))
        });
        let (board, rate) = known.ok_or_else(|| visit::no_rate(name))?;
        let parent = visit::area(board.pipeline.areas, parent)?;
        print(&ranked::table(board, rate, parent));
        Ok(())
    }

    fn known(&self, by: EventTime) -> Result<()> {
        let visit = self.place.visit(Raw::default())?;
        let see = async |lake: PipelineLake| {
            let published = lake.published_by(by).await?.last_board(lake.pipeline());
            Ok(match published {
                Some(published) => {
                    let now = self.board(&visit.lake, &lake, Some(published.as_of)).await?;
                    Some(Known { published, now })
                }
                None => None,
            })
        };
        let known = visit.ask_each(see).map(|told| told.map(|(_, known)| known));
        let known = known.collect::<Result<Vec<_>>>()?;
        let all = known.iter().flatten().flat_map(restated);
        self.tell(all.collect(), known::table)
    }

    /// Prints what of this was asked for, in the format that was.
    fn tell<T: Beside + Serialize>(
        &self,
        mut shown: Vec<T>,
        table: impl Fn(&[T]) -> String,
    ) -> Result<()> {
        shown.retain(|beside| self.admits(beside.row()));
        print(&match self.format {
            Format::Json => serde_json::to_string_pretty(&shown).map_err(unprintable)? + "\n",
            Format::Csv => csv::text(&shown).map_err(unprintable)?,
            Format::Table => table(&shown),
        });
        Ok(())
    }

    fn compare(&self, against: Against) -> Result<()> {
        let visit = self.place.visit(Raw::default())?;
        let see = async |lake: PipelineLake| {
            let now = self.board(&visit.lake, &lake, self.as_of).await?;
            let own = now.pipeline.rates.iter().filter_map(|rate| self.align.or(rate.season));
            // A pipeline of which nothing is known has no moment either.
            let own = own.filter(|_| !now.figures.is_empty());
            let mut then: Vec<(Alignment, Board)> = Vec::new();
            for alignment in own {
                if then.iter().all(|(known, _)| *known != alignment) {
                    let moment = counterpart(now.as_of, alignment, against).map_err(|error| {
                        Error::new(ErrorKind::Invalid, error.to_string()).because(error)
                    })?;
                    then.push((alignment, self.board(&visit.lake, &lake, Some(moment)).await?));
                }
            }
            Ok(Seen { now, then, align: self.align })
        };
        let seen = visit.ask_each(see).map(|told| told.map(|(_, seen)| seen));
        let seen = seen.collect::<Result<Vec<_>>>()?;
        let all = seen.iter().flat_map(compared);
        self.tell(all.collect(), compared::table)
    }

    fn admits(&self, row: &Row) -> bool {
        let admits =
            |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        admits(&self.rate, row.rate) && admits(&self.area, row.area)
    }
}

/// A reader that has seen enough closes the pipe; that is no failure.
fn print(text: &str) {
    _ = std::io::stdout().write_all(text.as_bytes());
}

fn unprintable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, "cannot print the rates").because(error)
}

/// For people.
fn told(rows: &[Row]) -> String {
    let mut table = table::plain(
        ["rate", "area", "", "level", "of", "ratio", "numerator", "denominator", "unit", "change"],
        &[5, 6, 7],
    );
    for row in rows {
        table.add_row([
            row.rate,
            row.area,
            row.area_name,
            row.level,
            &row.slice(),
            &row.ratio.map(|ratio| figures::ratio(ratio, row.is_share)).unwrap_or_default(),
            &row.numerator.to_string(),
            &beside::optional(row.denominator),
            &units(row),
            &changes(row),
        ]);
    }
    let as_of = rows.first().map(|row| format!("as of {}\n", row.as_of)).unwrap_or_default();
    format!("{as_of}{}\n", table.trim_fmt())
}

/// One unit, or both where they differ: such a ratio is no share. Behind them, what in the figure is not exact.
fn units(row: &Row) -> String {
    let units = match (row.unit, row.denominator_unit) {
        (Some(above), Some(below)) if above != below => format!("{above} / {below}"),
        (above, below) => above.or(below).unwrap_or_default().to_owned(),
    };
    match row.qualifiers[..] {
        [] => units,
        _ => format!("{units} ({})", row.qualifiers.join(", ")),
    }
}

/// By how much the figure has moved over each window.
fn changes(row: &Row) -> String {
    let told = |(window, change): (&String, &serde_json::Value)| {
        Some(format!("{window} {}", figures::change(change.as_f64()?, row.is_share)))
    };
    row.change.iter().filter_map(told).collect::<Vec<_>>().join("  ")
}
