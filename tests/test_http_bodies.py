"""Large bodies over a real server: everybody else is served meanwhile, and memory does not grow with them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx

from tests.support.rest import problem_of, tokens_of, wire
from tests.support.servers import Server

MEGABYTE = 1024 * 1024


def peak_megabytes(server: Server) -> float:
    """The most memory that the server's process has ever held."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def slowest_answer(server: Server, until: asyncio.Task[None]) -> float:
    slowest = 0.0
    async with httpx.AsyncClient() as client:
        while not until.done():
            began = time.perf_counter()
            assert (await client.get(f"{server.url}/healthz", timeout=30)).status_code == 200
            slowest = max(slowest, time.perf_counter() - began)
            await asyncio.sleep(0.02)
    return slowest


async def test_a_large_upload_keeps_nobody_waiting(own_server: Server, tmp_path: Path) -> None:
    token = tokens_of(own_server, ["bodies-manager"])["bodies-manager"][1]
    with wire(own_server, token) as manager:
        project = manager.post("/projects", json={"name": "Large"}).json()["id"]
    path = tmp_path / "large.txt"
    path.write_bytes(b"A line of some words.\n" * (64 * MEGABYTE // 22))
    before = peak_megabytes(own_server)

    def upload() -> None:
        with wire(own_server, token) as client, path.open("rb") as file:
            # A format that there is not: what the upload itself costs is measured, not the import.
            problem_of(client.post(f"/projects/{project}/import", files={"file": file}, data={"format": "none"}), 422)

    slowest = await slowest_answer(own_server, asyncio.create_task(asyncio.to_thread(upload)))
    assert slowest < 2, "the server stood still"
    assert peak_megabytes(own_server) - before < 30


def test_a_body_without_end_is_not_kept(server: Server) -> None:
    token = tokens_of(server, ["bodies-manager"])["bodies-manager"][1]
    with wire(server, token) as manager:
        problem_of(manager.post("/projects", content=b" " * (9 * MEGABYTE)), 413)
        assert manager.get("/me").status_code == 200
