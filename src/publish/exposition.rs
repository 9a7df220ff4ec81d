//! Boards as Prometheus metrics: a collector that reads the hung boards at every scrape.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Gauge, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Registry, TextEncoder};

use crate::area::{AreaId, AreaTree};
use crate::board::{Board, Boards, Figure};
use crate::error::{Error, ErrorKind, Result};
use crate::panes::same_midnights;
use crate::season::SeasonDay;
use crate::spec::amount::decimal;
use crate::spec::{Bilingual, Dimension, Lookbacks, Pipeline, Rate};

/// The most series the boards may export, over all pipelines; `check` refuses what could exceed it. The bound is that of a
/// country in which every county has everything, of which a city exports a hundredth.
pub const SERIES_MOST: usize = 3_000_000;

/// The families that boards export, each with its help.
pub const FAMILIES: [(&str, &str); 20] = [
    ("chunfeng_rate_numerator", "How many count, by rate and area."),
    ("chunfeng_rate_denominator", "Out of how many, by rate and area."),
    ("chunfeng_rate_ratio", "The rate as a share of one; absent where the denominator is zero."),
    ("chunfeng_rate_change_ratio", "The rate now less the rate a window ago, as a share of one."),
    (
        "chunfeng_rate_change_numerator",
        "How many count now less how many did a window ago, of rates without a denominator.",
    ),
    (
        "chunfeng_rate_last_spring_numerator",
        "How many counted on the same day of the season a year ago, at its midnight.",
    ),
    ("chunfeng_rate_last_spring_denominator", "Out of how many on the same day a year ago."),
    ("chunfeng_rate_last_spring_ratio", "The rate on the same day a year ago, as a share of one."),
    (
        "chunfeng_rate_above_last_spring_ratio",
        "The rate at the last midnight less the rate on the same day a year ago, as a share of one.",
    ),
    (
        "chunfeng_rate_above_last_spring_numerator",
        "How many counted at the last midnight less how many did on the same day a year ago, of rates without a denominator.",
    ),
    ("chunfeng_rate_by_dimension_numerator", "How many count, by dimension value."),
    ("chunfeng_rate_by_dimension_denominator", "Out of how many, by dimension value."),
    ("chunfeng_rate_by_dimension_ratio", "The rate as a share of one, by dimension value."),
    ("chunfeng_area_info", "Names and parent of every area on a board; always 1."),
    ("chunfeng_pipeline_info", "Titles of every pipeline with a board; always 1."),
    ("chunfeng_rate_info", "Titles of every rate on a board, and whether it is a share; always 1."),
    (
        "chunfeng_board_as_of_timestamp_seconds",
        "The moment the board shows; nothing later is counted.",
    ),
    (
        "chunfeng_board_last_spring_timestamp_seconds",
        "The midnight a year ago that the last midnight before the board is compared with, by alignment.",
    ),
    (
        "chunfeng_board_season_day",
        "Which day of the season the board shows; 1 is the first of the lunar year.",
    ),
    ("chunfeng_board_ledger_version", "The ledger version whose facts the board counts."),
];

/// What a figure is exported as: numerator, denominator, ratio.
const TOTALS: [&str; 3] =
    ["chunfeng_rate_numerator", "chunfeng_rate_denominator", "chunfeng_rate_ratio"];
/// The same of the spring before.
const LAST_SPRING: [&str; 3] = [
    "chunfeng_rate_last_spring_numerator",
    "chunfeng_rate_last_spring_denominator",
    "chunfeng_rate_last_spring_ratio",
];
/// The same for one value of a dimension.
const BY_DIMENSION: [&str; 3] = [
    "chunfeng_rate_by_dimension_numerator",
    "chunfeng_rate_by_dimension_denominator",
    "chunfeng_rate_by_dimension_ratio",
];

/// Exports the hung boards.
pub struct BoardCollector {
    boards: Arc<Boards>,
}

impl BoardCollector {
    /// Exports these boards.
    pub fn new(boards: Arc<Boards>) -> Self {
        Self { boards }
    }
}

impl Collector for BoardCollector {
    /// None: which families there are depends on the boards, and names are checked by a test instead.
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let mut families = Families::default();
        let mut areas = BTreeMap::new();
        for board in self.boards.all() {
            families.add_board(&board, &mut areas);
        }
        families.add_areas(&areas);
        families.finish()
    }
}

