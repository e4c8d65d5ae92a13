"""How much faster several worker processes are than one, where a row waits for a few milliseconds."""

import os
import subprocess
import sys
import time

import stopwatch
import tables
from figures import Figure
from outside import Coprocesses

MILLISECONDS = 5
PROCESSES = 4
TABLE = "shared"


def of(bench):
    return [Figure(f"processes-{PROCESSES}", f"{PROCESSES} worker processes against one, {MILLISECONDS} ms a row, times as fast",
                   3.8, more_is_better=True)]


def measure(bench, figure):
    tables.anew(bench.server, TABLE, 1)
    try:
        startup = together(bench, 1, 1)
        tables.anew(bench.server, TABLE, bench.shared_rows)
        for turn in range(bench.waiting_rounds):
            # While the others start, the first one is at work already.
            one = together(bench, 1, bench.shared_rows) - startup
            many = together(bench, PROCESSES, bench.shared_rows) - startup * (1 + (PROCESSES - 1) / PROCESSES)
            figure.values.append(one / many)
            print(f"{figure.name}: round {turn + 1} of {bench.waiting_rounds}: {one:.2f} s by one, {many:.2f} s by "
                  f"{PROCESSES}, start-up {startup:.2f} s", file=sys.stderr)
    except stopwatch.Failed as fault:
        figure.fault = str(fault)
        print(f"{figure.name}: {fault}", file=sys.stderr)


def together(bench, processes, rows):
    """Seconds from the start of the first process to the end of the last, for all rows."""
    # One row at a time in each process: what is compared is processes.
    side = Coprocesses(bench, TABLE, 1, MILLISECONDS)
    command = [*side.command(), "--workers", "1"]
    environment = {**os.environ, **side.environment()}

    def start(*flags):
        return subprocess.Popen([*command, *flags], env=environment, stdin=subprocess.DEVNULL, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    begun = time.monotonic()
    before = newest_run(bench)
    workers = [start()]
    try:
        if processes > 1:
            wait_until(lambda: newest_run(bench) != before)
            workers += [start("--join") for _ in range(processes - 1)]
        said = [worker.communicate(timeout=300) for worker in workers]
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()
    seconds = time.monotonic() - begun
    for worker, (_, errors) in zip(workers, said):
        if worker.returncode != 0:
            raise stopwatch.Failed(f"a worker exited with {worker.returncode}: {errors.strip().splitlines()[-1:]}")
    settled = bench.server.number("SELECT SUM(succeeded) FROM rowmill.sacks WHERE run_id = " + newest_run(bench))
    if settled != rows:
        raise stopwatch.Failed(f"{settled} of {rows} rows are settled")
    return seconds


def newest_run(bench):
    return bench.server.sql("SELECT MAX(id) FROM rowmill.runs")


def wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            raise stopwatch.Failed("the first worker began no run")
        time.sleep(0.01)
