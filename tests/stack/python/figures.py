"""Rates computed in SQL: from a pipeline's roster, from its ledger as of a moment, or read from what it published.

A measure's `where` and `sum` are run as they are typed. Areas are rolled up by the digits of their codes.
"""

import csv
import json
import sys

import duckdb

import delta_log

question = json.load(sys.stdin)
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
measures = question["measures"]
slices = question["slices"]


def scan(table):
    paths = delta_log.paths(f"{question['lake']}/{question['pipeline']}/{table}")
    return f"read_parquet({paths}, hive_partitioning = false)"


def list_of(parts):
    return ", ".join(parts)


def season_of(time):
    """Seasons begin in August, in Shanghai, and are named by the year they end in."""
    return f"year(({time} AT TIME ZONE 'Asia/Shanghai') + INTERVAL 5 MONTH)"


def is_of_season(season):
    """Where seasons are told apart, only one of them counts."""
    return "true" if question["season"] is None else f"{season} = {question['season']}"


def state_as_of(moment):
    """One row an entity: the ledger's facts up to a moment, folded, and since when each measure has held."""
    connection.execute(f"CREATE TABLE fact AS {facts()}")
    connection.execute(f"CREATE TABLE walk AS {walk()}")
    until = f"(SELECT * FROM walk WHERE time <= TIMESTAMPTZ '{moment}')"
    # Each entity's walk falls into stretches that begin where the predicate is not true.
    stretches = list_of(
        f'count_if(("is_{name}") IS NOT TRUE) OVER by_time AS "stretch_{name}"' for name in measures
    )
    begins = list_of(
        f'min(CASE WHEN "is_{name}" THEN time END) OVER (PARTITION BY entity, "stretch_{name}") AS "since_{name}"'
        for name in measures
    )
    now = f"TIMESTAMPTZ '{moment}'"
    held = list_of(
        f'coalesce("is_{name}", false) AND "since_{name}" + to_seconds({measure["held_for"]}) <= {now} '
        f"{ends(name, measure['within'], now)} AS \"is_{name}\""
        for name, measure in measures.items()
    )
    names = list_of(f'"is_{name}"' for name in measures)
    return f"""
        WITH stretch AS (
            SELECT *, {stretches} FROM {until}
            WINDOW by_time AS (PARTITION BY entity ORDER BY time ROWS UNBOUNDED PRECEDING)
        ), since AS (SELECT *, {begins} FROM stretch),
        newest AS (SELECT * FROM since QUALIFY row_number() OVER (PARTITION BY entity ORDER BY time DESC) = 1)
        SELECT * EXCLUDE ({names}), {held} FROM newest
    """


def ends(name, within, now):
    """What counts only for a while does so no more when that is over."""
    return "" if within is None else f'AND "since_{name}" + to_seconds({within}) > {now}'


def facts():
    """The set of facts less what was retracted, each with the rank of its kind."""
    ranks = " ".join(f"WHEN '{kind['name']}' THEN {rank}" for rank, kind in enumerate(question["kinds"]))
    return f"""
        WITH fact AS (
            SELECT DISTINCT entity, kind, time, area, fields FROM {scan("ledger")}
            WHERE outcome = 'fact' AND {is_of_season(season_of("time"))}
        ),
        retraction AS (
            SELECT entity, kind, max(time) AS until FROM {scan("ledger")} WHERE outcome = 'retraction' GROUP BY ALL
        )
        SELECT fact.*, CASE kind {ranks} END AS rank FROM fact LEFT JOIN retraction USING (entity, kind)
        WHERE until IS NULL OR time > until
    """


def walk():
    """One row an entity and moment: the state after all facts of that moment, and what each predicate says of it."""
    columns = []
    for kind in question["kinds"]:
        name = kind["name"]
        columns.append(f"max(CASE WHEN kind = '{name}' THEN time END) OVER walk AS \"{name}_at\"")
        last = f"last_value(CASE WHEN kind = '{name}' THEN struct_pack(f := fields) END IGNORE NULLS) OVER walk"
        for field in kind["fields"]:
            value = f"json_extract_string(({last}).f, '$.{field['name']}')"
            columns.append(f"CAST({value} AS {field['type']}) AS \"{name}_{field['name']}\"")
        if kind["is_counted"]:
            columns.append(f"nullif(count_if(kind = '{name}') OVER walk, 0) AS \"{name}_count\"")
    return f"""
        WITH folded AS (
            SELECT entity, time, rank, last_value(area IGNORE NULLS) OVER walk AS area, {list_of(columns)},
                   row_number() OVER (PARTITION BY entity, time ORDER BY rank DESC, area DESC, fields DESC) AS place
            FROM fact
            WINDOW walk AS (PARTITION BY entity ORDER BY time, rank, area, fields ROWS UNBOUNDED PRECEDING)
        )
        SELECT *, {conditions()} FROM folded WHERE place = 1
    """


def conditions():
    of_measures = (f"({measure['where']}) AS \"is_{name}\"" for name, measure in measures.items())
    of_slices = (f"coalesce(({piece['where']}), false) AS slice_{index}" for index, piece in enumerate(slices))
    return list_of([*of_measures, *of_slices])


