"""How much each reader finds in each table of a lake: rows, and by column how many values and their sum."""

import json
import sys

import deltalake
import duckdb
import polars
import pyarrow
import pyarrow.compute as compute
import pyarrow.parquet

import delta_log

# Texts and bytes are summed as their lengths, times as whole seconds, ratios as whole millionths, decimals as last ones.
SQL = {
    "BIGINT": '"{}"', "INTEGER": '"{}"', "BOOLEAN": 'CAST("{}" AS BIGINT)', "VARCHAR": 'length("{}")',
    "BLOB": 'octet_length("{}")', "DOUBLE": 'CAST(floor("{}" * 1e6) AS BIGINT)',
    "TIMESTAMP WITH TIME ZONE": 'epoch_us("{}") // 1000000',
}


def summed_by_duckdb(kind):
    if kind.startswith("DECIMAL"):
        scale = int(kind.rstrip(")").split(",")[1])
        return f'CAST("{{}}" * {10**scale} AS BIGINT)'
    return SQL[kind]


def by_duckdb(table):
    scan = f"read_parquet({delta_log.paths(table)}, hive_partitioning = false)"
    columns = {name: summed_by_duckdb(kind) for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM {scan}").fetchall()}
    sums = (f'count("{name}"), coalesce(sum({term.format(name)}), 0)' for name, term in columns.items())
    [[rows, *sums]] = duckdb.sql(f"SELECT count(*), {', '.join(sums)} FROM {scan}").fetchall()
    return {"rows": rows, **{name: [sums.pop(0), int(sums.pop(0))] for name in columns}}


def summed_by_pyarrow(table):
    return {"rows": table.num_rows, **{name: arrow_sum(table[name]) for name in table.column_names if name != "dt"}}


def arrow_sum(column):
    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        return arrow_sum(column.cast(kind.value_type))
    if pyarrow.types.is_decimal(kind):
        total = compute.sum(column).as_py() or 0
        return [len(column) - column.null_count, int(total * 10**kind.scale)]
    if pyarrow.types.is_timestamp(kind):
        numbers = compute.divide(column.cast(pyarrow.timestamp("us", kind.tz)).cast("int64"), 1_000_000)
    elif pyarrow.types.is_floating(kind):
        numbers = compute.floor(compute.multiply(column, 1e6)).cast("int64")
    elif pyarrow.types.is_integer(kind) or pyarrow.types.is_boolean(kind):
        numbers = column.cast("int64")
    elif pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind) or kind == pyarrow.string_view():
        numbers = compute.utf8_length(column.cast("string"))
    else:
        numbers = compute.binary_length(column.cast("binary"))
    return [len(column) - column.null_count, compute.sum(numbers).as_py() or 0]


def by_pyarrow(table):
    tables = [pyarrow.parquet.ParquetFile(path).read() for path in delta_log.paths(table)]
    return summed_by_pyarrow(pyarrow.concat_tables(tables))


def by_deltalake(table):
    return summed_by_pyarrow(pyarrow.table(deltalake.DeltaTable(table).to_pyarrow_table()))


def by_polars(table):
    frame = polars.scan_delta(str(table)).drop("dt", strict=False).collect()
    return {"rows": frame.height, **{column.name: polars_sum(column) for column in frame}}


def polars_sum(column):
    kind = column.dtype
    if kind == polars.Decimal:
        return [column.len() - column.null_count(), int((column.sum() or 0) * 10**kind.scale)]
    if kind == polars.Datetime:
        numbers = column.dt.epoch("s")
    elif kind == polars.Float64:
        numbers = (column * 1e6).floor().cast(polars.Int64)
    elif kind == polars.String:
        numbers = column.str.len_chars()
    elif kind == polars.Binary:
        numbers = column.bin.size()
    else:
        numbers = column
    return [column.len() - column.null_count(), int(numbers.cast(polars.Int64).sum())]


READERS = {"duckdb": by_duckdb, "pyarrow": by_pyarrow, "deltalake": by_deltalake, "polars": by_polars}



def answer(table):
    # Without files only a reader that knows the log knows the columns.
    readers = READERS if delta_log.paths(table) else {"deltalake": by_deltalake, "polars": by_polars}
    found = {reader: read(table) for reader, read in readers.items()}
    return {"checkpoint": delta_log.last_checkpoint(table / "_delta_log"), "found": found}


answers = {f"{pipeline}/{name}": answer(path) for pipeline, name, path in delta_log.tables(json.load(sys.stdin)["lake"])}
json.dump(answers, sys.stdout)
