"""Edit to a colleague's document, and edit to `saved`, with 2, 20 and 100 editors in one document, over real sockets.

`python -m benchmarks.latency [--driver FOLDER]`: where the folder of the sync benchmark's load driver is given, or stands
beside the project, its scenarios S1 and S2 are run against the same server, too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.report import finish, table
from tests.support.node import FOLDER, install_packages
from tests.support.projects import Made, make_project
from tests.support.servers import ROOT, Server

TEXT = "Colabel lets people and models label the same text together. " * 1700  # some 100,000 code points
LABELS = ["person", "organisation", "location", "product"]
SIZES = (2, 20, 100)
DRIVER = ROOT.parent / "shared" / "bench" / "sync"


def editors(
    server: Server, made: Made, document: int, count: int, rate: float, seconds: int, length: int = len(TEXT)
) -> dict[str, Any]:
    """One run of editors.mjs in a document of its own."""
    arguments = [
        f"{server.ws_url}/ws/documents/{document}/",
        made.tokens["owner"],
        made.users["owner"],
        "entities",
        ",".join(LABELS),
        length,
        count,
        rate,
        seconds,
    ]
    done = subprocess.run(
        ["node", "editors.mjs", *map(str, arguments)], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def drive(server: Server, made: Made, documents: list[int], folder: Path) -> dict[str, Any]:
    """The load driver's S1 and S2 against the running server."""
    if not (folder / "driver.js").exists():
        return {}
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "sync"
        subprocess.run(["cp", "-r", "--no-preserve=mode", str(folder), str(copy)], check=True)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=copy, check=True)
        rooms = Path(scratch) / "rooms"
        rooms.write_text("\n".join(map(str, documents)))
        out = Path(scratch) / "out.json"
        command = ["node", "driver.js", "--url", f"{server.ws_url}/ws/documents/{{room}}/", "--rooms", str(rooms)]
        command += ["--bearer", made.tokens["owner"], "--colabel", str(made.users["owner"]), "--pid", str(server.pid)]
        command += ["--field", "entities", "--labels", ",".join(LABELS), "--length", str(len(TEXT))]
        command += ["--only", "S1,S2", "--sizes", "20,100", "--out", str(out), "--name", "colabel"]
        subprocess.run(command, cwd=copy, check=True)
        found: dict[str, Any] = json.loads(out.read_text())["results"]
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rate", type=float, default=5.0, help="edits a second of each editor")
    parser.add_argument("--driver", type=Path, default=DRIVER)
    options = parser.parse_args()
    install_packages()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).start()
        try:
            made = make_project(server, "latency", [TEXT] * 8, {"owner": "manager"}, memory=False)
            runs = [
                editors(server, made, document, count, options.rate, options.seconds)
                for document, count in zip(made.documents, SIZES, strict=False)
            ]
            driven = drive(server, made, made.documents[len(SIZES) :], options.driver)
        finally:
            server.stop()
    report(runs, driven)


def report(runs: list[dict[str, Any]], driven: dict[str, Any]) -> None:
    columns = ("p50", "p95", "p99", "max")
    rows = [
        [run["editors"], what, run["edits"], *(run[key][c] for c in columns), run[missing]]
        for run in runs
        for what, key, missing in (
            ("to a colleague", "colleague_ms", "not_seen"),
            ("to saved", "saved_ms", "not_saved"),
        )
    ]
    table("Edit to ... (ms)", ["editors", "what", "edits", *columns, "missing"], rows)
    if driven:
        rows = [
            [key, *(found["latency_ms"][c] for c in columns), found["missing"], found["server_cpu_pct"]]
            for key, found in driven.items()
        ]
        table("The sync benchmark's driver (ms)", ["scenario", *columns, "missing", "server CPU %"], rows)
    finish("latency", editors=runs, driver=driven)


if __name__ == "__main__":
    main()
