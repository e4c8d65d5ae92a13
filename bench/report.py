"""The results as a table for people and as JSON for scripts."""

import json

import memory


def figure(number, form):
    return "-" if number is None else format(number, form)


def table(heading, rows):
    """Columns as wide as they need to be: the first and the last to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [heading, *rows]) for i in range(len(heading))]
    lines = []
    for row in [heading, *rows]:
        cells = [cell.rjust(width) for cell, width in zip(row, widths)]
        cells[0], cells[-1] = row[0].ljust(widths[0]), row[-1]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def speed_row(result):
    goal = "" if result.case.goal is None else f">= {result.case.goal:g}"
    remark = result.case.theirs.name
    if result.absent or result.fault:
        remark += f": {result.fault or result.absent}"
    return [result.case.name, f"{result.case.rows:,}", figure(result.rate(result.ours), ",.0f"),
            figure(result.rate(result.theirs), ",.0f"), figure(result.ratio, ".2f"), goal, result.verdict, remark]


def memory_row(result):
    small, large = result.megabytes or (None, None)
    return [result.name, figure(small, ".1f"), figure(large, ".1f"), figure(result.ratio, ".2f"),
            f"{result.verdict}{': ' + result.fault if result.fault else ''}"]


def waiting_row(result):
    goals = [] if result.goal is None else [f"<= {result.goal:g}"]
    goals += [] if result.most_megabytes is None else [f"< {result.most_megabytes:g} MB"]
    ratios = [figure(result.ratio(side), ".3f") for side in ("rowmill", "Ruby parallel", "Python futures")]
    return [result.name, f"{result.rows:,}", figure(result.ideal, ".2f"), *ratios, figure(result.megabytes, ".0f"),
            ", ".join(goals), ": ".join(filter(None, [result.verdict, "; ".join(result.faults)]))]


def figure_row(result):
    return [result.name, figure(result.value, result.form), result.goal_text,
            ": ".join(filter(None, [result.verdict, result.fault])), result.what]


def as_text(bench, speeds, growths, waits, figures):
    parts = [f"{bench.connections} workers against {bench.connections} connections, medians of {bench.rounds} rounds, "
             f"whole processes, {bench.version}"]
    if bench.startup is not None:
        parts[0] += (f"\nrowmill takes {bench.startup * 1000:.0f} ms for a table of one row: "
                     "that much of each of its times is no work")
    if speeds:
        heading = ["case", "rows", "rowmill rows/s", "peer rows/s", "ratio", "goal", "", "peer"]
        parts.append(table(heading, [speed_row(result) for result in speeds]))
    if growths:
        small, large = (f"MB at {rows:,} rows" for rows in bench.memory_rows)
        goal = f"goal: within {memory.MOST_GROWTH - 1:.0%}, under {memory.MOST_MEGABYTES} MB"
        parts.append(table(["peak memory", small, large, "ratio", goal], [memory_row(result) for result in growths]))
    if waits:
        heading = ["work that waits", "rows", "ideal s", "rowmill", "Ruby parallel", "Python futures", "rowmill MB",
                   "goal", ""]
        parts.append(f"medians of {bench.waiting_rounds} rounds; times after start-up, as multiples of the ideal: rows x "
                     "wait / in flight\n" +
                     table(heading, [waiting_row(result) for result in waits]))
    if figures:
        parts.append(table(["figure", "", "goal", "", "what it is"], [figure_row(result) for result in figures]))
    return "\n\n".join(parts)


def side_as_json(result, measures):
    return {"rows_per_second": result.rate(measures), "wall_seconds": [m.wall_seconds for m in measures],
            "cpu_seconds": [m.cpu_seconds for m in measures], "peak_kilobytes": [m.peak_kilobytes for m in measures]}


def as_json(bench, speeds, growths, waits, figures):
    return json.dumps({
        "server": bench.version, "rounds": bench.rounds, "connections": bench.connections, "startup_seconds": bench.startup,
        "speed": [{"name": r.case.name, "rows": r.case.rows, "peer": r.case.theirs.name,
                   "rowmill": side_as_json(r, r.ours), "other": side_as_json(r, r.theirs), "ratio": r.ratio,
                   "goal": r.case.goal, "verdict": r.verdict or None, "absent": r.absent, "fault": r.fault}
                  for r in speeds],
        "memory": [{"name": g.name, "rows": g.rows, "megabytes": g.megabytes, "ratio": g.ratio, "verdict": g.verdict,
                    "fault": g.fault} for g in growths],
        "waiting": [{"name": w.name, "rows": w.rows, "concurrency": w.concurrency, "milliseconds": w.milliseconds,
                     "ideal_seconds": w.ideal, "ratios": w.ratios, "megabytes": w.megabytes, "goal": w.goal,
                     "verdict": w.verdict or None, "faults": w.faults} for w in waits],
        "figures": [{"name": f.name, "what": f.what, "values": f.values, "value": f.value, "goal": f.goal,
                     "verdict": f.verdict or None, "fault": f.fault} for f in figures],
    }, indent=2)
