"""The servers that are compared, and how each is started afresh for one scenario."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.side_by_side.driver import TEXT, run_driver
from tests.support.ports import free_port
from tests.support.projects import Made, make_project
from tests.support.servers import ROOT, Server

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Peer:
    """A server that the driver starts itself. `{port}` and `{folder}` (the driver's) are put in."""

    command: str
    options: tuple[str, ...] = ()
    path: str = "{room}"
    modules: tuple[str, ...] = ()  # of Python; the peer is left out where they are missing
    relay: bool = False  # holds no document: no S4, no S6


PYTHON = sys.executable
RELAY = f"env PYTHONPATH={ROOT} PORT={{port}} MODE=%s {PYTHON} {HERE / 'daphne_relay.py'}"
PYCRDT = ("pycrdt.websocket", "uvicorn", "uvloop")
PEERS = {
    "y-websocket": Peer("env HOST=127.0.0.1 PORT={port} node node_modules/@y/websocket-server/src/server.js"),
    "hocuspocus4": Peer("env PORT={port} node peers/hocuspocus.mjs", ("--protocol", "hocuspocus"), ""),
    "pycrdt-websocket": Peer(f"env PORT={{port}} {PYTHON} peers/pycrdt_ws_uvicorn.py", modules=PYCRDT),
    "daphne-relay": Peer(RELAY % "std", ("--relay",), relay=True),
    "daphne-relay-sock": Peer(RELAY % "sock", ("--relay",), relay=True),
}
OURS = {"colabel": "daphne", "colabel-uvicorn": "uvicorn"}
NAMES = (*PEERS, *OURS)


def run_peer(name: str, scenario: str, script: Path) -> dict[str, Any] | None:
    """One scenario against one peer; None where the peer has no such thing."""
    peer = PEERS[name]
    if peer.relay and scenario in ("S4", "S6"):
        return None
    port = free_port()
    arguments = ["--name", name, "--url", f"ws://127.0.0.1:{port}/{peer.path}", *peer.options]
    return run_driver(script, scenario, [*arguments, "--cmd", peer.command.format(port=port)])


class Ours:
    """A prepared data folder (project, tasks, token), copied for every start, so that each begins with empty documents."""

    def __init__(self, work: Path, rooms: int) -> None:
        self._folder = work / f"colabel-{rooms}"
        self._made = self._folder.with_suffix(".json")
        if not self._made.exists():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            server = Server(self._folder, worker=False)
            server.manage("migrate", "-v", "0")
            made = make_project(server, "side", [TEXT] * rooms, {"owner": "manager"}, memory=False)
            self._made.write_text(json.dumps(asdict(made)))
        self.made = Made(**json.loads(self._made.read_text()))

    @contextlib.contextmanager
    def server(self, name: str) -> Iterator[Server]:
        """A server that has just started, on a copy of the folder."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
            data = Path(scratch) / "data"
            shutil.copytree(self._folder, data)
            server = Server(data, asgi=OURS[name], worker=False).start()
            try:
                yield server
            finally:
                server.kill()

    def run(self, name: str, scenario: str, script: Path) -> dict[str, Any]:
        with self.server(name) as server:
            return drive(script, scenario, name, [server], self.made)


def drive(script: Path, scenario: str, name: str, servers: list[Server], made: Made) -> dict[str, Any]:
    """The driver against running servers of ours; clients of a room are spread over all of them."""
    rooms = script.with_name(f"rooms-{name}.txt")
    rooms.write_text("\n".join(map(str, made.documents)))
    urls = ",".join(f"{server.ws_url}/ws/documents/{{room}}/" for server in servers)
    pids = ",".join(str(server.pid) for server in servers)
    arguments = ["--name", name, "--url", urls, "--rooms", str(rooms), "--bearer", made.tokens["owner"], "--pid", pids]
    return run_driver(script, scenario, arguments, made.users["owner"])
