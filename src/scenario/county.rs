//! The counties that events name and the feeds they come from. Codes are GB/T 2260, six digits.
//! Knows no area tree: a code here is a number that goes into an event.

/// Huli district, Xiamen.
pub const HULI: u32 = 350206;
/// 火炬高技术产业开发区: a township of Huli, as the bureau of statistics counts it.
pub const TORCH_ZONE: u32 = 350_206_405;
/// Yiwu, Jinhua.
pub const YIWU: u32 = 330782;

/// Forty counties of ten provinces, Huli first.
pub const COUNTIES: [u32; 40] = [
    HULI, 350203, 350502, 350582, // Fujian
    YIWU, 330783, 330106, 330604, // Zhejiang
    440306, 440803, 440604, 440106, // Guangdong
    320506, 320583, 320205, 320102, // Jiangsu
    422801, 422802, 420106, 420503, // Hubei
    430181, 431224, 433124, 433127, // Hunan
    511922, 510104, 510107, 511902, // Sichuan
    530102, 532301, 530103, 530111, // Yunnan
    622926, 621202, 620102, 620104, // Gansu
    410102, 410105, 411502, 410302, // Henan
];

/// Codes that no county has, as they come from mistyped forms: these count as unassigned.
pub const UNKNOWN_AREAS: [u32; 3] = [350299, 449999, 999999];

/// Where an area's events come from: the first part of a CloudEvents source.
pub fn feed(area: u32) -> &'static str {
    match area {
        HULI | TORCH_ZONE => "/xiamen/huli",
        330702 => "/jinhua/wucheng",
        330703 => "/jinhua/jindong",
        330723 => "/jinhua/wuyi",
        330726 => "/jinhua/pujiang",
        330727 => "/jinhua/panan",
        330781 => "/jinhua/lanxi",
        YIWU => "/jinhua/yiwu",
        330783 => "/jinhua/dongyang",
        330784 => "/jinhua/yongkang",
        _ => provincial_feed(area / 10_000),
    }
}

fn provincial_feed(province: u32) -> &'static str {
    match province {
        32 => "/jiangsu",
        33 => "/zhejiang",
        35 => "/fujian",
        41 => "/henan",
        42 => "/hubei",
        43 => "/hunan",
        44 => "/guangdong",
        51 => "/sichuan",
        53 => "/yunnan",
        62 => "/gansu",
        _ => "/elsewhere",
    }
}
