//! What areas are called, in both languages.

use super::*;

/// Every place the articles name: code, English name, start of the Chinese name. Of a township, the
/// county it counts at.
const PLACES: &[(&str, &str, &str)] = &[
    ("350000", "Fujian", "福建"),
    ("350200", "Xiamen", "厦门"),
    ("350206", "Huli District", "湖里"),
    ("350206405", "Huli District", "湖里"),
    ("530000", "Yunnan", "云南"),
    ("530100", "Kunming", "昆明"),
    ("532300", "Chuxiong Prefecture", "楚雄"),
    ("532301", "Chuxiong City", "楚雄"),
    ("640000", "Ningxia", "宁夏"),
    ("640121", "Yongning County", "永宁"),
    ("640121104", "Yongning County", "永宁"),
    ("620000", "Gansu", "甘肃"),
    ("622900", "Linxia Prefecture", "临夏"),
    ("622926", "Dongxiang County", "东乡"),
    ("621200", "Longnan", "陇南"),
    ("440000", "Guangdong", "广东"),
    ("440800", "Zhanjiang", "湛江"),
    ("440600", "Foshan", "佛山"),
    ("441900", "Dongguan", "东莞"),
    ("440300", "Shenzhen", "深圳"),
    ("450000", "Guangxi", "广西"),
    ("450200", "Liuzhou", "柳州"),
    ("420000", "Hubei", "湖北"),
    ("330000", "Zhejiang", "浙江"),
    ("330100", "Hangzhou", "杭州"),
    ("330700", "Jinhua", "金华"),
    ("330702", "Wucheng District", "婺城"),
    ("330703", "Jindong District", "金东"),
    ("330703103", "Jindong District", "金东"),
    ("330723", "Wuyi County", "武义"),
    ("330726", "Pujiang County", "浦江"),
    ("330727", "Pan'an County", "磐安"),
    ("330781", "Lanxi", "兰溪"),
    ("330782", "Yiwu", "义乌"),
    ("330783", "Dongyang", "东阳"),
    ("330783123", "Dongyang", "东阳"),
    ("330784", "Yongkang", "永康"),
    ("360000", "Jiangxi", "江西"),
    ("510000", "Sichuan", "四川"),
    ("511900", "Bazhong", "巴中"),
    ("511922", "Nanjiang County", "南江"),
    ("430000", "Hunan", "湖南"),
    ("430100", "Changsha", "长沙"),
    ("430181", "Liuyang", "浏阳"),
    ("431200", "Huaihua", "怀化"),
    ("431224", "Xupu County", "溆浦"),
    ("431224102", "Xupu County", "溆浦"),
    ("433100", "Xiangxi Prefecture", "湘西"),
    ("433124", "Huayuan County", "花垣"),
    ("433127", "Yongshun County", "永顺"),
    ("433130", "Longshan County", "龙山"),
    ("433130110", "Longshan County", "龙山"),
    ("422800", "Enshi Prefecture", "恩施"),
    ("422801", "Enshi City", "恩施"),
    ("422801207", "Enshi City", "恩施"),
    ("422802", "Lichuan", "利川"),
    ("422802103", "Lichuan", "利川"),
    ("422822", "Jianshi County", "建始"),
    ("422822106", "Jianshi County", "建始"),
    ("422823", "Badong County", "巴东"),
    ("422825", "Xuan'en County", "宣恩"),
    ("422826", "Xianfeng County", "咸丰"),
    ("422826202", "Xianfeng County", "咸丰"),
    ("422827", "Laifeng County", "来凤"),
    ("422828", "Hefeng County", "鹤峰"),
];

#[test]
fn every_place_of_the_articles_resolves_with_both_names() {
    for (code, english, chinese) in PLACES {
        let id = at(code);
        assert_eq!(tree().name_en(id), *english, "{code}");
        assert!(tree().name_zh(id).starts_with(chinese), "{code} {}", tree().name_zh(id));
    }
}

#[test]
fn every_province_has_an_official_english_name() {
    for row in rows_of(Kind::Province) {
        assert!(!row.name_en.is_empty(), "{} {}", row.digits, row.name_zh);
    }
    assert_eq!(tree().name_en(at("14")), "Shanxi");
    assert_eq!(tree().name_en(at("61")), "Shaanxi");
    assert_eq!(tree().name_en(at("15")), "Inner Mongolia");
    assert_eq!(tree().name_en(at("54")), "Xizang");
}

#[test]
fn every_county_of_jinhua_enshi_and_xiamen_has_an_english_name() {
    let home = |row: &Row| ["3307", "4228", "3502"].contains(&&row.digits[..4]);
    let counties = rows().filter(|row| row.kind != Kind::Grouping).filter(home);
    for row in counties {
        assert!(!row.name_en.is_empty(), "{} {}", row.digits, row.name_zh);
    }
}

#[test]
fn siblings_never_share_an_english_name() {
    let mut seen = HashSet::new();
    for row in rows().filter(|row| !row.name_en.is_empty()) {
        let parent = tree().parent(at(row.digits));
        assert!(seen.insert((parent, row.name_en)), "{}", row.name_en);
    }
}

#[test]
fn an_area_without_an_english_name_shows_its_chinese_one() {
    assert_eq!(tree().name_en(at("130171")), "石家庄高新技术产业开发区");
}
