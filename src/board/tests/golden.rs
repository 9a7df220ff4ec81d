//! Figures that were published with their counts: the shipped pipelines divide as their authors did.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use super::super::{Board, FigureKey};
use super::area;
use crate::area::Boundaries;
use crate::spec::{Pipeline, load_folder};
use crate::steps::Cell;
use crate::time::EARLIEST;

fn shipped(name: &str) -> Arc<Pipeline> {
    static READ: LazyLock<Vec<Arc<Pipeline>>> = LazyLock::new(|| {
        load_folder(Path::new("pipelines")).expect("valid").into_iter().map(Arc::new).collect()
    });
    READ.iter().find(|pipeline| pipeline.name == name).expect("it is shipped").clone()
}

/// What a rate of a pipeline says where its measures have these levels, in last decimals: its ratio, or its numerator.
fn says(pipeline: &str, rate: &str, levels: &[(&str, i64)]) -> f64 {
    let pipeline = shipped(pipeline);
    let level = |(measure, level): &(&str, i64)| {
        let measure = pipeline.measure(measure).expect("the measure is known");
        (Cell::new(measure, area("330782"), None), vec![*level])
    };
    let cells: Vec<_> = levels.iter().map(level).collect();
    let board = Board::assemble(pipeline.clone(), Boundaries::Now, EARLIEST, None, cells);
    let index = pipeline.rates.iter().position(|known| known.name == rate).expect("a rate");
    // Whatever is counted in one county is counted in the country.
    let key = FigureKey { rate: index as u16, area: area("100000"), slice: None };
    let figure = board.figure(key).expect("a figure");
    let decimals = 10_f64.powi(i32::from(board.rate(figure).numerator_scale));
    board.ratio(figure).unwrap_or(figure.numerator as f64 / decimals)
}

fn rounds_to(figure: f64, printed: &str) {
    let decimals = printed.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    assert_eq!(format!("{figure:.decimals$}"), printed);
}

/// 厦门日报 2022-02-21; 人社 Sichuan 2021-02-20.
#[test]
fn huli_and_sichuan_have_as_many_workers_back_as_they_said() {
    let share =
        says("return-to-work", "return_rate", &[("returned", 146_600), ("departed", 149_400)]);
    rounds_to(share, "0.98126");
    let of_sichuan = [("returned", 1_093_500), ("departed", 4_702_400)];
    rounds_to(says("return-to-work", "return_rate", &of_sichuan), "0.23254");
}

/// 金华 2022-03-01: 350 + 170 are not 564.
#[test]
fn yiwu_leaves_44_problems_unaccounted_for() {
    let levels = [("opened", 564), ("solved", 350), ("tracked", 170)];
    rounds_to(says("tickets", "residual", &levels), "44");
    rounds_to(says("tickets", "on_the_spot_rate", &levels), "0.6206");
}

/// 恩施 2022-03-19.
#[test]
fn enshi_s_funnel_narrows_as_it_did() {
    let levels = [("trips", 6_913), ("hired", 2_788), ("stable", 1_087)];
    rounds_to(says("recruitment", "hired_per_trip", &levels), "0.4033");
    rounds_to(says("recruitment", "stable_rate", &levels), "0.3899");
    rounds_to(says("recruitment", "stable_per_trip", &levels), "0.1572");
}

#[test]
fn luxshare_wants_two_fifths_of_the_year_in_the_first_quarter() {
    let levels = [("wanted_in_the_quarter", 2_100), ("wanted_in_the_year", 5_100)];
    rounds_to(says("labour-demand", "quarter_share", &levels), "0.4118");
}

/// State Grid, Zhejiang, 2020-02-10: 64,590 of 333,427 enterprises and 405,416,500 of 1,288,070,200 kWh.
#[test]
fn zhejiang_s_power_index_is_25_42() {
    let levels = [
        ("restarted", 64_590),
        ("in_scope", 333_427),
        ("power_used", 40_541_650_000),
        ("power_baseline", 128_807_020_000),
    ];
    rounds_to(says("enterprise-restart", "power_index", &levels), "25.42");
}

/// 江苏 2020-03-31.
#[test]
fn jiangsu_s_projects_are_at_work_as_it_said() {
    let levels = [("resumed", 103), ("carried_over", 103), ("started", 65), ("planned_new", 117)];
    rounds_to(says("projects", "work_rate", &levels), "0.7636");
    rounds_to(says("projects", "start_rate", &levels), "0.5556");
    rounds_to(says("projects", "resumption_rate", &levels), "1");
}

/// 蚌埠 and 开封.
#[test]
fn bengbu_has_more_vacancies_than_applicants_and_kaifeng_settles_nine_claims_in_ten() {
    let levels = [("posts", 37_920), ("applicants", 29_030)];
    rounds_to(says("online-recruitment", "vacancies_per_applicant", &levels), "1.306");
    let levels = [("settled", 1_478), ("opened", 1_602)];
    rounds_to(says("wage-claims", "settled_rate", &levels), "0.9226");
}

/// A city on 2025-02-07, whose shares are out of the enterprises at work, not of all.
#[test]
fn shares_of_those_at_work_are_out_of_those_at_work() {
    let levels =
        [("in_scope", 4_707), ("restarted", 4_557), ("well_staffed", 2_609), ("well_used", 2_728)];
    rounds_to(says("enterprise-restart", "restart_rate", &levels), "0.9681");
    rounds_to(says("enterprise-restart", "well_staffed_rate", &levels), "0.5725");
    rounds_to(says("enterprise-restart", "capacity_rate", &levels), "0.5986");
}
