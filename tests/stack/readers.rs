//! What chunfeng wrote and published, found again by DuckDB, Polars, PyArrow and deltalake, and counted again in SQL.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::OnceLock;

use chunfeng::season::Season;
use chunfeng::spec::column::ColumnType;
use chunfeng::spec::formula::{
    Combination, Elsewhere, Formula, Quotient, Reported, Sign, Weighted,
};
use chunfeng::spec::{self, Pipeline, Seasons};
use chunfeng::time::EventTime;
use serde_json::{Value, json};

use crate::load::{MOMENTS, workload, write_all_but_workers, write_file};
use crate::program::{Home, Lake};
use crate::{python, services};

const SEED: u64 = 20_220_221;
/// Events of workers; with all others some fifty thousand more.
const EVENTS: usize = 60_000;
/// Enough for two checkpoints, and a commit or more behind the last one.
const REPLAYS: usize = 14;
const COMMITS_A_CHECKPOINT: usize = 6;
const EVENTS_A_REPLAY: usize = 400;

/// The same pipelines in the spring of Jinhua that others are compared with, and in Zhanjiang's of 2020.
const EARLIER_SPRINGS: [&str; 2] = ["2021-03-03T18:00:00+08:00", "2020-03-06T12:00:00+08:00"];

/// A figure: rate, area, dimension, value, numerator, denominator.
type Figures = BTreeSet<String>;

#[test]
fn all_readers_find_the_same_rows_and_sums() {
    assert_readers_agree(&shared(), false, pipelines().len());
}

#[test]
fn all_readers_find_the_same_behind_a_checkpoint() {
    let home = Home::new();
    let lake = home.lake("lake");
    let workload = workload(SEED + 1, REPLAYS * EVENTS_A_REPLAY);
    let events: Vec<_> = workload.events().collect();
    let portions = events.chunks(events.len().div_ceil(REPLAYS));
    for (index, portion) in portions.enumerate() {
        let file = home.path("portion.ndjson");
        write_file(&file, &workload, portion.iter().copied());
        lake.replay(&[&file]);
        if index == 0 {
            let question = json!({ "lake": lake.path, "every": COMMITS_A_CHECKPOINT });
            python::ask("checkpoint_often.py", &question);
        }
    }
    assert_readers_agree(&lake, true, 2);
    assert_well_laid(&lake);
    let whole = home.lake("whole");
    let file = home.path("whole.ndjson");
    write_file(&file, &workload, workload.events());
    whole.replay(&[&file]);
    assert!(
        lake.rates(None) == whole.rates(None),
        "many replays of the parts give other rates than one of the whole"
    );
}

#[test]
fn files_are_compressed_sorted_and_as_their_statistics_say() {
    assert_well_laid(&shared());
}

/// Without the measures that the clock moves: since when they have held, the roster's columns do not say.
#[test]
fn every_rate_is_what_sql_counts_over_the_roster() {
    let (lake, mut all) = (shared(), BTreeMap::new());
    for pipeline in pipelines() {
        let at_once = |rate: &&spec::Rate| {
            let measures = pipeline.measures_of(rate).into_iter();
            measures
                .map(|measure| &pipeline.measures[usize::from(measure.0)])
                .all(|measure| measure.held_for_seconds == 0 && measure.within_seconds.is_none())
        };
        let rates: Vec<_> = pipeline.rates.iter().filter(at_once).collect();
        let names: Vec<&str> = rates.iter().map(|rate| rate.name.as_str()).collect();
        let shown = shown(&lake, &pipeline, None, &names);
        assert!(shown.len() > 5, "{} shows only {} rates", pipeline.name, shown.len());
        let counted = counted(&lake, &pipeline, "roster", None, &rates);
        all.insert(pipeline.name.clone(), (pipeline, shown, counted));
    }
    assert_all_same("the roster", &all);
}

#[test]
fn every_rate_as_of_any_moment_is_what_sql_counts_over_the_ledger() {
    let lake = shared();
    let mut most: BTreeMap<String, usize> = BTreeMap::new();
    for moment in MOMENTS.into_iter().chain(EARLIER_SPRINGS) {
        let mut all = BTreeMap::new();
        for pipeline in pipelines() {
            let rates: Vec<_> = pipeline.rates.iter().collect();
            let names: Vec<&str> = rates.iter().map(|rate| rate.name.as_str()).collect();
            let shown = shown(&lake, &pipeline, Some(moment), &names);
            let known = most.entry(pipeline.name.clone()).or_default();
            *known = shown.len().max(*known);
            let counted = counted(&lake, &pipeline, "ledger", Some(moment), &rates);
            all.insert(pipeline.name.clone(), (pipeline, shown, counted));
        }
        assert_all_same(&format!("the ledger as of {moment}"), &all);
    }
    assert!(most.values().all(|most| *most > 5), "rates shown at any moment: {most:?}");
}

