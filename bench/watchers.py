"""What a thousand subscribers of a run's events get, and what they cost it.

A run of work that waits serves its page; `bench-watchers` follows it over a thousand connections, and over one more that asks and never
reads. Every one must get the end, and the silent one must be dropped. What they take from the run is measured twice: as time, beside the
same run without a page; and, because two runs differ by more than that, as rowmill's processor time while a flag file holds the run back:
a run loses at most so much of one processor."""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import stopwatch
import tables
from figures import Figure
from outside import Coprocesses

WATCHERS = 1000
TABLE = "watched"
MILLISECONDS, CONCURRENCY = 20, 64
SHORT, LONG = 3, 15  # seconds; the short one tells what it costs to come and to go
SILENT_SECONDS = 75  # its buffers fill up first


def of(bench):
    people = f"{WATCHERS:,} subscribers of a run"
    return [
        Figure("watchers-latency", f"p99 of {people}: seconds from event to client", 0.25, more_is_better=False, form=".3f"),
        Figure("watchers-memory", f"rowmill's peak memory with {people}, MB", 150, more_is_better=False, form=".0f"),
        Figure("watchers-time", f"time that {people} add to it, as a share", 0.03, more_is_better=False, form=".1%"),
        Figure("watchers-processor", f"processor time of {people}, as a share of one processor", 0.03, more_is_better=False, form=".2%"),
        Figure("watchers-silent", "seconds until a subscriber that never reads is dropped", SILENT_SECONDS, more_is_better=False, form=".0f"),
    ]


def measure(bench, figure):
    ways = {"watchers-latency": follow, "watchers-memory": follow, "watchers-time": compare_time,
            "watchers-processor": compare_processor, "watchers-silent": drop_silent}
    try:
        for turn in range(1 if figure.name == "watchers-silent" else bench.waiting_rounds):
            said = ways[figure.name](bench, figure)
            print(f"{figure.name}: round {turn + 1}: {said}", file=sys.stderr)
    except stopwatch.Failed as fault:
        figure.fault = str(fault)
        print(f"{figure.name}: {fault}", file=sys.stderr)


def follow(bench, figure):
    tables.anew(bench.server, TABLE, bench.waiting_rows)
    with Served(bench, waiting_side(bench)) as run:
        seen = run.watch(WATCHERS)
        measured = run.wait()
    if seen["ended"] != WATCHERS:
        raise stopwatch.Failed(f"{seen['ended']} of {WATCHERS} subscribers got the end")
    figure.values.append(seen["p99"] / 1000 if figure.name == "watchers-latency" else measured["peak_kilobytes"] / 1024)
    return f"{seen}, {measured['peak_kilobytes'] / 1024:.0f} MB"


def compare_time(bench, figure):
    tables.anew(bench.server, TABLE, bench.waiting_rows)
    side = waiting_side(bench)
    alone = stopwatch.run(str(bench.stopwatch), side.command(), side.environment()).wall_seconds
    with Served(bench, side) as run:
        run.watch(WATCHERS)
        # Who follows has the end before rowmill does: the time for the farewell is none of the run's.
        watched = run.wait()["wall_seconds"] - run.farewell()
    figure.values.append(watched / alone - 1)
    return f"{alone:.2f} s alone, {watched:.2f} s watched"


def compare_processor(bench, figure):
    tables.anew(bench.server, TABLE, 1)
    side = waiting_side(bench)
    flag = pathlib.Path(bench.server.folder) / "watched"
    flag.touch()
    used = {}
    for seconds in (SHORT, LONG):
        held = ["--flag-file", str(flag), "--restart", "--yes", "--run-time", f"{seconds}s"]
        alone = stopwatch.run(str(bench.stopwatch), [*side.command(), *held], side.environment(), exit_code=4)
        with Served(bench, side, held, exit_code=4) as run:
            run.watch(WATCHERS)
            used[seconds] = run.wait()["cpu_seconds"] - alone.cpu_seconds
    flag.unlink()
    figure.values.append((used[LONG] - used[SHORT]) / (LONG - SHORT))
    return f"{figure.values[-1] * 1000:.1f} ms a second for {WATCHERS:,} subscribers, {used[SHORT] * 1000:.0f} ms to come and go"


def drop_silent(bench, figure):
    tables.anew(bench.server, TABLE, 1)
    flag = pathlib.Path(bench.server.folder) / "watched"
    flag.touch()
    held = ["--flag-file", str(flag), "--run-time", f"{SILENT_SECONDS + 15}s"]
    with Served(bench, waiting_side(bench), held, exit_code=4) as run:
        before = run.sockets()
        client = run.start_watching(0, 1)
        begun = time.monotonic()
        wait_until(lambda: run.sockets() > before, 10, "the silent subscriber was not let in")
        wait_until(lambda: run.sockets() == before, SILENT_SECONDS + 10, "a subscriber that never reads was kept")
        figure.values.append(time.monotonic() - begun)
        client.kill()
        client.wait()
    flag.unlink()
    return f"{figure.values[-1]:.0f} s"


def waiting_side(bench):
    return Coprocesses(bench, TABLE, CONCURRENCY, MILLISECONDS)


class Served:
    """A run with a page, from `with` to its end."""

    def __init__(self, bench, side, flags=(), exit_code=0):
        self.bench, self.side, self.flags, self.exit_code = bench, side, flags, exit_code
        self.client_ended = None

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="rowmill-bench-")
        self.report = pathlib.Path(self.folder.name) / "report.json"
        command = [str(self.bench.stopwatch), str(self.report), *self.side.command(), "--serve=127.0.0.1:0", *self.flags]
        self.process = subprocess.Popen(command, env={**os.environ, **self.side.environment()}, text=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for line in self.process.stderr:
            if found := re.search(r"live at http://127\.0\.0\.1:(\d+)/runs/(\d+)", line):
                self.port, self.run = found.groups()
                return self
        raise stopwatch.Failed("rowmill did not say where its page is")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=30)
        self.process.stderr.close()
        self.folder.cleanup()

    def start_watching(self, count, silent=0):
        return subprocess.Popen([str(self.bench.watchers), self.port, self.run, str(count), str(silent)], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def watch(self, count):
        """Follows the run to its end; what was seen."""
        said, _ = self.start_watching(count).communicate(timeout=600)
        self.client_ended = time.monotonic()
        return json.loads(said)

    def wait(self):
        """What the run took."""
        self.process.stderr.read()
        if self.process.wait(timeout=600) != self.exit_code:
            raise stopwatch.Failed(f"rowmill exited with {self.process.returncode}")
        self.ended = time.monotonic()
        return json.loads(self.report.read_text(encoding="utf-8"))

    def farewell(self):
        """How long rowmill was there after its subscribers had the end."""
        return max(0.0, self.ended - self.client_ended)

    def sockets(self):
        """Connections that rowmill holds with clients of its page."""
        port = f":{int(self.port):04X} "
        rows = pathlib.Path("/proc/net/tcp").read_text(encoding="utf-8").splitlines()[1:]
        return sum(1 for row in rows if port in row.split(":", 1)[1][:15] and row.split()[3] == "01")


def wait_until(condition, seconds, otherwise):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise stopwatch.Failed(otherwise)
        time.sleep(0.1)
