"""Work that waits, as a download does: how near each side comes to rows x wait / concurrency, after its start-up."""

import dataclasses
import statistics
import sys

import stopwatch
import tables
from outside import Coprocesses, Handlers, PythonThreads, RubyThreads

MILLISECONDS = 20


@dataclasses.dataclass
class Waits:
    """One kind of work at one concurrency, and what came of it on each side."""

    name: str
    concurrency: int
    ours: object                 # (bench, table, concurrency, milliseconds) -> a side
    peers: tuple = ()            # likewise
    milliseconds: int = MILLISECONDS
    rows: int = None             # none: the bench's waiting_rows
    goal: float = None           # at most so many times the ideal
    most_megabytes: float = None
    ratios: dict = dataclasses.field(default_factory=dict)  # by side: a list of one for each round
    megabytes: float = None
    faults: list = dataclasses.field(default_factory=list)

    @property
    def ideal(self):
        return self.rows * self.milliseconds / 1000 / self.concurrency

    def ratio(self, side):
        return statistics.median(self.ratios[side]) if self.ratios.get(side) else None

    @property
    def verdict(self):
        if self.faults:
            return "FAILED"
        ratio = self.ratio("rowmill")
        if ratio is None or (self.goal is None and self.most_megabytes is None):
            return ""
        slow = self.goal is not None and ratio > self.goal
        large = self.most_megabytes is not None and self.megabytes >= self.most_megabytes
        return "missed" if slow or large else "ok"


def of(bench):
    """All cases, in the order they run in."""
    peers = (RubyThreads, PythonThreads)
    found = [Waits(f"handlers-{n}", n, Handlers, peers, goal=1.05) for n in (8, 64, 256)]
    found.append(Waits("coprocesses-64", 64, Coprocesses, goal=1.1))
    found.append(Waits("coroutines-10000", 10_000, coroutines, milliseconds=1000, rows=bench.coroutine_rows,
                       most_megabytes=150))
    for waits in found:
        waits.rows = waits.rows or bench.waiting_rows
    return found


def coroutines(bench, table, concurrency, milliseconds):
    return Handlers(bench, table, concurrency, milliseconds, job="waits-in-coroutines")


def measure(bench, cases):
    """The table is called `waits`, which the library's program has been compiled to read."""
    for case in cases:
        sides = [] if bench.peers_only else [case.ours]
        sides = [make(bench, "waits", case.concurrency, case.milliseconds) for make in (*sides, *case.peers)]
        for side in sides:
            if absent := side.missing():
                print(f"{case.name}: {absent}", file=sys.stderr)
                if side.name == "rowmill":
                    case.faults.append(absent)
                continue
            try:
                take(bench, case, side)
            except stopwatch.Failed as fault:
                case.faults.append(f"{side.name}: {fault}")
                print(f"{case.name}: {fault}", file=sys.stderr)
    return cases


def take(bench, case, side):
    """All rounds of one side. Its start-up is what it takes for one row, but for the row's own wait."""
    tables.anew(bench.server, "waits", 1)
    one = [run(bench, side, 1).wall_seconds for _ in range(3)]
    startup = statistics.median(one) - case.milliseconds / 1000
    tables.anew(bench.server, "waits", case.rows)
    for turn in range(bench.waiting_rounds):
        measured = run(bench, side, case.rows)
        ratio = (measured.wall_seconds - startup) / case.ideal
        case.ratios.setdefault(side.name, []).append(ratio)
        if side.name == "rowmill":
            case.megabytes = max(case.megabytes or 0, measured.peak_kilobytes / 1024)
        print(f"{case.name}: round {turn + 1} of {bench.waiting_rounds}, {side.name}: {ratio:.3f} of the ideal time "
              f"({case.ideal:.2f} s), start-up {startup:.2f} s", file=sys.stderr)


def run(bench, side, rows):
    measured = stopwatch.run(str(bench.stopwatch), side.command(), side.environment())
    done = side.rows(measured.output)
    if done != rows:
        raise stopwatch.Failed(f"{side.name} says {done} of {rows} rows")
    return measured
