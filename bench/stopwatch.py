"""Runs a side of a comparison as a whole process, and takes its time and memory."""

import dataclasses
import json
import os
import subprocess
import tempfile


class Failed(Exception):
    """A side that did not do its work: nothing it took is worth comparing."""


@dataclasses.dataclass
class Measured:
    wall_seconds: float
    cpu_seconds: float
    peak_kilobytes: int
    output: str


def run(stopwatch, command, environment=None, limit=1800, exit_code=0):
    """Runs a command to its end; throws Failed, with what it said, where it does not exit as expected."""
    with tempfile.NamedTemporaryFile(prefix="rowmill-bench-", suffix=".json") as report:
        done = subprocess.run([stopwatch, report.name, *command], env={**os.environ, **(environment or {})}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=limit)
        if done.returncode != exit_code:
            said = (done.stderr.strip() or done.stdout.strip() or "nothing said").splitlines()
            raise Failed(f"{os.path.basename(command[0])} exited with {done.returncode}: {' | '.join(said[-3:])}")
        taken = json.loads(report.read())
    return Measured(taken["wall_seconds"], taken["cpu_seconds"], taken["peak_kilobytes"], done.stdout)
