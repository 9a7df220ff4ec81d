"""Rates computed in SQL: from a pipeline's roster, from its ledger as of a moment, or read from what it published.

A measure's `where` is run as it is typed. Areas are rolled up by the digits of their codes.
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


def state_as_of(moment):
    """One row an entity: the ledger's facts up to a moment, folded, and since when each measure has held."""
    connection.execute(f"CREATE TABLE fact AS {facts()}")
    connection.execute(f"CREATE TABLE walk AS {walk()}")
    until = f"(SELECT * FROM walk WHERE time <= TIMESTAMPTZ '{moment}')"
    # Each entity's walk falls into stretches that begin where the predicate is not true.
    stretches = list_of(
        f'count_if(("{name}") IS NOT TRUE) OVER by_time AS "stretch_{name}"' for name in measures
    )
    begins = list_of(
        f'min(CASE WHEN "{name}" THEN time END) OVER (PARTITION BY entity, "stretch_{name}") AS "since_{name}"'
        for name in measures
    )
    now = f"TIMESTAMPTZ '{moment}'"
    held = list_of(
        f'coalesce("{name}", false) AND "since_{name}" + to_seconds({measure["held_for"]}) <= {now} '
        f"{ends(name, measure['within'], now)} AS \"{name}\""
        for name, measure in measures.items()
    )
    names = list_of(f'"{name}"' for name in measures)
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
        WITH fact AS (SELECT DISTINCT entity, kind, time, area, fields FROM {scan("ledger")} WHERE outcome = 'fact'),
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
    of_measures = (f"({measure['where']}) AS \"{name}\"" for name, measure in measures.items())
    of_slices = (f"coalesce(({piece['where']}), false) AS slice_{index}" for index, piece in enumerate(slices))
    return list_of([*of_measures, *of_slices])


def roll_up():
    """Areas by code: the area itself and all above it; a grouping is the area above it."""
    with open(question["areas"], encoding="utf-8") as file:
        kinds = {row["code"]: row["kind"] for row in csv.DictReader(file)}

    def is_area(code):
        return code == "100000" or kinds.get(code, "grouping") != "grouping"

    def line(code):
        above = [code, code[:4] + "00", code[:2] + "0000", "100000"]
        return list(dict.fromkeys(filter(is_area, above)))

    def areas(text):
        code = (text or "").strip()
        if code.isascii() and code.isdigit() and len(code) in (2, 4, 6, 9, 12):
            code = code[:6].ljust(6, "0")
            if code in kinds or code == "100000":
                return line(code)
        return ["unassigned", "100000"]

    return areas


def counted(state):
    """By area and slice: how many entities each measure counts."""
    connection.execute(f"CREATE TABLE state AS {state}")
    areas, counts = roll_up(), {}
    for index in [None, *range(len(slices))]:
        condition = "true" if index is None else f"slice_{index}"
        sums = list_of(f'count_if("{name}" AND {condition})' for name in measures)
        for area, *numbers in connection.execute(f"SELECT area, {sums} FROM state GROUP BY area").fetchall():
            for above in areas(area):
                known = counts.setdefault((above, index), [0] * len(measures))
                counts[above, index] = [a + b for a, b in zip(known, numbers)]
    return counts


def figures(state):
    order = list(measures)
    for (area, index), numbers in counted(state).items():
        piece = {"dimension": None, "value": None} if index is None else slices[index]
        for rate in question["rates"]:
            if index is not None and piece["dimension"] not in rate["by"]:
                continue
            numerator = numbers[order.index(rate["numerator"])]
            denominator = numbers[order.index(rate["denominator"])] if rate["denominator"] else 0
            yield rate["name"], area, piece["dimension"], piece["value"], numerator, denominator


def published():
    """What the rates table says last of every figure."""
    last = "row_number() OVER (PARTITION BY rate, area, dimension, value ORDER BY as_of DESC, ledger_version DESC) = 1"
    return connection.execute(
        f"SELECT rate, area, dimension, value, numerator, denominator FROM {scan('rates')} QUALIFY {last}"
    ).fetchall()


match question["from"]:
    case "roster":
        found = figures(f"SELECT area, {conditions()} FROM {scan('roster')}")
    case "ledger":
        found = figures(state_as_of(question["as_of"]))
    case "rates":
        found = published()
somebody = [figure for figure in found if figure[4:] != (0, 0)]
json.dump(sorted(somebody, key=str), sys.stdout)
