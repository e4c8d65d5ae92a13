"""The server that the bench works on: a sandbox of its own."""

import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATABASE = "bench"
# The tables fit in memory, and the log is long enough that no run pays for another's checkpoint.
OPTIONS = ["--innodb-buffer-pool-size=1G", "--innodb-log-file-size=1G"]


class Server:
    """A private MariaDB, from `with` to its end. It also ends when this process is killed."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="rowmill-bench-")
        environment = {**os.environ, "ROWMILL_SANDBOX_OWNER": str(os.getpid())}
        dsn = self._sandbox("start", "--", *OPTIONS, environment=environment)
        self.socket = os.path.join(self.folder, "mysqld.sock")
        self.dsn = dsn.replace("/?", f"/{DATABASE}?", 1)
        self.sql(f"CREATE DATABASE {DATABASE}", database="")
        return self

    def __exit__(self, *_):
        self._sandbox("stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _sandbox(self, verb, *arguments, environment=None):
        command = [str(ROOT / "scripts/sandbox"), verb, self.folder, *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout.strip()

    def sql(self, text, database=DATABASE):
        """Executes statements; returns the output, tab-separated, without headings."""
        command = ["mariadb", "--no-defaults", "-u", "root", "-S", self.socket, "-N", "-B", "-e", text]
        if database:
            command.append(database)
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def number(self, query):
        return int(self.sql(query))

    def pid(self):
        with open(self.sql("SELECT @@pid_file"), encoding="utf-8") as file:
            return int(file.read())

    def settle(self):
        """Waits until the server has cleaned up after the run before, so that the next one does not pay for it."""
        self.sql("SET GLOBAL innodb_max_purge_lag_wait = 0")
