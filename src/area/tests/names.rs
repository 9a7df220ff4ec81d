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
fn every_place_has_an_english_name_and_no_grouping_has_one() {
    for row in rows() {
        let is_place = row.kind != Kind::Grouping;
        assert_eq!(!row.name_en.is_empty(), is_place, "{} {}", row.digits, row.name_zh);
    }
}

#[test]
fn english_names_have_letters_alone() {
    let legal = |c: char| c.is_ascii_alphabetic() || " '-üö".contains(c);
    for row in rows() {
        assert!(row.name_en.chars().all(legal), "{} {}", row.digits, row.name_en);
    }
}

#[test]
fn provinces_have_their_official_names() {
    assert_eq!(tree().name_en(at("14")), "Shanxi");
    assert_eq!(tree().name_en(at("61")), "Shaanxi");
    assert_eq!(tree().name_en(at("15")), "Inner Mongolia");
    assert_eq!(tree().name_en(at("54")), "Xizang");
}

/// Characters that are read otherwise elsewhere, and one place for each.
const READ_OTHERWISE: &[(&str, &str)] = &[
    ("350200", "Xiamen"),
    ("430100", "Changsha"),
    ("500000", "Chongqing"),
    ("340300", "Bengbu"),
    ("140400", "Changzhi"),
    ("341500", "Lu'an"),
    ("371524", "Dong'e County"),
    ("440113", "Panyu District"),
    ("331000", "Taizhou"),
    ("331100", "Lishui"),
    ("341600", "Bozhou"),
    ("361124", "Yanshan County"),
    ("130131", "Pingshan County"),
    ("130225", "Laoting County"),
    ("371481", "Laoling"),
    ("330382", "Yueqing"),
    ("141024", "Hongtong County"),
    ("371722", "Shanxian"),
    ("320116", "Luhe District"),
    ("410781", "Weihui"),
];

#[test]
fn a_character_is_read_as_it_is_in_that_name() {
    for (code, english) in READ_OTHERWISE {
        assert_eq!(tree().name_en(at(code)), *english, "{code}");
    }
}

#[test]
fn living_siblings_never_share_an_english_name() {
    let mut seen = HashSet::new();
    let alive = rows().filter(|row| !matches!(row.kind, Kind::Grouping | Kind::Retired));
    for row in alive {
        let parent = tree().parent(at(row.digits));
        assert!(seen.insert((parent, row.name_en)), "{}", row.name_en);
    }
}
