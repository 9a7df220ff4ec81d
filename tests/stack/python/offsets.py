"""What a ledger holds of each Kafka partition, beside the offsets that the same commits carry."""

import json
import sys

import duckdb

import delta_log

table = json.load(sys.stdin)["table"]
_, transactions = delta_log.read(table)
found = duckdb.execute(
    """
    SELECT topic, partition, count(*) AS rows, count(DISTINCT "offset") AS "distinct",
           min("offset") AS least, max("offset") AS greatest
    FROM read_parquet(?) GROUP BY ALL ORDER BY ALL
    """,
    [delta_log.paths(table)],
)
names = [column[0] for column in found.description]
partitions = [dict(zip(names, row)) for row in found.fetchall()]
for partition in partitions:
    suffix = f"/{partition['topic']}/{partition['partition']}"
    [partition["next"]] = [version for app, version in transactions.items() if app.endswith(suffix)]
json.dump({"rows": sum(p["rows"] for p in partitions), "partitions": partitions}, sys.stdout)
