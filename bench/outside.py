"""The sides of comparisons whose work is done outside of the database. Each makes a command, as those of sides.py do."""

import importlib.util
import json
import shutil
import subprocess

from server import DATABASE, ROOT

READ_IDS = "mariadb --no-defaults -u root -S {} -N -B --quick -e 'SELECT id FROM {}' {}"


class Job:
    """A job file of rowmill's with this [action]."""

    name = "rowmill"

    def __init__(self, bench, name, table, concurrency, action):
        self.bench, self.job, self.table, self.concurrency, self.action = bench, name, table, concurrency, action

    def missing(self):
        return None if self.bench.rowmill.exists() else f"{self.bench.rowmill} is not built"

    def environment(self):
        return {"ROWMILL_DSN": self.bench.server.dsn}

    def command(self):
        path = f"{self.bench.server.folder}/{self.job}-{self.table}.toml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'[job]\nname = "{self.job}-{self.table}"\n[source]\ntable = "{self.table}"\n'
                       f'[action]\n{self.action}\n[run]\nconcurrency = {self.concurrency}\n')
        return [str(self.bench.rowmill), "run", path, "--progress", "none", "--summary", "json"]

    def rows(self, output):
        return json.loads(output.strip().splitlines()[-1])["succeeded"]


class Coprocesses(Job):
    def __init__(self, bench, table, concurrency, milliseconds):
        action = (f'kind = "exec"\nprotocol = "ndjson"\n'
                  f'command = ["{bench.coprocess}", "{milliseconds}"]')
        super().__init__(bench, "coprocesses", table, concurrency, action)


class Commands(Job):
    def __init__(self, bench, table, concurrency):
        super().__init__(bench, "commands", table, concurrency, 'kind = "exec"\ncommand = ["/bin/true", "{id}"]')


class Handlers(Job):
    """A program that uses the library; its job is compiled in."""

    def __init__(self, bench, table, concurrency, milliseconds, job="waits"):
        super().__init__(bench, job, table, concurrency, None)
        self.milliseconds = milliseconds

    def missing(self):
        return None if self.bench.handlers.exists() else f"{self.bench.handlers} is not built"

    def command(self):
        return [str(self.bench.handlers), self.job, str(self.milliseconds), "--concurrency", str(self.concurrency),
                "--progress", "none", "--summary", "json"]


class RubyThreads:
    """The parallel gem, in threads: what a Rails developer would write."""

    name = "Ruby parallel"

    def __init__(self, bench, table, concurrency, milliseconds):
        self.bench, self.arguments = bench, [DATABASE, table, str(concurrency), str(milliseconds)]

    def missing(self):
        if not shutil.which("ruby"):
            return "ruby is not installed"
        probe = ["ruby", "-e", 'require "mysql2"; require "parallel"']
        there = subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode == 0
        return None if there else "its gems are not installed (Debian: ruby-mysql2 ruby-parallel)"

    def environment(self):
        return {}

    def command(self):
        return ["ruby", str(ROOT / "bench/peers/threads.rb"), self.bench.server.socket, *self.arguments]

    def rows(self, output):
        return int(output)


class PythonThreads(RubyThreads):
    name = "Python futures"

    def missing(self):
        return None if importlib.util.find_spec("concurrent.futures") else "python3 is not whole"

    def command(self):
        return ["python3", str(ROOT / "bench/peers/threads.py"), self.bench.server.socket, *self.arguments]


class Pipe:
    """The ids of a table into a program that runs a command for each: no retries, no outcomes, no way to go on after a kill."""

    def __init__(self, bench, table, name, program):
        self.bench, self.table, self.name, self.program = bench, table, name, program

    def missing(self):
        program = self.program.split()[0]
        return None if shutil.which(program) else f"{program} is not installed"

    def environment(self):
        return {"PARALLEL_HOME": self.bench.server.folder}

    def command(self):
        ids = READ_IDS.format(self.bench.server.socket, self.table, DATABASE)
        # Both end with an error where one of the commands did.
        count = f"mariadb --no-defaults -u root -S {self.bench.server.socket} -N -B -e 'SELECT COUNT(*) FROM {self.table}'"
        return ["bash", "-c", f"set -o pipefail; {ids} | {self.program} && {count} {DATABASE}"]

    def rows(self, output):
        return int(output.strip().splitlines()[-1])


def xargs(bench, table, processes):
    return Pipe(bench, table, f"xargs -P {processes}", f"xargs -n 1 -P {processes} /bin/true")


def gnu_parallel(bench, table, processes):
    return Pipe(bench, table, f"GNU parallel -j {processes}", f"parallel --will-cite -j {processes} /bin/true {{}}")
