"""A plain reading of a Delta table's log: JSON commits and Parquet checkpoints, and nothing of delta-rs."""

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pyarrow.parquet


def read(table):
    """The active files by path, each with its `add` action, and the application transactions by id."""
    log = Path(table) / "_delta_log"
    files, transactions = {}, {}
    for actions in [*checkpoint(log), *commits(log)]:
        for action in actions:
            if remove := action.get("remove"):
                files.pop(unquote(remove["path"]), None)
            if add := action.get("add"):
                files[unquote(add["path"])] = add
            if transaction := action.get("txn"):
                transactions[transaction["appId"]] = transaction["version"]
    return files, transactions


def last_checkpoint(log):
    """The version of the newest checkpoint; -1 where there is none."""
    versions = [int(path.name[:20]) for path in log.glob("*.checkpoint.parquet")]
    return max(versions, default=-1)


def checkpoint(log):
    version = last_checkpoint(log)
    if version < 0:
        return []
    return [pyarrow.parquet.read_table(log / f"{version:020}.checkpoint.parquet").to_pylist()]


def commits(log):
    """The commits behind the newest checkpoint, oldest first. Within one, removals come before additions."""
    behind = last_checkpoint(log)
    for path in sorted(log.iterdir()):
        if re.fullmatch(r"\d{20}\.json", path.name) and int(path.stem) > behind:
            actions = [json.loads(line) for line in path.read_text().splitlines()]
            yield sorted(actions, key=lambda action: "remove" not in action)


def paths(table):
    """The active files' full paths."""
    return [str(Path(table) / path) for path in sorted(read(table)[0])]


def tables(lake):
    """Every table of a lake, as (pipeline, table, path)."""
    for log in sorted(Path(lake).glob("*/*/_delta_log")):
        yield log.parent.parent.name, log.parent.name, log.parent
