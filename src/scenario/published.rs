//! The figures that the articles published, to be checked against what a pipeline computes.
//!
//! Only what was printed, and where; what was counted is for others to find out.

use super::calendar::moment;

/// A figure as an article printed it, with the rate it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// Who printed it, when, under which headline.
    pub article: &'static str,
    /// The place in Chinese.
    pub place_zh: &'static str,
    /// The place in English.
    pub place_en: &'static str,
    /// The code of the area, six digits.
    pub area: &'static str,
    /// The pipeline that computes the rate.
    pub pipeline: &'static str,
    /// The rate's name in that pipeline.
    pub rate: &'static str,
    /// The part of the area's entities that is meant; all of them if none.
    pub slice: Option<Slice>,
    /// The last moment that counts, in Unix seconds.
    pub as_of_seconds: i64,
    /// The figure as printed, such as `98.1%`.
    pub text: &'static str,
    /// The numerator, where the article prints it or the figure leaves no choice.
    pub numerator_hint: Option<u64>,
    /// The denominator as printed.
    pub denominator: u64,
}

/// One value of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The dimension's name.
    pub dimension: &'static str,
    /// The value's name.
    pub value: &'static str,
}

impl Published {
    /// Whether a computed share, rounded as the article rounds, is the printed one.
    pub fn agrees(&self, numerator: u64, denominator: u64) -> bool {
        agrees(self.text, numerator, denominator)
    }
}

/// The figures that [`super::deliveries`] reproduces.
pub fn published() -> [Published; 3] {
    [huli(), jinhua_key(), yiwu_industry()]
}

const XIAMEN_DAILY: &str = "厦门日报 2022-02-21《下好“先手棋” 实现惠企稳岗增效》";
const JINHUA_GOVERNMENT: &str =
    "金华市人民政府 2022-03-01《赢取“开门红”,冲刺“全年红”!金华全力保障用工先行》";

/// 返乡约14.94万人，截至目前返厦返岗14.66万人，返岗率达到98.1%.
fn huli() -> Published {
    Published {
        article: XIAMEN_DAILY,
        place_zh: "湖里区",
        place_en: "Huli",
        area: "350206",
        pipeline: "return-to-work",
        rate: "return_rate",
        slice: None,
        // "So far" is read as the minute of publication, 07:31:15.
        as_of_seconds: i64::from(moment(2, 21, 7) + 31 * 60 + 15),
        text: "98.1%",
        numerator_hint: Some(146_600),
        denominator: 149_400,
    }
}

/// 截至2月19日，我市2332家重点企业开复工率达99.0%. Both 2,308 and 2,309 would be printed so.
fn jinhua_key() -> Published {
    Published {
        article: JINHUA_GOVERNMENT,
        place_zh: "金华市",
        place_en: "Jinhua",
        area: "330700",
        pipeline: "enterprise-restart",
        rate: "restart_rate",
        slice: Some(Slice { dimension: "list", value: "key" }),
        as_of_seconds: last_second_of_february(19),
        text: "99.0%",
        numerator_hint: None,
        denominator: 2_332,
    }
}

/// 100%——这是截至2月17日义乌规上工业企业的开复工率; the article counts 717 of them.
fn yiwu_industry() -> Published {
    Published {
        article: JINHUA_GOVERNMENT,
        place_zh: "义乌市",
        place_en: "Yiwu",
        area: "330782",
        pipeline: "enterprise-restart",
        rate: "restart_rate",
        slice: Some(Slice { dimension: "sector", value: "above-scale-industry" }),
        as_of_seconds: last_second_of_february(17),
        text: "100%",
        numerator_hint: Some(717),
        denominator: 717,
    }
}

fn last_second_of_february(day: u32) -> i64 {
    i64::from(moment(2, day + 1, 0)) - 1
}

/// Whether numerator over denominator, rounded half up to the decimals that the text shows, is the
/// text. "100%" says "all of them" and is never the result of rounding up.
pub fn agrees(text: &str, numerator: u64, denominator: u64) -> bool {
    let Some((printed, unit)) = parse_percent(text) else {
        return false;
    };
    let (printed, unit) = (u128::from(printed), u128::from(unit));
    let (numerator, denominator) = (u128::from(numerator), u128::from(denominator));
    if denominator == 0 {
        return false;
    }
    if printed == 100 * unit {
        return numerator == denominator;
    }
    (2 * numerator * 100 * unit + denominator) / (2 * denominator) == printed
}

/// `98.1%` is 981 in units of which 10 make a per cent.
fn parse_percent(text: &str) -> Option<(u64, u64)> {
    let number = text.strip_suffix('%')?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let unit = 10u64.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    let digits = [whole, decimals].concat();
    // `parse` would also take a sign, which no percentage has.
    let printed =
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some((printed, unit))
}
