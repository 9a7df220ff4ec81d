//! Areas in their places among their siblings.

use crate::area::AreaId;
use crate::board::{Board, ranking};
use crate::cli::{figures, table};
use crate::spec::amount::digits;

/// The areas in their places; equals share one, which `=` marks.
pub fn table(board: &Board, rate: usize, parent: AreaId) -> String {
    let areas = board.pipeline.areas;
    let ruled = &board.pipeline.rates[rate];
    let mut table =
        table::plain(["", "area", "", "", "ratio", "numerator", "denominator"], &[4, 5, 6]);
    for ranked in ranking(board, rate, parent) {
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
    let few = match ruled.formula.has_ratio() && ruled.minimum_sample > 1 {
        true => format!("– fewer than {}\n", ruled.minimum_sample),
        false => String::new(),
    };
    let (title, as_of) = (&ruled.title, board.as_of);
    format!("{} {} as of {as_of}\n{}\n{few}", title.zh, title.en, table.trim_fmt())
}