def roll_up():
    """Areas by code: the area itself, or where it went, and all above it; a grouping is the area above it."""
    with open(f"{question['areas']}/areas.csv", encoding="utf-8") as file:
        kinds = {row["code"]: row["kind"] for row in csv.DictReader(file)}
    with open(f"{question['areas']}/history.csv", encoding="utf-8") as file:
        went = {row["code"]: row["after"] for row in csv.DictReader(file) if row["after"]}
    added = question["added"]

    def is_area(code):
        return code == "100000" or kinds.get(code, "grouping") != "grouping"

    def line(code):
        if code in added:
            return [code, *line(added[code])]
        if code in went:
            return line(went[code])
        above = [code, code[:4] + "00", code[:2] + "0000", "100000"]
        return list(dict.fromkeys(filter(is_area, above)))

    def areas(text):
        code = (text or "").strip()
        named = next((name for name in (code, code[:9]) if name in added), None)
        if named:
            return line(named)
        if code.isascii() and code.isdigit() and len(code) in (2, 4, 6, 9, 12):
            code = code[:6].ljust(6, "0")
            if code in kinds or code == "100000":
                return line(code)
        return ["unassigned", "100000"]

    return areas


def total(name, condition):
    """How many a measure counts, or what it adds up, in last decimals."""
    measure = measures[name]
    of_these = f'FILTER ("is_{name}" AND {condition})'
    if measure["sum"] is None:
        return f"count(*) {of_these}"
    later, _, earlier = measure["sum"].partition(" - ")
    summed = f"(epoch({later}) - epoch({earlier}))" if earlier else later
    return f"CAST(coalesce(sum({summed}) {of_these}, 0) * {10 ** measure['scale']} AS BIGINT)"


def counted(state):
    """By area and slice: what each measure counts or adds up."""
    connection.execute(f"CREATE TABLE state AS {state}")
    areas, counts = roll_up(), {}
    for index in [None, *range(len(slices))]:
        condition = "true" if index is None else f"slice_{index}"
        sums = list_of(total(name, condition) for name in measures)
        for area, *numbers in connection.execute(f"SELECT area, {sums} FROM state GROUP BY area").fetchall():
            for above in areas(area):
                known = counts.setdefault((above, index), dict.fromkeys(measures, 0))
                for name, number in zip(measures, numbers):
                    known[name] += number
    return counts


def level_of(area):
    if area in ("100000", "unassigned"):
        return "country"
    if area in question["added"]:
        return "township"
    return "province" if area.endswith("0000") else "prefecture" if area.endswith("00") else "county"


LEVELS = ["country", "province", "prefecture", "county", "township"]


class Rates:
    """What the rates say of the counts."""

    def __init__(self, counts):
        self.counts = counts
        self.by_name = {rate["name"]: rate for rate in question["rates"]}
        self.line = roll_up()

    def combination(self, terms, place):
        numbers = self.counts.get(place, {})
        return sum(sign * numbers.get(name, 0) for sign, name in terms)

    def quotient(self, quotient, place):
        below = quotient["denominator"]
        return self.combination(quotient["numerator"], place), self.combination(below, place) if below else 0

    def figure(self, rate, place):
        """Numerator and denominator in last decimals; zeros where there is nothing to say."""
        formula = rate["formula"]
        if "across" in formula:
            return 0, 0  # whoever asks lays the figures of two pipelines one over the other
        if "index" in formula:
            parts = [(weight, *self.figure(self.by_name[name], place)) for name, weight in formula["index"]]
            if any(below == 0 for _, _, below in parts):
                return 0, 0
            names = [self.by_name[name]["scales"] for name, _ in formula["index"]]
            ratios = [
                weight * above / below * 10.0 ** (below_scale - above_scale)
                for (weight, above, below), (above_scale, below_scale) in zip(parts, names)
            ]
            return round(100 * sum(ratios) * 10 ** rate["scales"][0]), 0
        if "open" in formula:
            ever = self.combination(formula["ever"], place) > 0
            return int(ever and self.combination(formula["open"], place) == 0), int(ever)
        above, below = self.quotient(formula["counted"], place)
        area, index = place
        for reporting in formula["areas"] or []:
            if reporting in self.line(area):
                return self.quotient(formula["reported"], place)
            if area in self.line(reporting):
                there = (reporting, index)
                reported, told = self.quotient(formula["reported"], there), self.quotient(formula["counted"], there)
                above, below = above + reported[0] - told[0], below + reported[1] - told[1]
        return above, below


def as_shown(number, scale):
    return number if scale == 0 else number / 10**scale


def figures(state):
    rates = Rates(counted(state))
    for area, index in rates.counts:
        piece = {"dimension": None, "value": None} if index is None else slices[index]
        for rate in question["rates"]:
            if index is not None and (
                piece["dimension"] not in rate["by"]
                or LEVELS.index(level_of(area)) > LEVELS.index(piece["down_to"])
            ):
                continue
            above, below = rates.figure(rate, (area, index))
            yield (rate["name"], area, piece["dimension"], piece["value"], above, below)


def published():
    """What the rates table says last of every figure."""
    last = "row_number() OVER (PARTITION BY rate, area, dimension, value ORDER BY as_of DESC, ledger_version DESC, published_at DESC) = 1"
    return connection.execute(
        f"SELECT rate, area, dimension, value, numerator, denominator FROM {scan('rates')} QUALIFY {last}"
    ).fetchall()


def shown(figure):
    """As `chunfeng rates` shows it: with its decimals."""
    rate, *place, above, below = figure
    above_scale, below_scale = scales[rate]
    return [rate, *place, as_shown(above, above_scale), as_shown(below, below_scale)]


scales = {rate["name"]: rate["scales"] for rate in question["rates"]}


match question["from"]:
    case "roster":
        found = figures(f"SELECT *, {conditions()} FROM {scan('roster')} WHERE {is_of_season('season')}")
    case "ledger":
        found = figures(state_as_of(question["as_of"]))
    case "rates":
        found = published()
somebody = [shown(figure) for figure in found if figure[4:] != (0, 0)]
json.dump(sorted(somebody, key=str), sys.stdout)
