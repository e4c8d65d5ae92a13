"""What leases, control and progress cost beside the work.

The difference that they make to the time of a run is smaller than what two runs of the same kind differ by. So what they use is
measured while nothing else is done: a run that a flag file holds back renews its lease, looks for orders, reports and takes its
snapshots as any other. The processor time of rowmill and of the server for each second of that is set against what both use in a second
of the `:range` row's work."""

import os
import pathlib
import sys

import stopwatch
import tables
from figures import Figure
from sides import Rowmill

TABLE = "held"
SHORT, LONG = 2, 22  # seconds; the short one tells what it costs to start and to end


def of(bench):
    return [Figure("housekeeping", "processor time of leases, control and progress, as a share of that of :range", 0.02,
                   more_is_better=False, form=".2%")]


def measure(bench, figure):
    try:
        tables.anew(bench.server, TABLE, bench.rows)
        side = Rowmill(bench, TABLE, f"UPDATE {TABLE} SET n = n + 1 WHERE :range")
        flag = pathlib.Path(bench.server.folder) / "held"
        for turn in range(bench.waiting_rounds):
            working, seconds = used(bench, side, [])
            flag.touch()
            held = [used(bench, side, ["--flag-file", str(flag), "--restart", "--yes", "--run-time", f"{time}s"], 4)
                    for time in (SHORT, LONG)]
            flag.unlink()
            idle = (held[1][0] - held[0][0]) / (held[1][1] - held[0][1])
            figure.values.append(idle / (working / seconds))
            print(f"{figure.name}: round {turn + 1} of {bench.waiting_rounds}: {working / seconds:.3f} s of processor time a "
                  f"second at work, {idle * 1000:.2f} ms a second held back", file=sys.stderr)
    except stopwatch.Failed as fault:
        figure.fault = str(fault)
        print(f"{figure.name}: {fault}", file=sys.stderr)


def used(bench, side, flags, exit_code=0):
    """Processor seconds of rowmill and of the server, and how long it took."""
    before = processor_seconds(bench.server.pid())
    measured = stopwatch.run(str(bench.stopwatch), [*side.command(), *flags], side.environment(), exit_code=exit_code)
    return measured.cpu_seconds + processor_seconds(bench.server.pid()) - before, measured.wall_seconds


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
