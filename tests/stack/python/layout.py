"""How a lake's files lie: compression, row groups, order, and whether the log's statistics are the files' own."""

import json
import sys
from datetime import datetime, timedelta

import pyarrow.compute as compute
import pyarrow.parquet

import delta_log

ROW_GROUP_ROWS_MOST = 1 << 20
SORTED_BY = ["topic", "partition", "offset"]
# Columns that must have bounds in the log wherever a file has values in them.
BOUNDED = {
    "ledger": {"topic", "partition", "offset", "record_time", "time", "kind", "outcome", "area"},
    "roster": {"area"},
    "rates": {"rate", "area", "as_of", "numerator", "denominator"},
}


def complaints(table, path, add):
    file = pyarrow.parquet.ParquetFile(path)
    yield from groups(file.metadata)
    data = file.read()
    if table == "ledger":
        keys = list(zip(*(data[name].to_pylist() for name in SORTED_BY)))
        if keys != sorted(keys):
            yield "is not sorted"
    yield from statistics(data, json.loads(add["stats"]), BOUNDED[table])


def groups(metadata):
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        if group.num_rows > ROW_GROUP_ROWS_MOST:
            yield f"row group {index} has {group.num_rows} rows"
        for column in map(group.column, range(group.num_columns)):
            if column.compression != "ZSTD":
                yield f"{column.path_in_schema} is compressed with {column.compression}"


def statistics(data, stats, bounded):
    if stats["numRecords"] != data.num_rows:
        yield f"numRecords {stats['numRecords']}, really {data.num_rows}"
    for name, nulls in stats["nullCount"].items():
        if nulls != data[name].null_count:
            yield f"nullCount of {name} {nulls}, really {data[name].null_count}"
    for name in bounded - set(stats["nullCount"]):
        yield f"no nullCount of {name}"
    for key, bound in [("minValues", "min"), ("maxValues", "max")]:
        for name in bounded | set(stats[key]):
            real = compute.min_max(data[name])[bound].as_py()
            told = stats[key].get(name)
            if isinstance(real, datetime) and told is not None:
                told = datetime.fromisoformat(told)
                # Milliseconds are as fine as the log has them: a bound lies outside what it is of, by less than one.
                outside = real - told if bound == "min" else told - real
                if timedelta(0) <= outside < timedelta(milliseconds=1):
                    continue
            if told != real and (told is not None or name in bounded):
                yield f"{key} of {name} {told}, really {real}"


found, files = [], 0
for pipeline, table, path in delta_log.tables(json.load(sys.stdin)["lake"]):
    for name, add in delta_log.read(path)[0].items():
        files += 1
        found += [f"{pipeline}/{table}/{name}: {what}" for what in complaints(table, path / name, add)]
json.dump({"files": files, "complaints": found}, sys.stdout)
