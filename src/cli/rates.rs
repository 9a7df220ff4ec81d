//! `chunfeng rates`: the rates that a lake holds, as of any moment.

use std::io::Write;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, Table, presets};

use super::compared::{self, Compared, Seen, compared};
use super::figures;
use super::visit::VisitFlags;
use crate::area::{AreaId, AreaTree};
use crate::board::{Board, Row, ranking, rows};
use crate::engine::board_as_of;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::PipelineLake;
use crate::season::{Against, Alignment, counterpart};
use crate::settings::Raw;
use crate::spec::amount::digits;
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
    /// Beside each rate that has a season, the same day of an earlier spring: `last`, or of a year.
    #[arg(long, value_name = "last|YEAR", value_parser = against, conflicts_with = "ranking")]
    against: Option<Against>,
    /// What the springs are laid side by side by; each rate's own `season` unless said.
    #[arg(long, value_name = "BY", value_parser = alignment, requires = "against")]
    align: Option<Alignment>,
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

fn alignment(text: &str) -> std::result::Result<Alignment, String> {
    Alignment::of(text).ok_or_else(|| "write spring-festival, calendar or workday".to_owned())
}

impl Rates {
    pub fn run(&self) -> Result<()> {
        let areas = AreaTree::gbt2260();
        if let Some(against) = self.against {
            return self.compare(areas, against);
        }
        let board = async |lake: PipelineLake| board_as_of(&lake, areas, self.as_of).await;
        let visit = self.place.visit(Raw::default())?;
        let boards = visit.ask_each(board).map(|told| told.map(|(_, board)| board));
        let boards = boards.collect::<Result<Vec<_>>>()?;
        match &self.ranking {
            Some(parent) => self.print_ranking(&boards, areas, parent),
            None => self.print(&boards, areas),
        }
    }

    fn print(&self, boards: &[Board], areas: &AreaTree) -> Result<()> {
        let all = boards.iter().flat_map(|board| rows(board, areas));
        let shown: Vec<Row> = all.filter(|row| self.admits(row)).collect();
        let text = match self.format {
            Format::Json => serde_json::to_string_pretty(&shown).map_err(unprintable)? + "\n",
            Format::Csv => {
                csv_text(shown.iter().map(|row| (row, Vec::new())), &[]).map_err(unprintable)?
            }
            Format::Table => table(&shown),
        };
        // A reader that has seen enough closes the pipe; that is no failure.
        _ = std::io::stdout().write_all(text.as_bytes());
        Ok(())
    }

    fn print_ranking(&self, boards: &[Board], areas: &AreaTree, parent: &str) -> Result<()> {
        let parent = areas.resolve(parent).ok_or_else(|| {
            Error::new(ErrorKind::Invalid, format!("`{parent}` is no area"))
                .advise("write a code of GB/T 2260, such as 422800")
        })?;
        let name = self.rate.as_deref().unwrap_or_default();
        let known = boards.iter().find_map(|board| {
            let rate = board.pipeline.rates.iter().position(|rate| rate.name == name)?;
            Some((board, rate))
        });
        let (board, rate) = known.ok_or_else(|| {
            Error::new(ErrorKind::Invalid, format!("no pipeline of the lake has a rate `{name}`"))
        })?;
        let text = ranking_table(board, areas, rate, parent);
        _ = std::io::stdout().write_all(text.as_bytes());
        Ok(())
    }

    fn compare(&self, areas: &'static AreaTree, against: Against) -> Result<()> {
        let see = async |lake: PipelineLake| {
            let now = board_as_of(&lake, areas, self.as_of).await?;
            let own = now.pipeline.rates.iter().filter_map(|rate| self.align.or(rate.season));
            // A pipeline of which nothing is known has no moment either.
            let own = own.filter(|_| !now.figures.is_empty());
            let mut then: Vec<(Alignment, Board)> = Vec::new();
            for alignment in own {
                if then.iter().all(|(known, _)| *known != alignment) {
                    let moment = counterpart(now.as_of, alignment, against).map_err(|error| {
                        Error::new(ErrorKind::Invalid, error.to_string()).because(error)
                    })?;
                    then.push((alignment, board_as_of(&lake, areas, Some(moment)).await?));
                }
            }
            Ok(Seen { now, then, align: self.align })
        };
        let visit = self.place.visit(Raw::default())?;
        let seen = visit.ask_each(see).map(|told| told.map(|(_, seen)| seen));
        let seen = seen.collect::<Result<Vec<_>>>()?;
        let all = seen.iter().flat_map(|seen| compared(seen, areas));
        let shown: Vec<Compared> = all.filter(|compared| self.admits(compared.row())).collect();
        let text = match self.format {
            Format::Json => serde_json::to_string_pretty(&shown).map_err(unprintable)? + "\n",
            Format::Csv => {
                let rows =
                    shown.iter().map(|compared| (compared.row(), compared.columns().to_vec()));
                csv_text(rows, &Compared::COLUMNS).map_err(unprintable)?
            }
            Format::Table => compared::table(&shown),
        };
        _ = std::io::stdout().write_all(text.as_bytes());
        Ok(())
    }