/// The areas of all boards by their codes, which mean the same in all pipelines.
type Seen = BTreeMap<&'static str, (&'static AreaTree, AreaId)>;

#[derive(Default)]
struct Families(HashMap<&'static str, Vec<Metric>>);

impl Families {
    fn add(&mut self, family: &'static str, labels: Vec<LabelPair>, value: f64) {
        let mut gauge = Gauge::default();
        gauge.set_value(value);
        let mut metric = Metric::from_label(labels);
        metric.set_gauge(gauge);
        self.0.entry(family).or_default().push(metric);
    }

    fn add_board(&mut self, board: &Board, seen: &mut Seen) {
        let pipeline = &*board.pipeline;
        let areas = pipeline.areas;
        let slices: Vec<[(&str, &str); 2]> = pipeline
            .slices()
            .map(|(_, d, v)| [("dimension", d.name.as_str()), ("value", v.name.as_str())])
            .collect();
        for figure in &board.figures {
            let line = areas.ancestors(figure.key.area);
            seen.extend(line.map(|area| (areas.code(area), (areas, area))));
            let rate = board.rate(figure);
            let area = figure.key.area;
            let common = [
                ("pipeline", pipeline.name.as_str()),
                ("rate", rate.name.as_str()),
                ("area", areas.code(area)),
                ("level", areas.level(area).as_str()),
            ];
            match figure.key.slice.and_then(|slice| slices.get(usize::from(slice.0))) {
                None => {
                    let counts = (figure.numerator, figure.denominator);
                    self.add_counts(TOTALS, &common, rate, counts);
                    self.add_last_spring(&common, rate, figure);
                    let family = match rate.formula.has_ratio() {
                        true => "chunfeng_rate_change_ratio",
                        false => "chunfeng_rate_change_numerator",
                    };
                    let changes = rate.change.iter().zip(&figure.change);
                    for (window, change) in
                        changes.filter_map(|(window, change)| Some((window, (*change)?)))
                    {
                        let labels =
                            pairs(common.iter().chain(&[("window", window.label.as_str())]));
                        self.add(family, labels, change);
                    }
                }
                Some(slice) => {
                    let labels: Vec<(&str, &str)> = common.iter().chain(slice).copied().collect();
                    let counts = (figure.numerator, figure.denominator);
                    self.add_counts(BY_DIMENSION, &labels, rate, counts);
                }
            }
        }
        self.add_titles(pipeline);
        self.add_moment(board);
    }

    fn add_counts(
        &mut self,
        [above, below, ratio]: [&'static str; 3],
        labels: &[(&str, &str)],
        rate: &Rate,
        (numerator, denominator): (i64, i64),
    ) {
        self.add(above, pairs(labels), decimal(numerator, rate.numerator_scale));
        if rate.formula.has_ratio() {
            let value = decimal(denominator, rate.denominator_scale);
            self.add(below, pairs(labels), value);
        }
        if let Some(value) = rate.ratio(numerator, denominator) {
            self.add(ratio, pairs(labels), value);
        }
    }

    fn add_last_spring(&mut self, labels: &[(&str, &str)], rate: &Rate, figure: &Figure) {
        let Some(last_spring) = figure.last_spring else { return };
        self.add_counts(LAST_SPRING, labels, rate, last_spring);
        let family = match rate.formula.has_ratio() {
            true => "chunfeng_rate_above_last_spring_ratio",
            false => "chunfeng_rate_above_last_spring_numerator",
        };
        if let Some(above) = rate.change(figure.at_midnight, last_spring) {
            self.add(family, pairs(labels), above);
        }
    }

    fn add_titles(&mut self, pipeline: &Pipeline) {
        let name = ("pipeline", pipeline.name.as_str());
        let labels = |further: &[(&str, &str)], title: &Bilingual| {
            let titles = [("title_en", title.en.as_str()), ("title_zh", title.zh.as_str())];
            pairs([name].iter().chain(further).chain(&titles))
        };
        self.add("chunfeng_pipeline_info", labels(&[], &pipeline.title), 1.0);
        for rate in &pipeline.rates {
            let kind = match rate.formula.has_ratio() {
                true if pipeline.is_share(rate) => "share",
                true => "quotient",
                false => "count",
            };
            let further = [("rate", rate.name.as_str()), ("kind", kind)];
            self.add("chunfeng_rate_info", labels(&further, &rate.title), 1.0);
        }
    }

    fn add_moment(&mut self, board: &Board) {
        let labels = pairs(&[("pipeline", board.pipeline.name.as_str())]);
        self.add(
            "chunfeng_board_as_of_timestamp_seconds",
            labels.clone(),
            board.as_of.seconds() as f64,
        );
        if let Some(day) = SeasonDay::of(board.as_of) {
            self.add("chunfeng_board_season_day", labels.clone(), day.number as f64);
        }
        for alignment in Lookbacks::of(&board.pipeline).springs {
            let Some([_, then]) = same_midnights(board.as_of, alignment) else { continue };
            let name = board.pipeline.name.as_str();
            let labels = pairs(&[("pipeline", name), ("aligned_by", alignment.as_str())]);
            self.add("chunfeng_board_last_spring_timestamp_seconds", labels, then.seconds() as f64);
        }
        if let Some(version) = board.ledger_version {
            self.add("chunfeng_board_ledger_version", labels, version as f64);
        }
    }

    fn add_areas(&mut self, seen: &Seen) {
        for (areas, area) in seen.values().copied() {
            let parent = areas.parent(area).map_or("", |parent| areas.code(parent));
            let labels = pairs(&[
                ("area", areas.code(area)),
                ("level", areas.level(area).as_str()),
                ("name_en", areas.name_en(area)),
                ("name_zh", areas.name_zh(area)),
                ("parent", parent),
            ]);
            self.add("chunfeng_area_info", labels, 1.0);
        }
    }

    fn finish(mut self) -> Vec<MetricFamily> {
        let family = |(name, help): (&'static str, &'static str)| {
            let metrics = self.0.remove(name)?;
            let mut family = MetricFamily::default();
            family.set_name(name.to_owned());
            family.set_help(help.to_owned());
            family.set_field_type(MetricType::GAUGE);
            family.set_metric(metrics);
            Some(family)
        };
        FAMILIES.into_iter().filter_map(family).collect()
    }
}

fn pairs<'l>(labels: impl IntoIterator<Item = &'l (&'l str, &'l str)>) -> Vec<LabelPair> {
    let pair = |(name, value): &(&str, &str)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    };
    let mut pairs: Vec<LabelPair> = labels.into_iter().map(pair).collect();
    pairs.sort_by(|a, b| a.name().cmp(b.name()));
    pairs
}

