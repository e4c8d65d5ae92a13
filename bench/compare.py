"""Runs both sides of a case in turn and compares their medians."""

import statistics
import sys
import time

import stopwatch
import tables
from sides import Rowmill


class Comparison:
    """What came of a case: the measures of both sides, or why there are none."""

    def __init__(self, case):
        self.case = case
        self.ours, self.theirs = [], []
        self.absent = case.theirs.missing()
        self.fault = None

    def rate(self, measures):
        return self.case.rows / statistics.median(m.wall_seconds for m in measures) if measures else None

    @property
    def ratio(self):
        return self.rate(self.ours) / self.rate(self.theirs) if self.ours and self.theirs else None

    @property
    def verdict(self):
        if self.fault:
            return "FAILED"
        if self.case.goal is None or self.ratio is None:
            return ""
        return "ok" if self.ratio >= self.case.goal else "missed"


def take(bench, case, side):
    """One run of one side; throws Failed where it did not do the whole work."""
    before = case.prepare(bench.server)
    measured = stopwatch.run(str(bench.stopwatch), side.command(), side.environment())
    rows = side.rows(measured.output)
    wrong = case.check(bench.server, before)
    if rows != case.rows or wrong:
        raise stopwatch.Failed(f"{side.name} says {rows} of {case.rows} rows; {wrong or 'the table is right'}")
    return measured


def compare(bench, case):
    """A B A B …: what else the machine does meanwhile falls on both sides alike."""
    result = Comparison(case)
    sides = [] if bench.peers_only else [(case.ours, result.ours)]
    if result.absent is None:
        sides.append((case.theirs, result.theirs))
    try:
        for turn in range(bench.rounds):
            for side, measures in sides:
                measures.append(take(bench, case, side))
                rate = case.rows / measures[-1].wall_seconds
                print(f"{case.name}: round {turn + 1} of {bench.rounds}, {side.name}: {rate:,.0f} rows/s",
                      file=sys.stderr)
    except stopwatch.Failed as fault:
        result.fault = str(fault)
        print(f"{case.name}: {fault}", file=sys.stderr)
    return result


def startup(bench):
    """Seconds that rowmill takes where there is nothing to do; None where it can't be told."""
    tables.dense(bench.server, "one", 1)
    side = Rowmill(bench, "one")

    def once():
        # As far from the run before as the runs of a case are: the server renews its list of open transactions ten times a
        # second, and a run that finds an old one waits for the next.
        time.sleep(0.2)
        return stopwatch.run(str(bench.stopwatch), side.command(), side.environment()).wall_seconds

    try:
        return statistics.median(once() for _ in range(5))
    except stopwatch.Failed as fault:
        print(f"a table of one row: {fault}", file=sys.stderr)
        return None
