//! The figures that the articles published, to be checked against what a pipeline computes.
//!
//! Only what was printed, and where; what was counted is for others to find out.

use super::calendar::moment_of;
use super::printed::{self, Computed};

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
    /// The figure as printed, such as `98.1%`; `高于去年同期` is more than on the same day of last spring.
    pub text: &'static str,
    /// The denominator, where it is printed beside the figure.
    pub denominator: Option<u64>,
    /// What does not add up in the article, or is read into it.
    pub remark: Option<Remark>,
}

/// One value of one dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The dimension's name.
    pub dimension: &'static str,
    /// The value's name.
    pub value: &'static str,
}

/// A remark in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remark {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

impl Published {
    /// Whether a computed figure, rounded as the article rounds, is the printed one.
    pub fn agrees(&self, computed: Computed) -> bool {
        let denominator = self.denominator.map(u128::from);
        printed::agrees(self.text, computed)
            && (denominator.is_none() || denominator == computed.denominator)
    }

    /// Whether it is about an earlier spring, too.
    pub fn compares(&self) -> bool {
        self.text == HIGHER
    }

    const fn by(self, dimension: &'static str, value: &'static str) -> Self {
        Self { slice: Some(Slice { dimension, value }), ..self }
    }

    const fn out_of(self, denominator: u64) -> Self {
        Self { denominator: Some(denominator), ..self }
    }

    const fn remarked(self, zh: &'static str, en: &'static str) -> Self {
        Self { remark: Some(Remark { zh, en }), ..self }
    }
}

const HIGHER: &str = "高于去年同期";

/// Where an article speaks of, and which article.
#[derive(Clone, Copy)]
struct Place {
    article: &'static str,
    zh: &'static str,
    en: &'static str,
    area: &'static str,
}

const XIAMEN_DAILY: &str = "厦门日报 2022-02-21《下好“先手棋” 实现惠企稳岗增效》";
const JINHUA_GOVERNMENT: &str =
    "金华市人民政府 2022-03-01《赢取“开门红”,冲刺“全年红”!金华全力保障用工先行》";
const ENSHI: &str = "恩施 2022-03-19";
const LIUYANG: &str = "浏阳 2021-05-24";

const HULI: Place = place(XIAMEN_DAILY, "湖里区", "Huli", "350206");
const JINHUA: Place = place(JINHUA_GOVERNMENT, "金华市", "Jinhua", "330700");
const YIWU: Place = place(JINHUA_GOVERNMENT, "义乌市", "Yiwu", "330782");
const WUYI: Place = place(JINHUA_GOVERNMENT, "武义县", "Wuyi", "330723");
const DONGYANG: Place = place(JINHUA_GOVERNMENT, "东阳市", "Dongyang", "330783");
const JINDONG: Place = place(JINHUA_GOVERNMENT, "金东区", "Jindong", "330703");
const WUCHENG: Place = place(JINHUA_GOVERNMENT, "婺城区", "Wucheng", "330702");
const JINHUA_ZONE: Place =
    place(JINHUA_GOVERNMENT, "金华开发区", "Jinhua zone", "jinhua-development-zone");
const LANXI: Place = place(JINHUA_GOVERNMENT, "兰溪市", "Lanxi", "330781");
const ENSHI_PREFECTURE: Place = place(ENSHI, "恩施州", "Enshi", "422800");
const ENSHI_ZONE: Place = place(ENSHI, "恩施高新区", "Enshi zone", "enshi-high-tech-zone");
const LIUYANG_CITY: Place = place(LIUYANG, "浏阳市", "Liuyang", "430181");

const fn place(
    article: &'static str,
    zh: &'static str,
    en: &'static str,
    area: &'static str,
) -> Place {
    Place { article, zh, en, area }
}

const fn figure(
    place: Place,
    pipeline: &'static str,
    rate: &'static str,
    as_of_seconds: i64,
    text: &'static str,
) -> Published {
    Published {
        article: place.article,
        place_zh: place.zh,
        place_en: place.en,
        area: place.area,
        pipeline,
        rate,
        slice: None,
        as_of_seconds,
        text,
        denominator: None,
        remark: None,
    }
}

