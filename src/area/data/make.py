#!/usr/bin/env python3
"""Rebuilds areas.csv from three unpacked packages; README.md beside it says which and why.

usage: make.py LCN CHINA_DIVISION GB2260    (the folders that hold each package's manifest)
       make.py                              (only the English names, of the rows that are there)
"""

import csv
import json
import re
import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from pypinyin import lazy_pinyin, load_single_dict

HERE = Path(__file__).parent
PYPINYIN = "0.55.0"  # another version may read a name otherwise
MUNICIPALITIES = ("11", "12", "31", "50")
URBAN_DISTRICTS = "市辖区"  # "the districts of this city": a heading, not a district
GENERICS = {  # the end of a Chinese name, and what it is in English; a longer one comes first
    "自治州": "Prefecture",
    "自治县": "County",
    "自治旗": "Banner",
    "地区": "Prefecture",
    "矿区": "Mining District",
    "新区": "New Area",
    "特区": "Special District",
    "省": "Province",
    "市": "City",
    "县": "County",
    "区": "District",
    "旗": "Banner",
    "盟": "League",
}
# How these are read in the name of a place, where pypinyin knows no phrase that says otherwise (长子).
IN_PLACES = {"长": "cháng", "都": "dū", "朝": "cháo", "什": "shí", "尾": "wěi", "佛": "fó", "圩": "xū"}
PEOPLES = re.compile(  # at the end of an autonomous unit's name: whose autonomy it is
    "((蒙古|哈萨克|柯尔克孜|塔吉克|锡伯)族?|(各|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|傣|黎|傈僳|佤|畲|拉祜|水|东乡"
    "|纳西|景颇|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|普米|怒|保安|裕固|独龙)族)+$"
)


def main(lcn, china_division, gb2260):
    current, statistics, past = ministry(lcn), bureau(china_division), revisions(gb2260)
    names = past | statistics | current  # the newest source that knows a code names it
    names |= {code: name for code, name in past.items() if name == URBAN_DISTRICTS}

    def kind(code):
        if is_grouping(code, names[code]):
            return "grouping"
        if code in current:
            return level(code)
        return "retired" if code in past else "zone"

    write({code: (names[code], kind(code)) for code in sorted(names)})


def rename():
    """The rows as they are, with their English names made anew."""
    with open(HERE / "areas.csv", encoding="utf-8") as file:
        rows = {row["code"]: (row["name_zh"], row["kind"]) for row in csv.DictReader(file)}
    write(rows)


def write(rows):
    english = english_names(rows)
    with open(HERE / "areas.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "name_zh", "name_en", "kind"])
        out.writerows([code, zh, english.get(code, ""), kind] for code, (zh, kind) in rows.items())


def ministry(package):
    """lcn: the ministry's list of 2024, three levels."""
    rows = json.loads((package / "data/data.json").read_text("utf-8"))
    return {row["code"]: row["name"] for row in rows}


def bureau(package):
    """china-division: the statistical bureau's list of 2023, down to the counties."""
    tables = [package / f"dist/{name}.csv" for name in ("provinces", "cities", "areas")]
    rows = (row for table in tables for row in csv.DictReader(table.open(encoding="utf-8")))
    return {row["code"].ljust(6, "0"): row["name"] for row in rows}


def revisions(package):
    """gb2260: every revision from 2002 to 2016, the last name of a code winning."""
    source = (package / "src/data.rs").read_text("utf-8")
    tables = re.findall(r"static DIVISIONS_\w*?(\d{6}): (.*?)\n\};", source, re.DOTALL)
    names = {}
    for _, table in sorted(tables):
        names |= re.findall(r'\("(\d{6})", "([^"]*)"\)', table)
    return names


def is_grouping(code, name):
    """A heading of the printed table: it has a code, but no government and no people."""
    below_municipality = code.startswith(MUNICIPALITIES) and level(code) == "prefecture"
    return below_municipality or code.endswith("9000") or name == URBAN_DISTRICTS


def level(code):
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"


def english_names(rows):
    """Of every row but the groupings: what names_en.csv says, else the reading of its Chinese name.

    What is called like its parent or like a living sibling has its generic behind it.
    """
    irregular = read_english()
    places = {code: zh for code, (zh, kind) in rows.items() if kind != "grouping"}
    unknown = irregular.keys() - places.keys()
    if unknown:
        sys.exit(f"names_en.csv names codes that are no place: {sorted(unknown)}")
    regular = {code: romanised(zh) for code, zh in places.items()}
    idle = [code for code, name in irregular.items() if name == regular[code]]
    if idle:
        sys.exit(f"names_en.csv says what the rule gives anyway: {idle}")
    short = regular | irregular

    alike = defaultdict(list)  # (what they are part of, short name): codes
    for code in places:
        alike[above(code, places), short[code]].append(code)
    english = {}
    for (parent, name), codes in alike.items():
        alive = [code for code in codes if rows[code][1] != "retired"]
        for code in codes:
            proper, generic = parted(places[code])
            clear = (alive or codes) == [code] and name != short.get(parent)
            said = generic in ("省", "市") or len(proper) == 1 or not parent or rows[code][1] == "zone"
            clear = clear and said
            english[code] = name if clear else with_generic(name, places[code])
    return english


def above(code, places):
    """The prefecture or else the province that an area is part of."""
    wider = (code[:4] + "00", code[:2] + "0000")
    return next((area for area in wider if area in places and area != code), None)


def romanised(name):
    """As people say it: 湖里区 is Huli. To one syllable the generic belongs: 忠县 is Zhongxian."""
    proper = parted(name)[0]
    proper = PEOPLES.sub("", proper) or proper.removesuffix("族")  # 东乡族自治县 is Dongxiang
    length = len(name) if len(proper) == 1 else len(proper)
    first, *rest = lazy_pinyin(name, v_to_u=True)[:length]
    return first.capitalize() + "".join("'" + s if s[0] in "aeo" else s for s in rest)


def with_generic(short, name):
    generic = GENERICS.get(parted(name)[1], "")
    return short if short.endswith(generic) else f"{short} {generic}"


def parted(name):
    """湖里区 is 湖里 and 区. What has no known end is all of it proper."""
    for end in GENERICS:
        if name.endswith(end) and len(name) > len(end):
            proper = name.removesuffix(end)
            if len(end) == 1 or len(proper) > 1:
                return proper, end
    return name, ""


def read_english():
    with open(HERE / "names_en.csv", encoding="utf-8") as file:
        return {row["code"]: row["name_en"] for row in csv.DictReader(file)}


if __name__ == "__main__":
    if len(sys.argv) not in (1, 4):
        sys.exit(__doc__)
    if version("pypinyin") != PYPINYIN:
        sys.exit(f"this needs pypinyin {PYPINYIN}")
    load_single_dict({ord(sign): reading for sign, reading in IN_PLACES.items()})
    if len(sys.argv) == 4:
        main(*map(Path, sys.argv[1:]))
    else:
        rename()
