"""A model's suggestion to every session: from the moment when the backend sends it until it stands in each document.

`python -m benchmarks.suggestions`: 20 sessions in one task over real sockets, and a `stream` backend in a process of
its own that stamps every suggestion with the time at which it sends it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from benchmarks.report import finish, percentile, table
from tests.support.peers import Peer
from tests.support.projects import Made, make_project
from tests.support.servers import Server

SESSIONS = 20
TEXT = "Colabel lets people and models label the same text together. " * 100
AIM_MS = 50.0
PERCENTS = {"p50": 50, "p95": 95, "p99": 99}
WHAT = {
    "first": "first of a run: sent to seen",
    "every": "every one: sent to seen",
    "asked": "asked for the run to first seen, with the backend's own time",
}


class Stamping(BaseHTTPRequestHandler):
    """Says `count` suggestions, one every `every` seconds; each carries its time as its version."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        wanted = asked["parameters"]
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()
        for number in range(wanted["count"]):
            time.sleep(wanted["every"])
            end = int(asked["run"]) + number + 1  # another span in every run: what is said already is not said again
            self.say(type="suggestion", field="entities", label="person", start=number, end=end)
        self.say(type="done")

    def say(self, **said: Any) -> None:
        # The clock is the machine's: the same in every process.
        self.wfile.write(json.dumps({**said, "version": str(time.monotonic_ns())}).encode() + b"\n")

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


def serve_backend(port: Any) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Stamping)
    port.send(server.server_address[1])
    server.serve_forever()


class Session(Peer):
    """Notes when each suggestion stood in its document."""

    async def __aenter__(self) -> Session:
        await super().__aenter__()
        self.waits: dict[str, list[float]] = {}  # by run: milliseconds since the backend sent it
        self.first_seen: dict[str, int] = {}
        self._watching = self.map("annotations").observe(self._came)
        return self

    def _came(self, event: Any) -> None:
        now = time.monotonic_ns()
        for change in event.keys.values():
            entry = change.get("newValue")
            if entry and entry.get("version"):
                self.first_seen.setdefault(entry["run"], now)
                self.waits.setdefault(entry["run"], []).append((now - int(entry["version"])) / 1e6)

    def of(self, run: str) -> list[float]:
        return self.waits.get(run, [])

    def heard_the_end_of(self, run: str) -> bool:
        return any(e["type"] == "run" and str(e["run"]["id"]) == run and e["run"]["ended"] for e in self.events)


async def measure(server: Server, made: Made, options: argparse.Namespace, port: int) -> dict[str, list[float]]:
    """Every session's wait for every suggestion; for the first of each run; and from asking to the first in all."""
    backend = {
        "name": "stamping",
        "kind": "stream",
        "url": f"http://127.0.0.1:{port}/",
        "run_on_open": False,
        "settings": {"parameters": {"count": options.count, "every": options.every}},
    }
    found: dict[str, list[float]] = {"every": [], "first": [], "asked": []}
    headers = {"Authorization": f"Bearer {made.tokens['owner']}"}
    with httpx.Client(base_url=f"{server.url}/api", headers=headers, timeout=30) as api:
        answer = await asyncio.to_thread(api.post, f"/projects/{made.project}/backends", json=backend)
        answer.raise_for_status()
        async with contextlib.AsyncExitStack() as stack:
            sessions = [
                await stack.enter_async_context(Session(server.ws_url, made.documents[0], made.tokens["owner"]))
                for _ in range(SESSIONS)
            ]
            for _ in range(options.runs):
                await one_run(api, made.tasks[0], answer.json()["id"], sessions, options.count, found)
    return found


async def one_run(
    api: httpx.Client, task: int, backend: int, sessions: list[Session], count: int, found: dict[str, list[float]]
) -> None:
    asked = time.monotonic_ns()
    answer = await asyncio.to_thread(api.post, f"/tasks/{task}/runs", json={"backend": backend})
    answer.raise_for_status()
    run = str(answer.json()["id"])
    for session in sessions:
        await session.until(lambda session=session: len(session.of(run)) == count and session.heard_the_end_of(run))
    for session in sessions:
        waits = session.of(run)
        found["every"] += waits
        found["first"].append(waits[0])
        found["asked"].append((session.first_seen[run] - asked) / 1e6)


def percentiles(values: list[float]) -> dict[str, float]:
    at = {name: round(percentile(values, percent), 2) for name, percent in PERCENTS.items()}
    return at | {"max": round(max(values), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--count", type=int, default=50, help="suggestions of one run")
    parser.add_argument("--every", type=float, default=0.02, help="seconds between two suggestions")
    options = parser.parse_args()
    ours, theirs = multiprocessing.Pipe()
    backend = multiprocessing.get_context("spawn").Process(target=serve_backend, args=(theirs,), daemon=True)
    backend.start()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).start()
        try:
            made = make_project(server, "suggestions", [TEXT], {"owner": "manager"}, "entities")
            found = asyncio.run(measure(server, made, options, ours.recv()))
        finally:
            server.stop()
            backend.terminate()
    report(found, options)


def report(found: dict[str, list[float]], options: argparse.Namespace) -> None:
    figures = {name: percentiles(values) for name, values in found.items()}
    rows = [[WHAT[name], len(found[name]), *figure.values()] for name, figure in figures.items()]
    table(f"Suggestions to {SESSIONS} sessions (ms)", ["what", "count", *PERCENTS, "max"], rows)
    print(f"\nAim: p95 below {AIM_MS:.0f} ms over the backend's own time.")
    kept = figures["first"]["p95"] < AIM_MS
    finish("suggestions", sessions=SESSIONS, runs=options.runs, suggestions=options.count, ms=figures, kept=kept)


if __name__ == "__main__":
    main()
