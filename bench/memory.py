"""Whether rowmill's memory depends on the size of the table."""

import dataclasses
import sys

import stopwatch
import tables
from sides import Rowmill

MOST_MEGABYTES = 40
MOST_GROWTH = 1.10


@dataclasses.dataclass
class Growth:
    name: str
    rows: tuple
    megabytes: tuple = None
    fault: str = None

    @property
    def ratio(self):
        return self.megabytes[1] / self.megabytes[0] if self.megabytes else None

    @property
    def verdict(self):
        if self.fault:
            return "FAILED"
        steady = 1 / MOST_GROWTH <= self.ratio <= MOST_GROWTH
        return "ok" if steady and max(self.megabytes) < MOST_MEGABYTES else "missed"


STATEMENTS = {"memory-read": None, "memory-range": "UPDATE {} SET n = n + 1 WHERE :range",
              "memory-rows": "UPDATE {} SET n = n + 1 WHERE id = :id"}


def measure(bench, names):
    """The peak memory of each kind of work over a small and a large table."""
    for table, rows in zip(("small", "large"), bench.memory_rows):
        tables.dense(bench.server, table, rows)
    return [grow(bench, name) for name in names]


def grow(bench, name):
    result = Growth(name, tuple(bench.memory_rows))
    statement = STATEMENTS[name]
    try:
        peaks = []
        for table in ("small", "large"):
            side = Rowmill(bench, table, statement and statement.format(table))
            measured = stopwatch.run(str(bench.stopwatch), side.command(), side.environment())
            peaks.append(measured.peak_kilobytes / 1024)
            print(f"{name}: {table} table, {peaks[-1]:.1f} MB at most", file=sys.stderr)
        result.megabytes = tuple(peaks)
    except stopwatch.Failed as fault:
        result.fault = str(fault)
        print(f"{name}: {fault}", file=sys.stderr)
    return result
