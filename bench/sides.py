"""The two sides of a comparison: rowmill, and what would be run instead of it. Each makes a command."""

import json
import shutil
import subprocess

from server import DATABASE, ROOT


class Rowmill:
    """An ad-hoc update (`statement`), or a job that only reads."""

    name = "rowmill"

    def __init__(self, bench, table, statement=None, batch=1000):
        self.bench, self.table, self.statement, self.batch = bench, table, statement, batch

    def missing(self):
        return None if self.bench.rowmill.exists() else f"{self.bench.rowmill} is not built"

    def environment(self):
        return {"ROWMILL_DSN": self.bench.server.dsn}

    def command(self):
        what = ["--table", self.table, "--sql", self.statement] if self.statement else [self._job_that_reads()]
        # Without a batch size both it and target_time are left to their defaults.
        size = ["--batch", str(self.batch), "--target-time", "0"] if self.batch else []
        return [str(self.bench.rowmill), "run", *what, *size, "--workers", str(self.bench.connections),
                "--progress", "none", "--summary", "json"]

    def _job_that_reads(self):
        path = f"{self.bench.server.folder}/read-{self.table}.toml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'[job]\nname = "read-{self.table}"\n'
                       f'[source]\ntable = "{self.table}"\n[action]\nkind = "none"\n')
        return path

    def rows(self, output):
        return json.loads(output.strip().splitlines()[-1])["settled"]


class Loop:
    """A bare loop against the C client; its parts are cut beforehand, so that it does no planning."""

    def __init__(self, bench, table, mode):
        self.bench, self.table, self.mode, self.name = bench, table, mode, f"C loop ({mode})"

    def missing(self):
        return None if self.bench.loop.exists() else f"{self.bench.loop} is not built"

    def environment(self):
        return {}

    def command(self):
        return [str(self.bench.loop), self.mode, self.bench.server.socket, DATABASE, self.table, "1000",
                *map(str, self.bench.bounds(self.table))]

    def rows(self, output):
        return int(output)


class PtArchiver:
    """One process: it has no parallelism of its own."""

    def __init__(self, bench, table, options, name):
        self.bench, self.table, self.options, self.name = bench, table, options, f"pt-archiver {name}"

    def missing(self):
        return None if shutil.which("pt-archiver") else "pt-archiver is not installed (Debian: percona-toolkit)"

    def environment(self):
        return {}

    def command(self):
        source = f"S={self.bench.server.socket},D={DATABASE},t={self.table},u=root"
        return ["pt-archiver", "--no-version-check", "--source", source, "--where", "1=1", "--purge", "--limit", "1000",
                "--no-check-charset", "--no-safe-auto-increment", "--statistics", *self.options]

    def rows(self, output):
        return next(int(line.split()[1]) for line in output.splitlines() if line.startswith("DELETE "))


class Rails:
    """find_each in four processes of the parallel gem."""

    def __init__(self, bench, table, mode):
        self.bench, self.table, self.mode, self.name = bench, table, mode, f"Rails find_each ({mode})"

    def missing(self):
        if not shutil.which("ruby"):
            return "ruby is not installed"
        probe = ["ruby", "-e", 'require "active_record"; require "mysql2"; require "parallel"']
        there = subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0
        return None if there else "its gems are not installed (Debian: ruby-activerecord ruby-mysql2 ruby-parallel)"

    def environment(self):
        return {}

    def command(self):
        script = str(ROOT / "bench/peers/rails.rb")
        return ["ruby", script, self.mode, self.bench.server.socket, DATABASE, self.table, "4"]

    def rows(self, output):
        return int(output)
