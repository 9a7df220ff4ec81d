"""Return rates in Pathway, to the end of the topic: usage: returns.py BOOTSTRAP GROUP STATE TOPIC

As its guide advises, all that is done for an event are expressions that its engine (Rust) evaluates; Python only says which.
Its free edition promises at-least-once; it is run without persistence, which costs it less than the others spend.
"""

import sys

import pathway as pw

BOOTSTRAP, GROUP, STATE, TOPIC = sys.argv[1:]
NEVER = -1
DEPARTED, LEFT, RETURNED, STAYED = (f"cn.hr.worker.{kind}.v1" for kind in ("departed", "left", "returned", "stayed"))
CALLED_OFF = "cn.hr.worker.return-cancelled.v1"


class Event(pw.Schema):
    type: str
    subject: str
    time: str
    area: str | None = pw.column_definition(default_value=None)
    mode: str | None = pw.column_definition(default_value=None)


def main():
    events = pw.io.kafka.read(
        {"bootstrap.servers": BOOTSTRAP, "group.id": GROUP, "auto.offset.reset": "earliest", "enable.auto.commit": "false"},
        topic=TOPIC,
        schema=Event,
        format="json",
        json_field_paths={"area": "/data/area", "mode": "/data/mode"},
        mode="static",
    )
    at = pw.this.time.dt.strptime("%Y-%m-%dT%H:%M:%S%z").dt.timestamp(unit="s")
    facts = events.select(pw.this.subject, pw.this.type, pw.this.area, pw.this.mode, at=pw.cast(int, at))

    def latest(kind, *what):
        """When the last fact of a kind was, and what it said."""
        nothing = pw.make_tuple(NEVER, *("" for _ in what))
        told = pw.make_tuple(pw.this.at, *(pw.coalesce(pw.this[name], "") for name in what))
        return pw.reducers.max(pw.if_else(pw.this.type == kind, told, nothing))

    workers = facts.groupby(pw.this.subject).reduce(
        departed=latest(DEPARTED, "area"),
        left=latest(LEFT, "area"),
        returned=latest(RETURNED, "area", "mode"),
        called_off=latest(CALLED_OFF),
        stayed=latest(STAYED, "area"),
    )
    # A return that was called off never was, nor any before it.
    stands = pw.this.returned[0] > pw.this.called_off[0]
    workers = workers.with_columns(
        returned_at=pw.if_else(stands, pw.this.returned[0], NEVER),
        mode=pw.if_else(stands, pw.this.returned[2], ""),
    )
    # By time, then by kind in the order of their names.
    last = pw.make_tuple(NEVER, 0, "")
    for rank, (name, stands) in enumerate(
        [("departed", True), ("left", True), ("returned", pw.this.returned_at >= 0), ("stayed", True)]
    ):
        fact = pw.this[name]
        told = pw.make_tuple(pw.if_else((fact[1] != "") & stands, fact[0], NEVER), rank, fact[1])
        last = pw.if_else(told > last, told, last)
    workers = workers.with_columns(area=last[2]).filter(pw.this.departed[0] >= 0)
    is_back = (pw.this.returned_at >= pw.this.departed[0]) & (pw.this.left[0] < pw.this.returned_at)
    cells = workers.select(pw.this.area, pw.this.mode, back=pw.cast(int, is_back))
    cells = cells.groupby(pw.this.area, pw.this.mode).reduce(
        pw.this.area, pw.this.mode, departed=pw.reducers.count(), returned=pw.reducers.sum(pw.this.back)
    )
    told = {}

    def on_change(key, row, time, is_addition):
        if is_addition:
            told[row["area"], row["mode"]] = (row["departed"], row["returned"])

    pw.io.subscribe(cells, on_change)
    pw.run(monitoring_level=pw.MonitoringLevel.NONE)
    for (area, mode), counts in told.items():
        for measure, level in zip(("departed", "returned"), counts):
            print(f"{measure}/{area[:6]}/ {level}")
            if mode:
                print(f"{measure}/{area[:6]}/{mode} {level}")
    print("end", flush=True)
    sys.stdin.read()


main()
