#!/usr/bin/env python3
"""Rebuilds history.csv from a history of the ministry's lists; README.md beside it says which and how.

usage: make_history.py AREACODES    (a copy of the repository)
"""

import csv
import json
import re
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent
FIRST_LIST = 2002  # what was there by then was always there, as far as areas.csv goes
DIGITS = "〇一二三四五六七八九"
# The day a change was made known, where we know it: before, nobody could report by it. (浙政发〔2021〕7号; 莱芜 in 2019)
MADE_KNOWN = {"330103": "2021-04-09", "330104": "2021-04-09", "330113": "2021-04-09", "330114": "2021-04-09"}
MADE_KNOWN |= {code: "2019-01-09" for code in ("371200", "371202", "371203", "370116", "370117")}
# What some list had by mistake, or the history had no more when our table begins: where it counts, without a day.
ELSEWHERE = {
    "139001": "130682",  # 定州
    "139002": "130181",  # 辛集
    "220604": "220605",  # 江源
    "232702": "232762",  # 松岭
    "232703": "232763",  # 新林
    "232704": "232764",  # 呼中
    "370903": "370911",  # 岱岳
    "410881": "419001",  # 济源
    "469034": "469028",  # 陵水
    "469035": "469029",  # 保亭
    "469036": "469030",  # 琼中
    "469037": "460321",  # 西沙群岛
    "469038": "460322",  # 南沙群岛
    "469039": "460323",  # 中沙群岛
    "510123": "510115",  # 温江
}
# What was divided and went for the most part to one of its successors, under another name.
FOR_THE_MOST_PART = {
    "330104": "330102",  # 江干: 上城
    "330621": "330603",  # 绍兴县: 柯桥
    "511521": "511504",  # 宜宾县: 叙州
    "511721": "511703",  # 达县: 达川
    "520321": "520304",  # 遵义县: 播州
    "610321": "610304",  # 宝鸡县: 陈仓
}


def main(areacodes):
    places, records = read_places(), read_records(areacodes)
    arrivals, departures = defaultdict(list), defaultdict(list)  # by code: the changes by which ground came and went
    for code, past in records.items():
        for change in (change | {"of": code} for record in past for change in record["moves"]):
            arrivals[change["code"]].append(change)
            departures[code].append(change)

    rows = {code: ["", "", "", after] for code, after in ELSEWHERE.items()}
    for code in places.keys() & records.keys():
        born, gone = lifetime(records[code])
        came = [change for change in arrivals[code] if change["year"] == born and change["of"] != code]
        went = [change for change in departures[code] if change["year"] == gone and change["code"] != code]
        if code.endswith("00"):
            came = came or as_its_counties(code, "of", born, arrivals)
            went = went or as_its_counties(code, "code", gone, departures)
        before = whole(code, [change["of"] for change in came], places)
        after = whole(code, [change["code"] for change in went], places)
        if before or after:
            since, until = before and day(code, born, came), after and day(code, gone, went)
            rows[code] = [since, until, before, after]
    with open(HERE / "history.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "from", "until", "before", "after"])
        out.writerows([code, *rows[code]] for code in sorted(rows))


def read_places():
    with open(HERE / "areas.csv", encoding="utf-8") as file:
        return {row["code"]: row for row in csv.DictReader(file) if row["kind"] != "grouping"}


def read_records(areacodes):
    """Every record of every code, the older first, with the days of its changes."""
    history = json.loads((areacodes / "codes.json").read_text("utf-8"))
    records = defaultdict(list)

    def walk(items):
        for item in items:
            end = item.get("end")
            moves = [
                {"code": str(to["code"]), "year": to.get("time", end), "what": to["desc"]}
                for to in item.get("succ", [])
            ]
            for move in moves:
                move["day"] = decided(history["descriptions"][str(move["year"])][move["what"]], move["year"])
            records[str(item["code"])].append({"start": item["start"], "end": end, "moves": moves})
            walk(item.get("children", []))

    walk(history["items"])
    for of_code in records.values():
        of_code.sort(key=lambda record: record["start"])
    return records


def lifetime(records):
    """The year of the list that has a code first, and of the one that no more has it: only those after FIRST_LIST."""
    born = min((r["start"] for r in records if (r["end"] or 9999) > FIRST_LIST), default=0)
    gone = max(r["end"] or 9999 for r in records)
    return (born if born > FIRST_LIST else None), (gone if FIRST_LIST < gone < 9999 else None)


def as_its_counties(prefecture, end, year, changes):
    """How a prefecture itself came or went: as the counties in it did, each seen as its prefecture."""
    moves = [move for code in changes if code[:4] == prefecture[:4] for move in changes[code]]
    return [
        move | {end: move[end][:4] + "00"}
        for move in moves
        if move["year"] == year and move[end][:4] != prefecture[:4]
    ]


def whole(code, others, places):
    """One area for several: the only one, the one of that name, the one we know, or the smallest that has them all."""
    others = sorted(set(others) & places.keys())
    if len(others) < 2:
        return "".join(others)
    namesakes = [other for other in others if stem(places, other) == stem(places, code)]
    if len(namesakes) == 1:
        return namesakes[0]
    if FOR_THE_MOST_PART.get(code) in others:
        return FOR_THE_MOST_PART[code]
    shared = {other[:4] for other in others}
    prefecture = shared.pop() + "00"
    return prefecture if not shared and prefecture in places else code[:2] + "0000"


def stem(places, code):
    name = places[code]["name_zh"] if code in places else ""
    return re.sub("(?<=..)(地区|自治县|县|市|区|盟)$", "", name)


def day(code, year, moves):
    """The day of a change, or only its year where its record has none."""
    days = [move["day"] for move in moves if move["day"]]
    return MADE_KNOWN.get(code) or max(days, default=str(year))


def decided(record, year):
    """The first day that the record of a change names, in Arabic or Chinese numerals, and of about that year."""
    number = r"([\d〇○零一二三四五六七八九十]+)"
    for found in re.finditer(f"{number}年{number}月{number}日", record):
        parts = [numeral(part) for part in found.groups()]
        if abs(parts[0] - year) <= 1:
            return "%04d-%02d-%02d" % tuple(parts)
    return None


def numeral(text):
    text = text.replace("○", "〇").replace("零", "〇")
    if text.isascii():
        return int(text)
    if "十" in text:
        tens, ones = text.split("十")
        return (DIGITS.index(tens) if tens else 1) * 10 + (DIGITS.index(ones) if ones else 0)
    return int("".join(str(DIGITS.index(digit)) for digit in text))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