    fn admits(&self, row: &Row) -> bool {
        let admits =
            |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        admits(&self.rate, row.rate) && admits(&self.area, row.area)
    }
}

fn unprintable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, "cannot print the rates").because(error)
}

/// Rows, each with what stands in `more` columns behind it.
fn csv_text<'r>(
    rows: impl Iterator<Item = (&'r Row<'r>, Vec<String>)>,
    more: &[&str],
) -> std::result::Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = [
        "pipeline",
        "rate",
        "area",
        "area_name",
        "level",
        "dimension",
        "value",
        "as_of",
        "numerator",
        "denominator",
        "ratio",
        "change",
        "unit",
        "denominator_unit",
    ];
    writer.write_record(columns.iter().chain(more))?;
    for (row, more) in rows {
        let ratio = row.ratio.map(|ratio| ratio.to_string()).unwrap_or_default();
        let change = serde_json::Value::Object(row.change.clone()).to_string();
        let fields = [
            row.pipeline,
            row.rate,
            row.area,
            row.area_name,
            row.level,
            row.dimension.unwrap_or_default(),
            row.value.unwrap_or_default(),
            &row.as_of,
            &row.numerator.to_string(),
            &row.denominator.map(|level| level.to_string()).unwrap_or_default(),
            &ratio,
            &change,
            row.unit.unwrap_or_default(),
            row.denominator_unit.unwrap_or_default(),
        ];
        writer.write_record(fields.into_iter().chain(more.iter().map(String::as_str)))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn table(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header([
        "rate",
        "area",
        "",
        "level",
        "of",
        "ratio",
        "numerator",
        "denominator",
        "unit",
        "change",
    ]);
    for row in rows {
        let slice =
            row.dimension.zip(row.value).map(|(dimension, value)| format!("{dimension}={value}"));
        table.add_row([
            row.rate,
            row.area,
            row.area_name,
            row.level,
            &slice.unwrap_or_default(),
            &row.ratio.map(|ratio| figures::ratio(ratio, row.is_share)).unwrap_or_default(),
            &row.numerator.to_string(),
            &row.denominator.map(|level| level.to_string()).unwrap_or_default(),
            &units(row),
            &changes(row),
        ]);
    }
    align_right(&mut table, [5, 6, 7]);
    let as_of = rows.first().map(|row| format!("as of {}\n", row.as_of)).unwrap_or_default();
    format!("{as_of}{}\n", table.trim_fmt())
}

/// The areas in their places; equals share one, which `=` marks.
fn ranking_table(board: &Board, areas: &AreaTree, rate: usize, parent: AreaId) -> String {
    let ruled = &board.pipeline.rates[rate];
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(["", "area", "", "", "ratio", "numerator", "denominator"]);
    for ranked in ranking(board, areas, rate, parent) {
        let place = match (ranked.place, ranked.is_shared) {
            (Some(place), true) => format!("{place}="),
            (Some(place), false) => place.to_string(),
            (None, _) => "–".to_owned(),
        };
        let figure = &ranked.figure;
        let is_share = board.pipeline.is_share(ruled);
        let ratio = board.ratio(figure).map(|ratio| figures::ratio(ratio, is_share));
        let has_ratio = ruled.formula.has_ratio();
        let below = has_ratio.then(|| digits(figure.denominator, ruled.denominator_scale));
        table.add_row([
            &place,
            areas.code(ranked.area),
            areas.name_zh(ranked.area),
            areas.name_en(ranked.area),
            &ratio.unwrap_or_default(),
            &digits(figure.numerator, ruled.numerator_scale),
            &below.unwrap_or_default(),
        ]);
    }
    align_right(&mut table, [4, 5, 6]);
    let few = match ruled.formula.has_ratio() && ruled.minimum_sample > 1 {
        true => format!("– fewer than {}\n", ruled.minimum_sample),
        false => String::new(),
    };
    let (title, as_of) = (&ruled.title, board.as_of);
    format!("{} {} as of {as_of}\n{}\n{few}", title.zh, title.en, table.trim_fmt())
}

fn align_right(table: &mut Table, columns: [usize; 3]) {
    for column in columns {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// One unit, or both where they differ: such a ratio is no share.
fn units(row: &Row) -> String {
    match (row.unit, row.denominator_unit) {
        (Some(above), Some(below)) if above != below => format!("{above} / {below}"),
        (above, below) => above.or(below).unwrap_or_default().to_owned(),
    }
}

/// By how much the figure has moved over each window.
fn changes(row: &Row) -> String {
    let told = |(window, change): (&String, &serde_json::Value)| {
        Some(format!("{window} {}", figures::change(change.as_f64()?, row.is_share)))
    };
    row.change.iter().filter_map(told).collect::<Vec<_>>().join("  ")
}