#[test]
fn the_rates_table_ends_with_what_the_lake_shows() {
    let lake = shared();
    for pipeline in pipelines() {
        let rates: Vec<_> = pipeline.rates.iter().collect();
        let names: Vec<&str> = rates.iter().map(|rate| rate.name.as_str()).collect();
        let published = counted(&lake, &pipeline, "rates", None, &rates);
        let shown = shown(&lake, &pipeline, None, &names);
        assert!(shown.len() > 5, "{} shows only {} rates", pipeline.name, shown.len());
        assert_same(&pipeline.name, "the rates table", &shown, &published);
    }
}

/// All pipelines' lake, made once: a workload in any order with repetitions, and everything else of the springs.
fn shared() -> Lake<'static> {
    static HOME: OnceLock<Home> = OnceLock::new();
    let home = HOME.get_or_init(|| {
        let home = Home::shared("readers").with_all_pipelines();
        let (workers, others) = (home.path("workers.ndjson"), home.path("others.ndjson"));
        let workload = workload(SEED, EVENTS);
        write_file(&workers, &workload, workload.events());
        write_all_but_workers(&others);
        home.lake("lake").replay(&[&workers, &others]);
        home
    });
    home.lake("lake")
}

fn pipelines() -> Vec<Pipeline> {
    spec::load_folder(&services::project().join("pipelines")).expect("the pipelines that ship")
}

fn assert_readers_agree(lake: &Lake, checkpointed: bool, pipelines: usize) {
    let found = python::ask("readers.py", &json!({ "lake": lake.path }));
    let tables = found.as_object().expect("tables");
    assert_eq!(tables.len(), 3 * pipelines, "{:?}", tables.keys());
    for (table, answer) in tables {
        let readers = answer["found"].as_object().expect("readers");
        let known = &readers["deltalake"];
        for (reader, found) in readers {
            assert_eq!(found, known, "{reader} and deltalake on {table}");
        }
    }
    let ledger = &tables["return-to-work/ledger"];
    assert!(ledger["found"]["duckdb"]["rows"].as_u64() > Some(1_000), "{ledger}");
    let checkpoint = ledger["checkpoint"].as_i64();
    assert_eq!(checkpoint > Some(0), checkpointed, "checkpoint {checkpoint:?}");
}

fn assert_well_laid(lake: &Lake) {
    let found = python::ask("layout.py", &json!({ "lake": lake.path }));
    assert!(found["files"].as_u64() >= Some(5), "{found}");
    assert_eq!(found["complaints"], json!([]));
}

/// The figures that Python counts, from the roster, the ledger or the rates table.
fn counted(
    lake: &Lake,
    pipeline: &Pipeline,
    from: &str,
    as_of: Option<&str>,
    rates: &[&spec::Rate],
) -> Figures {
    let rates = rates.iter().map(|rate| self::rate(pipeline, rate));
    let measures = pipeline.measures.iter().map(|measure| {
        let question = json!({
            "where": measure.sql,
            "sum": measure.sum.as_ref().map(|sum| &sum.sql),
            "scale": measure.scale(),
            "held_for": measure.held_for_seconds,
            "within": measure.within_seconds,
        });
        (measure.name.clone(), question)
    });
    let slices = pipeline.slices().map(|(_, dimension, value)| {
        json!({
            "dimension": dimension.name,
            "value": value.name,
            "where": value.sql,
            "down_to": dimension.down_to.as_str(),
        })
    });
    let areas: PathBuf = services::project().join("src/area/data");
    let added = pipeline.additions.iter().map(|added| (added.code.clone(), json!(added.within)));
    let question = json!({
        "lake": lake.path,
        "pipeline": pipeline.name,
        "from": from,
        "as_of": as_of,
        "season": season(lake, pipeline, as_of),
        "areas": areas,
        "added": added.collect::<serde_json::Map<_, _>>(),
        "kinds": pipeline.kinds.iter().map(kind).collect::<Vec<_>>(),
        "measures": measures.collect::<serde_json::Map<_, _>>(),
        "slices": slices.collect::<Vec<_>>(),
        "rates": rates.collect::<Vec<_>>(),
    });
    let answer = python::ask("figures.py", &question);
    let figures = answer.as_array().expect("a list of figures");
    figures.iter().map(Value::to_string).collect()
}

/// Which season counts at a moment, or at that of what the lake shows, where they are told apart.
fn season(lake: &Lake, pipeline: &Pipeline, as_of: Option<&str>) -> Option<i16> {
    let shown = || {
        let rows: Vec<Value> = serde_json::from_str(&lake.rates(None)).expect("rates in JSON");
        let row = rows.into_iter().find(|row| row["pipeline"] == pipeline.name.as_str());
        row.and_then(|row| Some(row["as_of"].as_str()?.to_owned()))
    };
    let moment = as_of.map(str::to_owned).or_else(shown).expect("the lake shows the pipeline");
    let moment = EventTime::parse(&moment).expect("a time");
    (pipeline.seasons == Seasons::Apart).then(|| Season::of(moment).year)
}

