//! The published figures beside the computed ones, each as of its own moment, read back from the lake.

use std::sync::Arc;

use comfy_table::{Table, presets};

use crate::area::AreaTree;
use crate::board::{Board, Figure, FigureKey};
use crate::engine::board_as_of;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, PipelineLake};
use crate::scenario::{Published, published};
use crate::spec::Pipeline;
use crate::time::EventTime;

/// Every published figure with what was computed.
pub struct Verdict(Vec<(Published, i64, i64)>);

/// Computes every published figure from the lake.
pub fn reach(
    lake: &Lake,
    pipelines: &[Arc<Pipeline>],
    areas: &'static AreaTree,
) -> Result<Verdict> {
    let runtime = crate::cli::runtime()?;
    let mut figures = Vec::new();
    for published in published() {
        let pipeline = pipelines.iter().find(|pipeline| pipeline.name == published.pipeline);
        let pipeline = pipeline
            .ok_or_else(|| Error::new(ErrorKind::Internal, "a figure without a pipeline"))?;
        let board = runtime.block_on(async {
            let lake = PipelineLake::open_existing(lake, &pipeline.name).await?;
            board_as_of(&lake, areas, Some(EventTime::from_seconds(published.as_of_seconds))).await
        })?;
        let counts = |figure: &Figure| (figure.numerator, figure.denominator);
        let (numerator, denominator) = figure(&board, areas, &published).map_or((0, 0), counts);
        figures.push((published, numerator, denominator));
    }
    Ok(Verdict(figures))
}

/// The figure of a board that was published, if anybody is counted there.
pub fn figure<'b>(board: &'b Board, areas: &AreaTree, published: &Published) -> Option<&'b Figure> {
    let rate = board.pipeline.rates.iter().position(|rate| rate.name == published.rate)?;
    let slice = match published.slice {
        Some(slice) => Some(board.pipeline.slice(slice.dimension, slice.value)?),
        None => None,
    };
    board.figure(FigureKey { rate: rate as u16, area: areas.resolve(published.area)?, slice })
}

impl Verdict {
    /// Prints the figures side by side.
    pub fn print(&self) {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING);
        table.set_header(["", "截至 as of", "发布 published", "计算 computed", "", ""]);
        for (published, numerator, denominator) in &self.0 {
            let slice =
                published.slice.map(|slice| format!(" · {}", slice.value)).unwrap_or_default();
            let as_of =
                EventTime::from_seconds(published.as_of_seconds).plus(8 * 3_600).to_string();
            let percent = 100.0 * *numerator as f64 / (*denominator).max(1) as f64;
            table.add_row([
                format!("{} {}{slice}", published.place_zh, published.place_en),
                as_of.replace('T', " ").trim_end_matches('Z').to_owned(),
                format!("{} / {}", published.text, published.denominator),
                format!("{percent:.2}%"),
                format!("{numerator} / {denominator}"),
                if agrees(published, *numerator, *denominator) { "✓" } else { "✗" }.to_owned(),
            ]);
        }
        println!("{}", table.trim_fmt());
    }

    /// An error unless every figure agrees at its published precision.
    pub fn judge(&self) -> Result<()> {
        let differ = self.0.iter().filter(|(published, n, d)| !agrees(published, *n, *d)).count();
        match differ {
            0 => Ok(()),
            _ => Err(Error::new(
                ErrorKind::Disagreement,
                format!("{differ} of the published figures do not agree"),
            )),
        }
    }
}

fn agrees(published: &Published, numerator: i64, denominator: i64) -> bool {
    published.denominator == denominator.unsigned_abs()
        && published.agrees(numerator.unsigned_abs(), denominator.unsigned_abs())
}
