//! The published figures beside the computed ones, each as of its own moment, read back from the lake.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::area::Boundaries;
use crate::board::{Board, Figure, FigureKey};
use crate::cli::table;
use crate::engine::board_as_of;
use crate::error::{Error, ErrorKind, Result};
use crate::lake::{Lake, PipelineLake};
use crate::scenario::{Computed, Published, published};
use crate::season::{Against, Alignment, counterpart};
use crate::spec::amount::digits;
use crate::spec::{Pipeline, Rate};
use crate::time::EventTime;

/// Every published figure with what was computed.
pub struct Verdict(Vec<Compared>);

/// A published figure and the computed one.
struct Compared {
    published: Published,
    /// What the rate is called.
    title: String,
    /// The computed figure as people read it: a share or a number, and what it is made of.
    shown: [String; 2],
    agrees: bool,
}

/// Computes every published figure from the lake.
pub fn reach(lake: &Lake, pipelines: &[Arc<Pipeline>]) -> Result<Verdict> {
    let mut past = Past { lake, runtime: crate::cli::runtime()?, boards: HashMap::new() };
    let mut compared = Vec::new();
    for published in published() {
        let pipeline = pipelines.iter().find(|pipeline| pipeline.name == published.pipeline);
        let rate = pipeline.and_then(|p| p.rates.iter().find(|rate| rate.name == published.rate));
        let Some(rate) = rate else {
            let message = format!("{} has no rate {}", published.pipeline, published.rate);
            return Err(Error::new(ErrorKind::Internal, message));
        };
        let as_of = EventTime::from_seconds(published.as_of_seconds);
        let now = past.counts(published, as_of)?;
        compared.push(match published.compares() {
            true => {
                let then = counterpart(as_of, Alignment::SpringFestival, Against::Last);
                let then = then.map_err(|e| Error::new(ErrorKind::Internal, e.to_string()))?;
                beside(published, rate, now, (past.counts(published, then)?, then))
            }
            false => compare(published, rate, now),
        });
    }
    Ok(Verdict(compared))
}

/// Boards of moments, each made once.
struct Past<'l> {
    lake: &'l Lake,
    runtime: Runtime,
    boards: HashMap<(&'static str, EventTime), Board>,
}

impl Past<'_> {
    /// Numerator and denominator of a published figure at a moment.
    fn counts(&mut self, published: &Published, as_of: EventTime) -> Result<(i64, i64)> {
        let board = match self.boards.entry((published.pipeline, as_of)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(self.runtime.block_on(async {
                let lake = PipelineLake::open_existing(self.lake, published.pipeline).await?;
                board_as_of(&lake, Some(as_of), Boundaries::Now).await
            })?),
        };
        let figure = figure(board, published);
        Ok(figure.map_or((0, 0), |figure| (figure.numerator, figure.denominator)))
    }
}

/// The figure of a board that was published, if anybody is counted there.
pub fn figure<'b>(board: &'b Board, published: &Published) -> Option<&'b Figure> {
    let rate = board.pipeline.rates.iter().position(|rate| rate.name == published.rate)?;
    let slice = match published.slice {
        Some(slice) => Some(board.pipeline.slice(slice.dimension, slice.value)?),
        None => None,
    };
    board.figure(FigureKey {
        rate: rate as u16,
        area: board.pipeline.areas.resolve(published.area)?,
        slice,
    })
}

fn compare(published: &Published, rate: &Rate, (numerator, denominator): (i64, i64)) -> Compared {
    let unsigned = |level: i64| u128::from(level.unsigned_abs());
    let computed = Computed {
        numerator: unsigned(numerator),
        numerator_scale: rate.numerator_scale,
        denominator: rate.formula.has_ratio().then_some(unsigned(denominator)),
        denominator_scale: rate.denominator_scale,
    };
    let above = digits(numerator, rate.numerator_scale);
    let shown = match rate.formula.has_ratio() {
        true => {
            let ratio = rate.ratio(numerator, denominator).unwrap_or_default();
            let is_share = published.text.ends_with('%');
            let ratio = if is_share { format!("{:.2}%", 100.0 * ratio) } else { ratio.to_string() };
            [ratio, format!("{above} / {}", digits(denominator, rate.denominator_scale))]
        }
        false => [above, String::new()],
    };
    Compared {
        published: *published,
        title: format!("{} {}", rate.title.zh, rate.title.en),
        shown,
        agrees: published.agrees(computed),
    }
}

/// A number beside that of the same day of last spring.
fn beside(
    published: &Published,
    rate: &Rate,
    (now, _): (i64, i64),
    ((then, _), moment): ((i64, i64), EventTime),
) -> Compared {
    let computed = Computed {
        numerator: now.unsigned_abs().into(),
        numerator_scale: rate.numerator_scale,
        denominator: Some(then.unsigned_abs().into()),
        denominator_scale: rate.numerator_scale,
    };
    let shown = |level| digits(level, rate.numerator_scale);
    let day = moment.plus(8 * 3_600).to_string();
    let day = day.split('T').next().unwrap_or_default();
    Compared {
        published: *published,
        title: format!("{} {}", rate.title.zh, rate.title.en),
        shown: [shown(now), format!("{day}: {}", shown(then))],
        agrees: published.agrees(computed),
    }
}

impl Verdict {
    /// Prints the figures side by side.
    pub fn print(&self) {
        let mut table = table::plain(
            ["", "", "截至 as of", "发布 published", "计算 computed", "", "", ""],
            &[3, 4],
        );
        for Compared { published, title, shown: [figure, counts], agrees } in &self.0 {
            let slice =
                published.slice.map(|slice| format!(" · {}", slice.value)).unwrap_or_default();
            let as_of = EventTime::from_seconds(published.as_of_seconds).plus(8 * 3_600);
            let as_of = as_of.to_string().replace('T', " ");
            let out_of = published.denominator.map(|below| format!(" / {below}"));
            let remark = published.remark.map(|remark| format!("{} {}", remark.zh, remark.en));
            table.add_row([
                format!("{} {}", published.place_zh, published.place_en),
                format!("{title}{slice}"),
                as_of.trim_end_matches('Z').to_owned(),
                format!("{}{}", published.text, out_of.unwrap_or_default()),
                figure.clone(),
                counts.clone(),
                if *agrees { "✓" } else { "✗" }.to_owned(),
                remark.unwrap_or_default(),
            ]);
        }
        println!("{}", table.trim_fmt());
    }

    /// An error unless every figure agrees at its published precision.
    pub fn judge(&self) -> Result<()> {
        let differ = self.0.iter().filter(|compared| !compared.agrees).count();
        match differ {
            0 => Ok(()),
            _ => Err(Error::new(
                ErrorKind::Disagreement,
                format!("{differ} of the published figures do not agree"),
            )),
        }
    }
}
