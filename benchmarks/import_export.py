"""100,000 tasks with a span each: in by upload and the job worker, out over HTTP and by command; time and memory.

    python -m benchmarks.import_export [--tasks 100000] [--editing]

Starts a server with its worker in a folder of its own. With `--editing`, somebody writes into a task all the while,
and how long each edit takes until it is acknowledged is told, with and without the import beside it.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from benchmarks.cpu import family
from benchmarks.report import finish, percentile, table
from tests.support.projects import Made, make_project
from tests.support.servers import ROOT, Server

WORDS = (
    "the",
    "team",
    "labels",
    "short",
    "texts",
    "about",
    "people",
    "in",
    "Berlin",
    "and",
    "Oslo",
    "while",
    "a",
    "model",
)
TEXT_CHARACTERS = 300
SAMPLED_EVERY_SECONDS = 0.05
# The same, measured on a machine of the same kind, 2026-11-21. Seconds for 100,000, peak MB.
PEERS = {
    "Label Studio 1.23.2": {"import_s": 108.7, "export_s": 102.2, "peak_mb": 1160},
    "doccano 1.8.4": {"import_s": 27.9, "export_s": 12.5, "peak_mb": 2076},
}
PEER_TASKS = 100_000


def write_tasks(path: Path, count: int) -> None:
    chance = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            text = f"{number}"
            while len(text) < TEXT_CHARACTERS:
                text += " " + chance.choice(WORDS)
            start = text.index(" ", chance.randrange(TEXT_CHARACTERS // 2)) + 1
            span = [start, start + 3, chance.choice(["person", "location", "product"])]
            file.write(json.dumps({"text": text, "label": [span], "row": number}) + "\n")


class Memory:
    """Resident memory of a process and its descendants, in MB: the peak of each, and of the sum."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.peaks: dict[str, float] = {}
        self.peak = 0.0

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLED_EVERY_SECONDS):
            found = {name: megabytes for pid in family(self._pid) for name, megabytes in resident(pid)}
            self.peak = max(self.peak, sum(found.values()))
            self.peaks = {name: max(self.peaks.get(name, 0), found.get(name, 0)) for name in found | self.peaks}


def resident(pid: int) -> Iterator[tuple[str, float]]:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return
    lines = [line for line in status.splitlines() if line.startswith("VmRSS")]
    name = next((word for word in command if word in ("serve", "run_worker", "export")), command[0])
    yield from ((name, int(line.split()[1]) / 1024) for line in lines)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def import_by_upload(client: httpx.Client, project: int, path: Path) -> dict[str, Any]:
    """Upload, and wait until the job has ended."""
    began = time.perf_counter()
    with path.open("rb") as file:
        answer = client.post(f"/api/projects/{project}/import", files={"file": (path.name, file)})
    answer.raise_for_status()
    uploaded = time.perf_counter() - began
    job: dict[str, Any] = answer.json()
    while job["state"] in ("queued", "running"):
        time.sleep(0.1)
        job = client.get(f"/api/jobs/{job['id']}").raise_for_status().json()
    job["upload_s"] = uploaded
    return job


def export_over_http(client: httpx.Client, project: int, format: str) -> tuple[int, float]:
    """Bytes, and seconds to the first of them."""
    began = time.perf_counter()
    size, first = 0, 0.0
    with client.stream("GET", f"/api/projects/{project}/export", params={"format": format}) as answer:
        answer.raise_for_status()
        for chunk in answer.iter_raw():
            first = first or time.perf_counter() - began
            size += len(chunk)
    return size, first


def export_by_command(server: Server, project: int, output: Path) -> tuple[int, float]:
    """Bytes, and the peak of its memory in MB."""
    command = [sys.executable, str(ROOT / "manage.py"), "export", str(project), "--output", str(output)]
    process = subprocess.Popen(command, env=server.environment, cwd=ROOT)
    with Memory(process.pid) as memory:
        if process.wait():
            raise SystemExit("the export by command failed")
    return output.stat().st_size, memory.peak


