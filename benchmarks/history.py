"""A million updates in a project: opening a task, compacting the history, editing meanwhile, its size, and its replay.

`python -m benchmarks.history [--updates N]`: documents of 1,000 updates each, made by four people and a model.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.latency import TEXT, editors
from benchmarks.report import finish, table
from tests.support.node import install_packages
from tests.support.peers import Peer
from tests.support.projects import Made, make_project
from tests.support.servers import ROOT, Server

EACH = 1000
OPENED = 12  # documents that are opened, cold
EDITORS, RATE, SECONDS = 8, 5.0, 12
OLDER_THAN_DAYS = 30
SAID = re.compile(r"([\d.]+) s, (\d+) transactions, the longest ([\d.]+) ms")


def asked(server: Server, call: str, answer: str) -> Any:
    said = server.shell(f"from benchmarks.history_data import *\n{call}").split(answer)[-1].strip()
    return json.loads(said) if said else None


async def opened(server: Server, made: Made, documents: list[int]) -> float:
    """Milliseconds from the request to a document that is there, the middle one of several."""
    found = []
    for document in documents:
        began = time.perf_counter()
        async with Peer(server.ws_url, document, made.tokens["owner"]):
            found.append((time.perf_counter() - began) * 1000)
    return statistics.median(found)


def open_cold(server: Server, made: Made, documents: list[int]) -> float:
    """After a start, so that no document is open."""
    server.stop()
    server.start()
    return asyncio.run(opened(server, made, documents))


def compact(server: Server, project: int, way: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "manage.py"), "compact", "--project", str(project), "-v", "2"]
    command += ["--older-than", str(OLDER_THAN_DAYS), "--then", way]
    return subprocess.Popen(command, env=server.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def while_compacting(server: Server, made: Made, document: int, way: str) -> dict[str, Any]:
    """Compact while people edit another task; what both took."""
    running = compact(server, made.project, way)
    edited = editors(server, made, document, EDITORS, RATE, SECONDS)
    under_way = running.poll() is None
    said, _ = running.communicate()
    found = SAID.search(said)
    if running.returncode or not found:
        raise SystemExit(f"The compaction failed: {said}")
    seconds, transactions, slowest = found.groups()
    return {
        "seconds": float(seconds),
        "transactions": int(transactions),
        "slowest_ms": float(slowest),
        "editing": edited,
        "editing_ended_first": under_way,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=1_000_000)
    options = parser.parse_args()
    documents = max(1, options.updates // EACH)
    install_packages()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).start()
        try:
            made = make_project(server, "history", [TEXT] * 3, {"owner": "manager"}, memory=False)
            began = time.perf_counter()
            asked(server, f"fill({made.project}, {documents}, {min(EACH, options.updates)})", "FILLED")
            filled = time.perf_counter() - began
            measured = measure(server, made, documents)
        finally:
            server.kill()
    report(documents * min(EACH, options.updates), documents, filled, measured)


def measure(server: Server, made: Made, documents: int) -> dict[str, Any]:
    first = made.documents[-1] + 1
    sample = [first + documents * number // OPENED for number in range(min(OPENED, documents))]
    replay = f"replay({made.project})"
    keys = {str(first + number) for number in range(documents)}
    found: dict[str, Any] = {
        "open_ms": [open_cold(server, made, sample)],
        "size": [asked(server, "weigh()", "WEIGHED")],
    }
    before = {key: value for key, value in asked(server, replay, "REPLAYED").items() if key in keys}
    found["quiet"] = editors(server, made, made.documents[0], EDITORS, RATE, SECONDS)
    for way, document in zip(("merge", "drop"), made.documents[1:], strict=True):
        found[way] = while_compacting(server, made, document, way)
        after = {key: value for key, value in asked(server, replay, "REPLAYED").items() if key in keys}
        found[way]["replays_equal"] = sum(after[key] == digest for key, digest in before.items())
        found["open_ms"].append(open_cold(server, made, sample))
        found["size"].append(asked(server, "weigh()", "WEIGHED"))
    return found


def report(updates: int, documents: int, filled: float, found: dict[str, Any]) -> None:
    rows = [
        [name, size["rows"], round(size["data_bytes"] / 1e6, 1), round(size["database_bytes"] / 1e6, 1), opening]
        for name, size, opening in zip(
            ("as it came", "merged", "dropped"), found["size"], found["open_ms"], strict=True
        )
    ]
    table(
        f"{updates:,} updates in {documents:,} documents (filled in {filled:,.0f} s)",
        ["history", "rows", "updates, MB", "database, MB", "open, ms"],
        rows,
    )
    columns = ("p50", "p95", "p99", "max")
    ways = {"nothing else": found["quiet"], **{way: found[way]["editing"] for way in ("merge", "drop")}}
    table(
        f"{EDITORS} editors x {RATE:g} edits/s beside it: edit to saved (ms)",
        ["beside", *columns, "missing"],
        [[name, *(run["saved_ms"][c] for c in columns), run["not_saved"]] for name, run in ways.items()],
    )
    table(
        "Compaction",
        ["way", "s", "transactions", "longest, ms", "replays equal"],
        [
            [way, f["seconds"], f["transactions"], f["slowest_ms"], f"{f['replays_equal']} of {documents}"]
            for way in ("merge", "drop")
            for f in [found[way]]
        ],
    )
    finish("history", updates=updates, documents=documents, fill_seconds=round(filled, 1), **found)


if __name__ == "__main__":
    main()
