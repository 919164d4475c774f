"""Play one fault: `python -m benchmarks.faults NAME [--runs N] [--seed S]`. A table, and JSON: a line a run, one at the end."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.faults import shim
from benchmarks.faults.cluster import Cluster
from benchmarks.faults.many import Many
from benchmarks.faults.stage import Run, Stage
from benchmarks.report import finish, percentile, table

NAMES = (
    "sigkill",
    "crash_images",
    "disk_full",
    "fsync_error",
    "slow_reader",
    "storm",
    "open_close",
    "sigterm",
    "connections",
    "stale_browser",
    "random_edits",
    "hostile",
    "postgres",
    "redis",
    "bells",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--runs", type=int, help="how often; each fault has its own scale")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--many", action="store_true", help="on PostgreSQL and Redis, with two processes")
    parser.add_argument("--keep", type=Path, help="an empty folder for the data, which is then left behind")
    options = parser.parse_args()
    fault = importlib.import_module(f"benchmarks.faults.{options.name}")
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        environment = shim.environment(folder) if getattr(fault, "SHIM", False) else {}
        many = options.many or getattr(fault, "MANY", False)
        cluster = (Many if many else Cluster)(folder / "data", **environment)
        stage = Stage(cluster, options.runs or fault.RUNS, options.seed, lambda run: print(json.dumps(run), flush=True))
        try:
            cluster.start()
            asyncio.run(fault.play(stage))
        finally:
            cluster.remove()
            errors = [line for server in cluster.servers for line in server.log().splitlines() if "Traceback" in line]
    tell(options.name, fault.MUST, stage, time.perf_counter() - began, len(errors))
    sys.exit(1 if stage.problems else 0)


def tell(name: str, must: str, stage: Stage, seconds: float, tracebacks: int) -> None:
    figures = summary(stage.told)
    rows = [[key, *(found[c] for c in ("count", "p50", "p95", "max"))] for key, found in figures.items()]
    table(f"{name}: {must}", ["figure", "count", "p50", "p95", "max"], rows)
    for problem in stage.problems:
        print(problem)
    print(f"{len(stage.problems)} problems")
    finish(
        f"faults {name}",
        seed=stage.seed,
        runs=stage.runs,
        seconds=round(seconds, 1),
        figures=figures,
        tracebacks_in_log=tracebacks,
        problems=stage.problems[:50],
        ok=not stage.problems,
    )


def summary(told: list[Run]) -> dict[str, Any]:
    """Every number that runs tell of: how many, and how they are spread."""
    found: dict[str, list[float]] = {}
    for run in told:
        for key, value in run.items():
            if key not in ("run", "seed") and isinstance(value, int | float) and not isinstance(value, bool):
                found.setdefault(key, []).append(value)
    return {key: spread(values) for key, values in found.items()}


def spread(values: list[float]) -> dict[str, Any]:
    at = {f"p{p}": percentile(values, p) for p in (50, 95)}
    return {"count": len(values), **at, "max": max(values), "sum": round(sum(values), 3)}


if __name__ == "__main__":
    main()
