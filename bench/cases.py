"""What is compared with what, and the goal for each ratio (rowmill's rate over the peer's)."""

import dataclasses

import tables
from outside import Commands, Coprocesses, gnu_parallel, xargs
from sides import Loop, PtArchiver, Rails, Rowmill


@dataclasses.dataclass
class Case:
    name: str
    table: str
    rows: int
    ours: object
    theirs: object
    work: str            # "read", "update" or "delete": what must have become of the table
    goal: float = None   # none: the ratio is only told
    original: str = None  # copied anew before each run

    def prepare(self, server):
        """Makes the table ready; returns what `check` needs."""
        tables.checkpoints(server)
        if self.original:
            tables.copy(server, self.table, self.original, self.rows)
        server.settle()
        # Reads the whole table too, so that each run finds it in memory.
        return server.number(f"SELECT SUM(n) + 0 * SUM(LENGTH(payload)) FROM {self.table}")

    def check(self, server, before):
        """What is wrong with the table after a run, or None."""
        count, total = map(int, server.sql(f"SELECT COUNT(*), COALESCE(SUM(n), 0) FROM {self.table}").split())
        if self.work == "delete":
            return f"{count} rows are left" if count else None
        expected = before + (self.rows if self.work == "update" else 0)
        return None if total == expected else f"the sum of n is {total} where {expected} was expected"


def of(bench):
    """All cases, in the order they run in."""
    rows, slow = bench.rows, bench.slow_rows
    set_n = "SET n = n + 1 WHERE"

    def update(name, table, condition, mode, goal, batch=1000):
        ours = Rowmill(bench, table, f"UPDATE {table} {set_n} {condition}", batch)
        return Case(name, table, rows, ours, Loop(bench, table, mode), "update", goal)

    def purge(name, condition, options, kind):
        ours = Rowmill(bench, "doomed", f"DELETE FROM doomed WHERE {condition}")
        return Case(name, "doomed", slow, ours, PtArchiver(bench, "doomed", options, kind), "delete", None, "dense")

    def rails(name, table, statement, mode):
        slow_table = f"{table}_slow"
        return Case(name, slow_table, slow, Rowmill(bench, slow_table, statement), Rails(bench, slow_table, mode), mode)

    def process(name, ours, peer):
        """What one row costs at the least where a process does its work."""
        return Case(name, "few", bench.few_rows, ours(bench, "few", bench.connections), peer, "read")

    def line(bench, table, concurrency):
        return Coprocesses(bench, table, concurrency, 0)

    return [
        Case("read", "dense", rows, Rowmill(bench, "dense"), Loop(bench, "dense", "read"), "read", 0.8),
        Case("read-skewed", "skewed", rows, Rowmill(bench, "skewed"), Loop(bench, "skewed", "read"), "read", 0.8),
        update("range", "dense", ":range", "range", 0.95),
        update("range-skewed", "skewed", ":range", "range", 0.95),
        update("range-default", "dense", ":range", "range", 1.0, batch=None),
        update("lo-hi", "dense", "id BETWEEN :lo AND :hi", "first-last", 0.95),
        update("batch", "dense", ":batch", "list", 0.95),
        update("ids", "dense", "id IN (:ids)", "list", 0.95),
        # The same promise, kept by a loop in C: what the promise itself costs.
        update("range-kept", "dense", ":range", "range-kept", None),
        update("ids-kept", "dense", "id IN (:ids)", "list-kept", None),
        update("rows", "dense", "id = :id", "row", 2.0),
        purge("pt-archiver-bulk", ":range", ["--bulk-delete", "--commit-each"], "--bulk-delete"),
        purge("pt-archiver-rows", "id = :id", ["--txn-size", "1000"], "by row"),
        rails("rails-read", "dense", None, "read"),
        rails("rails-update", "dense", f"UPDATE dense_slow {set_n} id = :id", "update"),
        rails("rails-update-skewed", "skewed", f"UPDATE skewed_slow {set_n} id = :id", "update"),
        process("exec-xargs", Commands, xargs(bench, "few", bench.connections)),
        process("exec-parallel", Commands, gnu_parallel(bench, "few", bench.connections)),
        process("ndjson-xargs", line, xargs(bench, "few", bench.connections)),
    ]