/// The last second of a day in China.
const fn by(year: u32, month: u32, day: u32) -> i64 {
    moment_of(year, month, day, 23) as i64 + 3_599
}

/// "So far" is read as the minute of publication: 07:31:15 in 厦门, 11:50 in 恩施, 10:20 in 浏阳.
const HULI_SO_FAR: i64 = moment_of(2022, 2, 21, 7) as i64 + 31 * 60 + 15;
const ENSHI_SO_FAR: i64 = moment_of(2022, 3, 19, 11) as i64 + 50 * 60;
const LIUYANG_SO_FAR: i64 = moment_of(2021, 5, 24, 10) as i64 + 20 * 60;

/// The figures that [`super::deliveries`] reproduces.
pub fn published() -> &'static [Published] {
    &PUBLISHED
}

static PUBLISHED: [Published; 52] = [
    figure(HULI, "return-to-work", "return_rate", HULI_SO_FAR, "98.1%").out_of(149_400),
    figure(HULI, "support", "amount", HULI_SO_FAR, "1800余万元").by("item", "subsidy"),
    figure(HULI, "support", "policies", HULI_SO_FAR, "12项"),
    figure(HULI, "wage-claims", "lately_recovered", by(2022, 1, 31), "160万元"),
    figure(HULI, "wage-claims", "cleared", by(2022, 1, 31), "清零")
        .by("channel", "national-platform"),
    figure(HULI, "wage-claims", "cleared", by(2022, 1, 31), "清零").by("channel", "police-liaison"),
    figure(HULI, "trips", "trips", by(2022, 2, 16), "1班").by("mode", "air"),
    figure(JINHUA, "return-to-work", "arrivals", by(2022, 2, 20), "3351790人"),
    figure(JINHUA, "return-to-work", "stayers", by(2022, 2, 20), "114万人"),
    figure(JINHUA, "return-to-work", "arrivals", by(2022, 2, 20), HIGHER).remarked(
        "只说高于，未公布去年的数",
        "Only that it is more is told, not how many they were",
    ),
    figure(JINHUA, "return-to-work", "stayers", by(2022, 2, 20), HIGHER).remarked(
        "只说高于，未公布去年的数",
        "Only that it is more is told, not how many they were",
    ),
    // Both 2,308 and 2,309 of them would be printed so.
    figure(JINHUA, "enterprise-restart", "restart_rate", by(2022, 2, 19), "99.0%")
        .by("list", "key")
        .out_of(2_332),
    figure(YIWU, "enterprise-restart", "restart_rate", by(2022, 2, 17), "100%")
        .by("sector", "above-scale-industry")
        .remarked("未公布家数", "Of how many is not printed"),
    figure(JINDONG, "enterprise-restart", "staff_back_rate", by(2022, 2, 21), "98%")
        .by("sector", "food-medicine")
        .remarked("李子园一家", "One enterprise, Liziyuan"),
    figure(JINHUA, "projects", "resumption_rate", by(2022, 2, 15), "100%"),
    figure(JINHUA, "projects", "started_projects", by(2022, 1, 5), "38个"),
    figure(WUYI, "projects", "started_projects", by(2022, 2, 9), "34个"),
    figure(WUYI, "projects", "started_investment", by(2022, 2, 9), "137亿元"),
    figure(DONGYANG, "projects", "on_site", by(2022, 2, 1), "405人"),
    figure(YIWU, "tickets", "visits", by(2022, 3, 1), "717家"),
    figure(YIWU, "tickets", "problems", by(2022, 3, 1), "564件"),
    figure(YIWU, "tickets", "on_the_spot_rate", by(2022, 3, 1), "62.1%")
        .out_of(564)
        .remarked("350件，比例为推算", "350 of them; the share is worked out"),
    figure(YIWU, "tickets", "tracked_problems", by(2022, 3, 1), "170件"),
    figure(YIWU, "tickets", "residual", by(2022, 3, 1), "44件")
        .remarked("350 + 170 ≠ 564，原文未交代", "350 + 170 is not 564; the article does not say"),
    figure(DONGYANG, "trips", "carried", by(2022, 2, 16), "25人").by("mode", "bus"),
    figure(JINHUA, "trips", "carried", by(2022, 2, 13), "763人").by("mode", "rail"),
    figure(YIWU, "trips", "carried", by(2022, 2, 11), "110人"),
    figure(JINHUA_ZONE, "tickets", "visits", by(2022, 3, 1), "239家")
        .remarked("金华开发区，无区划代码", "The development zone, which has no code"),
    figure(WUCHENG, "support", "persons", by(2022, 3, 1), "20人").by("item", "shared-staff"),
    figure(WUCHENG, "support", "amount", by(2022, 3, 1), "100余万元").by("item", "shared-staff"),
    figure(LANXI, "support", "amount_per_person", by(2022, 3, 1), "1000元")
        .by("item", "stay-subsidy"),
    figure(ENSHI_ZONE, "recruitment", "transported_trips", ENSHI_SO_FAR, "6913人次"),
    figure(ENSHI_ZONE, "recruitment", "hired_per_trip", ENSHI_SO_FAR, "40.3%")
        .out_of(6_913)
        .remarked("2788人 / 6913人次，单位不同", "2,788 persons of 6,913 person-trips: two units"),
    figure(ENSHI_ZONE, "recruitment", "stable_rate", ENSHI_SO_FAR, "39.0%").out_of(2_788).remarked(
        "1087人；稳定在岗天数未公布，按七天",
        "1,087; for how long is not told, seven days are taken",
    ),
    figure(ENSHI_ZONE, "labour-demand", "demand_of_the_half_year", by(2022, 3, 3), "6800人"),
    figure(ENSHI_ZONE, "labour-demand", "demand_of_the_year", by(2022, 3, 3), "5100人"),
    figure(ENSHI_ZONE, "labour-demand", "demand_of_the_quarter", by(2022, 3, 3), "2100人"),
    figure(ENSHI_ZONE, "labour-demand", "gap", by(2022, 3, 3), "500人以上"),
    figure(ENSHI_PREFECTURE, "support", "teams", ENSHI_SO_FAR, "20个")
        .remarked("8 + 4 + 8", "8 + 4 + 8"),
    figure(LIUYANG_CITY, "support", "bases", LIUYANG_SO_FAR, "118家"),
    figure(LIUYANG_CITY, "support", "teams", by(2021, 2, 18), "15个"),
    figure(LIUYANG_CITY, "support", "amount", by(2020, 12, 31), "6.16亿元")
        .by("item", "premium-cut"),
    figure(LIUYANG_CITY, "support", "amount", by(2020, 12, 31), "2200万元")
        .by("item", "job-retention-refund"),
    figure(LIUYANG_CITY, "support", "enterprises", by(2020, 12, 31), "914家"),
    figure(LIUYANG_CITY, "support", "households_cleared", LIUYANG_SO_FAR, "清零"),
    figure(LIUYANG_CITY, "support", "person_trips", LIUYANG_SO_FAR, "11749人次")
        .by("item", "schooling"),
    figure(LIUYANG_CITY, "support", "housing_projects", LIUYANG_SO_FAR, "164个"),
    figure(LIUYANG_CITY, "support", "dwellings", LIUYANG_SO_FAR, "24203套"),
    figure(LIUYANG_CITY, "support", "trained", LIUYANG_SO_FAR, "33769人次"),
    figure(LIUYANG_CITY, "support", "person_trips", LIUYANG_SO_FAR, "6712人次")
        .by("item", "enterprise-training"),
    figure(LIUYANG_CITY, "support", "classes", LIUYANG_SO_FAR, "147期"),
    figure(LIUYANG_CITY, "support", "persons", LIUYANG_SO_FAR, "4.5万人").by("item", "housing"),
];
