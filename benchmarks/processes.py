"""One process against two, on one PostgreSQL and one Redis: how much more two serve.

`python -m benchmarks.processes [--driver FOLDER] [--rates 1,2,4,8] [--seconds N] [--work FOLDER]`. 200 documents with two editors
each; every rate is offered to one process, to two that share the documents (`apart`: nobody of a document is on the other
process) and to two that share every document (`together`: its two editors are on different ones, so each edit crosses Redis).
The driver, PostgreSQL and Redis take their CPU from the same cores: where those are used up, `CPU ms/edit` of the server's
processes says what two would serve on cores of their own.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.cpu import cpu_seconds, machine_seconds
from benchmarks.report import finish, table
from benchmarks.side_by_side.driver import DRIVER, TEXT, copy_driver, write_variant
from benchmarks.side_by_side.peers import drive
from tests.support.postgres import Postgres, fresh_database
from tests.support.projects import Made, make_project
from tests.support.redis import Redis
from tests.support.servers import Server

ROOMS = 200
MODES = ("one", "apart", "together")
SERVED_PCT = 97.0  # of the edits seen by the colleague before the last one was sent: the rate was served


class Place:
    """PostgreSQL, Redis, and a project for every run."""

    def __init__(self, folder: Path, runs: int) -> None:
        self.postgres, self.redis = Postgres().start(), Redis().start()
        self.folder = folder
        self._environment = {
            "DATABASE_URL": fresh_database(self.postgres.url("postgres")),
            "REDIS_URL": self.redis.url,
        }
        server = self._server()
        server.manage("migrate", "-v", "0")
        self.made = make_project(server, "scale", [TEXT] * (ROOMS * runs), {"owner": "manager"}, memory=False)

    def _server(self) -> Server:
        return Server(self.folder, worker=False, **self._environment)

    @contextlib.contextmanager
    def servers(self, count: int) -> Iterator[list[Server]]:
        started: list[Server] = []
        try:
            for _ in range(count):
                server = self._server()
                server._prepared = True
                started.append(server.start())
            yield started
        finally:
            for server in started:
                server.kill()

    def remove(self) -> None:
        self.redis.remove()
        self.postgres.remove()


def measure(place: Place, driver: Path, mode: str, rate: float, seconds: int, documents: list[int]) -> dict[str, Any]:
    made = replace(place.made, documents=documents)
    daemons = {"postgres": place.postgres.pid, "redis": place.redis.pid}
    with place.servers(1 if mode == "one" else 2) as servers:
        before = {name: cpu_seconds(pid) for name, pid in daemons.items()}
        busy = machine_seconds()
        if mode == "apart":
            found = drive_apart(driver, servers, made, rate, seconds)
        else:
            script = write_variant(driver, seconds, 1000, rate, ROOMS)
            found = [drive(script, "S3", mode, servers, made)]
        busy = machine_seconds() - busy
        daemon = {name: cpu_seconds(pid) - before[name] for name, pid in daemons.items()}
    if failed := [each["error"] for each in found if "error" in each]:
        return {"mode": mode, "rate": rate, "error": failed[0]}
    edits = sum(each["edits"] for each in found)
    cpu = sum(each["server_cpu_s"] for each in found)
    return {
        "mode": mode,
        "rate": rate,
        "offered_per_s": round(edits / seconds),
        "served_per_s": sum(each["delivered_per_s"] for each in found),
        "in_time_pct": min(each["delivered_in_window_pct"] for each in found),
        "p50": max(each["latency_ms"]["p50"] for each in found),
        "p95": max(each["latency_ms"]["p95"] for each in found),
        "missing": sum(each["missing"] for each in found),
        "server_cpu_s": cpu,
        "server_ms_per_edit": round(cpu / edits * 1000, 3),
        "postgres_ms_per_edit": round(daemon["postgres"] / edits * 1000, 3),
        "redis_ms_per_edit": round(daemon["redis"] / edits * 1000, 3),
        "driver_cpu_pct": sum(each["driver_cpu_pct"] for each in found),
        "machine_busy_s": round(busy, 2),
    }


def drive_apart(driver: Path, servers: list[Server], made: Made, rate: float, seconds: int) -> list[dict[str, Any]]:
    """A driver for each process, with half of the documents."""
    script = write_variant(driver, seconds, 1000, rate, ROOMS // 2)
    with ThreadPoolExecutor(len(servers)) as threads:
        halves = [replace(made, documents=made.documents[at :: len(servers)]) for at in range(len(servers))]
        runs = [
            threads.submit(drive, script, "S3", f"apart{at}", [server], half)
            for at, (server, half) in enumerate(zip(servers, halves, strict=True))
        ]
        return [each.result() for each in runs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", default="1,2,4,8", help="edits a second of each of the 400 editors")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--driver", type=Path, default=DRIVER)
    parser.add_argument("--work", type=Path, help="a folder that is kept, with the driver installed in it")
    options = parser.parse_args()
    modes = [mode for mode in MODES if mode in options.modes.split(",")]
    rates = [float(rate) for rate in options.rates.split(",")]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        work = (options.work or Path(scratch)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        driver = copy_driver(options.driver, work)
        data = Path(scratch) / "data"
        data.mkdir()
        place = Place(data, len(modes) * len(rates))
        try:
            print(json.dumps({"made": len(place.made.documents)}), flush=True)
            found = []
            for rate in rates:
                for mode in modes:
                    at = len(found) * ROOMS
                    documents = place.made.documents[at : at + ROOMS]
                    found.append(measure(place, driver, mode, rate, options.seconds, documents))
                    print(json.dumps(found[-1]), flush=True)
        finally:
            place.remove()
    report(found)


def report(found: list[dict[str, Any]]) -> None:
    good = [each for each in found if "error" not in each]
    columns = list(good[0]) if good else []
    table("200 documents, two editors each", columns, [[each[column] for column in columns] for each in good])
    ratios = {mode: found for mode in MODES[1:] if (found := compared(good, mode))}
    for mode, ratio in ratios.items():
        print(f"  two processes, {mode}: {', '.join(f'{key} {value}' for key, value in ratio.items())} (aim 1.7)")
    finish("processes", runs=found, ratios=ratios)


def compared(good: list[dict[str, Any]], mode: str) -> dict[str, float]:
    """How much more two serve: here, and by the CPU of an edit where a process of two has as much to do as the one had.

    At the same rate the one would look cheap: the more it has to do, the more edits share a commit.
    """
    cost = {(each["mode"], each["rate"]): each["server_ms_per_edit"] for each in good}
    most = {name: max((each["served_per_s"] for each in good if each["mode"] == name), default=0) for name in MODES}
    found = {"served_here": round(most[mode] / most["one"], 2)} if most["one"] and most[mode] else {}
    for (name, rate), spent in cost.items():
        if name == mode and ("one", rate / 2) in cost:
            found[f"with_a_core_each_at_{rate:g}"] = round(2 * cost["one", rate / 2] / spent, 2)
    return found


if __name__ == "__main__":
    main()