@contextmanager
def somebody_editing(server: Server, made: Made) -> Iterator[list[float]]:
    """Somebody makes an annotation over REST, which goes the way of every edit, again and again; how long each takes, in ms."""
    took: list[float] = []
    ended = threading.Event()
    body = {"field": "entities", "label": "person", "value": {"start": 0, "end": 1}}

    def edit() -> None:
        headers = {"Authorization": f"Bearer {made.tokens['owner']}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
            while not ended.wait(0.1):
                seconds, answer = timed(lambda: client.post(f"/api/tasks/{made.tasks[0]}/annotations", json=body))
                answer.raise_for_status()
                took.append(seconds * 1000)
                client.delete(f"/api/annotations/{answer.json()['id']}").raise_for_status()

    thread = threading.Thread(target=edit)
    thread.start()
    try:
        yield took
    finally:
        ended.set()
        thread.join()


def run(folder: Path, count: int, editing: bool) -> dict[str, Any]:
    path = folder / "tasks.jsonl"
    write_tasks(path, count)
    data = folder / "data"
    data.mkdir()
    server = Server(data).start()
    try:
        made = make_project(server, "big", ["a text to edit"], {"owner": "manager"}, template="entities")
        headers = {"Authorization": f"Bearer {made.tokens['owner']}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=600) as client:
            return measure(server, made, client, path, count, editing)
    finally:
        server.kill()


def measure(server: Server, made: Made, client: httpx.Client, path: Path, count: int, editing: bool) -> dict[str, Any]:
    figures: dict[str, Any] = {"tasks": count, "file_bytes": path.stat().st_size}
    if editing:
        with somebody_editing(server, made) as quiet:
            time.sleep(5)
        with Memory(server.pid) as memory, somebody_editing(server, made) as busy:
            figures["import_s"], job = timed(lambda: import_by_upload(client, made.project, path))
        for name, values in (("quiet", quiet), ("import", busy)):
            figures[f"edit_{name}_p50_ms"] = statistics.median(values)
            figures[f"edit_{name}_p95_ms"] = percentile(values, 95)
    else:
        with Memory(server.pid) as memory:
            figures["import_s"], job = timed(lambda: import_by_upload(client, made.project, path))
    if (job["state"], job["taken"]) != ("done", count):
        raise SystemExit(f"the import did not take all: {job}")
    figures["upload_s"] = job["upload_s"]
    figures |= {"import_peak_mb": memory.peak, "import_peak_by_process_mb": memory.peaks}
    for format in ("jsonl", "csv", "conll"):
        with Memory(server.pid) as memory:
            seconds, (size, first) = timed(partial(export_over_http, client, made.project, format))
        figures |= {
            f"export_{format}_s": seconds,
            f"export_{format}_bytes": size,
            f"export_{format}_first_byte_s": first,
        }
        figures[f"export_{format}_peak_mb"] = memory.peak
    output = path.with_name("out.jsonl")
    figures["export_command_s"], (size, figures["export_command_peak_mb"]) = timed(
        lambda: export_by_command(server, made.project, output)
    )
    if size != figures["export_jsonl_bytes"]:
        raise SystemExit("the command and HTTP exported different bytes")
    return figures


def report(figures: dict[str, Any]) -> None:
    rows = [
        ["import: upload to done", figures["import_s"], figures["import_peak_mb"]],
        ["    the upload alone", figures["upload_s"], None],
        *(
            [f"export {format} over HTTP", figures[f"export_{format}_s"], figures[f"export_{format}_peak_mb"]]
            for format in ("jsonl", "csv", "conll")
        ),
        [
            "export jsonl by command (its start included)",
            figures["export_command_s"],
            figures["export_command_peak_mb"],
        ],
    ]
    table(f"{figures['tasks']:,} tasks with one span each", ["what", "s", "peak MB, all processes"], rows)
    by_process = ", ".join(f"{name} {peak:.0f}" for name, peak in figures["import_peak_by_process_mb"].items())
    print(f"\npeak MB by process while importing: {by_process}")
    print(f"first byte of the export after {figures['export_jsonl_first_byte_s'] * 1000:.0f} ms")
    ours = [
        "Colabel",
        figures["import_s"],
        figures["export_jsonl_s"],
        max(figures["import_peak_mb"], figures["export_jsonl_peak_mb"]),
    ]
    peers = [[name, peer["import_s"], peer["export_s"], peer["peak_mb"]] for name, peer in PEERS.items()]
    table(f"beside others, with {PEER_TASKS:,}", ["", "import s", "export s", "peak MB"], [ours, *peers])
    if "edit_quiet_p50_ms" in figures:
        edits = [[name, figures[f"edit_{name}_p50_ms"], figures[f"edit_{name}_p95_ms"]] for name in ("quiet", "import")]
        table("an annotation over REST until it is committed, ms", ["", "p50", "p95"], edits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=PEER_TASKS)
    parser.add_argument("--editing", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = run(Path(folder), options.tasks, options.editing)
    report(figures)
    finish("import_export", **figures, peers=PEERS)


if __name__ == "__main__":
    main()
