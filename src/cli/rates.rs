//! `chunfeng rates`: the rates that a lake holds, as of any moment.

use std::io::Write;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, Table, presets};

use super::visit::VisitFlags;
use crate::area::{AreaId, AreaTree};
use crate::board::{Board, Row, ranking, rows};
use crate::engine::board_as_of;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::PipelineLake;
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

fn moment(text: &str) -> std::result::Result<EventTime, String> {
    EventTime::parse(text)
        .ok_or_else(|| "write RFC 3339, such as 2022-02-21T08:00:00+08:00".to_owned())
}

impl Rates {
    pub fn run(&self) -> Result<()> {
        let areas = AreaTree::gbt2260();
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
            Format::Csv => csv_text(&shown).map_err(unprintable)?,
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

    fn admits(&self, row: &Row) -> bool {
        let admits =
            |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        admits(&self.rate, row.rate) && admits(&self.area, row.area)
    }
}

fn unprintable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Internal, "cannot print the rates").because(error)
}

fn csv_text(rows: &[Row]) -> std::result::Result<String, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
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
    ])?;
    for row in rows {
        let ratio = row.ratio.map(|ratio| ratio.to_string()).unwrap_or_default();
        let change = serde_json::Value::Object(row.change.clone()).to_string();
        writer.write_record([
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
        ])?;
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
            &row.ratio.map(|ratio| format!("{:.2}%", ratio * 100.0)).unwrap_or_default(),
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
        let ratio = board.ratio(figure).map(|ratio| format!("{:.2}%", ratio * 100.0));
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

/// Changes of a ratio are told in percentage points, those of a count as they are.
fn changes(row: &Row) -> String {
    let points = |(window, change): (&String, &serde_json::Value)| match row.denominator {
        Some(_) => Some(format!("{window} {:+.2}pp", change.as_f64()? * 100.0)),
        None => Some(format!("{window} {:+}", change.as_f64()?)),
    };
    row.change.iter().filter_map(points).collect::<Vec<_>>().join("  ")
}