/// What a rate says, for Python to say it again.
fn rate(pipeline: &Pipeline, rate: &spec::Rate) -> Value {
    let by: Vec<&str> = pipeline.dimensions_of(rate).map(|by| by.name.as_str()).collect();
    let combination = |combination: &Combination| {
        let term = |(sign, measure): (Sign, spec::MeasureId)| {
            let sign = if sign == Sign::Plus { 1 } else { -1 };
            json!([sign, pipeline.measures[usize::from(measure.0)].name])
        };
        combination.terms().map(term).collect::<Vec<_>>()
    };
    let quotient = |quotient: &Quotient| {
        let below = quotient.denominator.as_ref().map(combination);
        json!({ "numerator": combination(&quotient.numerator), "denominator": below })
    };
    let formula = match &rate.formula {
        Formula::Counted { counted, reported } => {
            let areas = |reported: &Reported| {
                reported.areas.iter().map(|area| pipeline.areas.code(*area)).collect::<Vec<_>>()
            };
            json!({
                "counted": quotient(counted),
                "reported": reported.as_ref().map(|reported| quotient(&reported.quotient)),
                "areas": reported.as_ref().map(areas),
            })
        }
        Formula::Across(_) => json!({ "across": null }),
        Formula::Index(parts) => {
            let part = |part: &Weighted| json!([pipeline.rates[part.rate].name, part.weight]);
            json!({ "index": parts.iter().map(part).collect::<Vec<_>>() })
        }
        Formula::Cleared { open, ever } => {
            json!({ "open": combination(open), "ever": combination(ever) })
        }
    };
    json!({
        "name": rate.name,
        "formula": formula,
        "scales": [rate.numerator_scale, rate.denominator_scale],
        "by": by,
    })
}

fn kind(kind: &spec::Kind) -> Value {
    let fields = kind.fields.iter().map(|field| {
        let sql_type = match field.field_type {
            ColumnType::Time => "TIMESTAMPTZ",
            ColumnType::Integer => "BIGINT",
            ColumnType::Boolean => "BOOLEAN",
            ColumnType::Amount(_) => "DECIMAL(18, 6)",
            ColumnType::Label(_) => "VARCHAR",
        };
        json!({ "name": field.name, "type": sql_type })
    });
    let is_counted = kind.counted.is_some();
    json!({ "name": kind.name, "fields": fields.collect::<Vec<_>>(), "is_counted": is_counted })
}

/// The figures that `chunfeng rates` shows.
fn shown(lake: &Lake, pipeline: &Pipeline, as_of: Option<&str>, rates: &[&str]) -> Figures {
    let rows: Vec<Value> = serde_json::from_str(&lake.rates(as_of)).expect("rates in JSON");
    let wanted = rows.iter().filter(|row| {
        row["pipeline"] == pipeline.name && rates.iter().any(|rate| row["rate"] == *rate)
    });
    let figure = |row: &Value| {
        let fields = ["rate", "area", "dimension", "value", "numerator", "denominator"];
        let mut figure = fields.map(|field| row[field].clone());
        if figure[5].is_null() {
            figure[5] = 0.into(); // as the table says of a count
        }
        Value::from(figure.to_vec()).to_string()
    };
    wanted.map(figure).collect()
}

/// By pipeline: what is shown, and what was counted but for the rates that lie across pipelines.
type All = BTreeMap<String, (Pipeline, Figures, Figures)>;

fn assert_all_same(source: &str, all: &All) {
    for (name, (pipeline, shown, counted)) in all {
        let mut counted = counted.clone();
        counted.extend(across(pipeline, all));
        assert_same(name, source, shown, &counted);
    }
}

/// What one pipeline's SQL counts over what another's does.
fn across(pipeline: &Pipeline, all: &All) -> Figures {
    let counted = |elsewhere: &Elsewhere| -> BTreeMap<String, Value> {
        let figures = all[&elsewhere.pipeline].2.iter();
        let figures = figures.map(|text| serde_json::from_str::<Value>(text).expect("a figure"));
        let totals = figures.filter(|f| f[0] == elsewhere.rate.as_str() && f[2].is_null());
        let code = |figure: &Value| figure[1].as_str().unwrap_or_default().to_owned();
        let is_known = |code: &String| {
            pipeline.areas.resolve(code).is_some_and(|area| pipeline.areas.code(area) == code)
        };
        let known = totals.map(|figure| (code(&figure), figure[4].clone()));
        known.filter(|(code, _)| is_known(code)).collect()
    };
    let mut figures = Figures::new();
    for rate in &pipeline.rates {
        let Some(across) = rate.formula.across() else { continue };
        let (above, below) = (counted(&across.numerator), counted(&across.denominator));
        for area in above.keys().chain(below.keys()) {
            let level = |of: &BTreeMap<String, Value>| of.get(area).cloned().unwrap_or(json!(0));
            let figure = json!([rate.name, area, null, null, level(&above), level(&below)]);
            figures.insert(figure.to_string());
        }
    }
    figures
}

fn assert_same(pipeline: &str, source: &str, shown: &Figures, counted: &Figures) {
    let only_shown: Vec<_> = shown.difference(counted).take(5).collect();
    let only_counted: Vec<_> = counted.difference(shown).take(5).collect();
    assert!(
        only_shown.is_empty() && only_counted.is_empty(),
        "{pipeline} over {source}: shown {only_shown:#?}, counted {only_counted:#?}"
    );
}