/// Everything of a registry in Prometheus's text format.
pub fn exposition(registry: &Registry) -> prometheus::Result<String> {
    TextEncoder::new().encode_to_string(&registry.gather())
}

/// Refuses pipelines that could export more series than are allowed (SERIES).
pub fn refuse_too_many_series(pipelines: &[Arc<Pipeline>]) -> Result<()> {
    let series: usize = pipelines.iter().map(|pipeline| series_most(pipeline)).sum();
    if series <= SERIES_MOST {
        return Ok(());
    }
    let message = format!("the pipelines could export {series} series; {SERIES_MOST} are allowed");
    Err(Error::new(ErrorKind::Invalid, message)
        .advise("publish fewer dimension values, rates or windows"))
}

/// The most series a pipeline can export if every area has somebody (SERIES).
pub fn series_most(pipeline: &Pipeline) -> usize {
    let areas = pipeline.areas;
    let families = |rate: &Rate| if rate.formula.has_ratio() { TOTALS.len() } else { 1 };
    // Of the spring before as many, and how far it is away.
    let springs = |rate: &Rate| rate.season.map_or(0, |_| families(rate) + 1);
    let of_total = |rate: &Rate| families(rate) + rate.change.len() + springs(rate);
    let totals: usize = pipeline.rates.iter().map(of_total).sum();
    let places = |dimension: &Dimension| {
        let shown = areas.ids().filter(|area| dimension.shows(areas.level(*area)));
        dimension.values.len() * shown.count()
    };
    let broken_out = |rate: &Rate| pipeline.dimensions_of(rate).map(places).sum::<usize>();
    let by_dimension = pipeline.rates.iter().map(|rate| broken_out(rate) * families(rate));
    areas.len() * totals + by_dimension.sum::<usize>()
}
