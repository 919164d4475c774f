"""A client that stops reading while hundreds of megabytes are written for it: it is cut off, and costs the server little.

As soon as it is cut off it comes again, until all of the traffic was made. Its colleagues must not notice.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import time

from benchmarks.cpu import own_megabytes
from benchmarks.faults import truth
from benchmarks.faults.cluster import Cluster
from benchmarks.faults.editors import PycrdtEditor
from benchmarks.faults.hands import Edit, Hand
from benchmarks.faults.stage import Stage

RUNS = 256  # megabytes
MUST = "memory +<= 16 MB, cut off <= 30 s"
MOST_MEGABYTES, MOST_SECONDS = 16.0, 30.0
WARM_MEGABYTES = 12
PIECE_BYTES = 48_000
WRITERS = 2
MEGABYTE = 1024 * 1024
ESTABLISHED = 1


class Writer(Hand):
    """Types a large piece and takes it back, over and over: much traffic, a small document."""

    def next(self) -> Edit:
        number = len(self.made)
        token = f"<{self.name}.{number // 2}{'x' * PIECE_BYTES}>"
        self.made.append(("type", token, 0.0) if number % 2 == 0 else ("untype", token))
        return self.made[-1]


def memory(cluster: Cluster) -> float:
    """Megabytes of its own that the server holds."""
    return own_megabytes(cluster.servers[0].pid)


class SlowReader:
    """A socket that joins a document, asks for everything and never reads again."""

    def __init__(self, cluster: Cluster, document: int) -> None:
        server = cluster.servers[0]
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(10)
        self._socket.connect(("127.0.0.1", server.port))
        key = base64.b64encode(os.urandom(16)).decode()
        head = [
            f"GET /ws/documents/{document}/ HTTP/1.1",
            f"Host: 127.0.0.1:{server.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Authorization: Bearer {cluster.project.tokens['p3']}",
        ]
        self._socket.sendall("\r\n".join([*head, "", ""]).encode())
        answer = self._socket.recv(1024)
        assert answer.startswith(b"HTTP/1.1 101"), answer
        payload = b"\0\0\1\0"  # SyncStep1 of an empty document
        self._socket.sendall(bytes([0x82, 0x80 | len(payload)]) + bytes(4) + payload)  # masked with zeros
        self.began = time.monotonic()

    def is_cut_off(self) -> bool:
        return self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != ESTABLISHED

    def close(self) -> None:
        self._socket.close()


async def play(stage: Stage, warm_megabytes: int = WARM_MEGABYTES) -> None:
    cluster = stage.cluster
    _, document = await asyncio.to_thread(cluster.new_document)
    made = cluster.project
    writers = []
    for number in range(WRITERS):
        person = f"p{number}"
        hand = Writer(f"w{number}", made.users[person], stage.rng(number))
        writers.append(PycrdtEditor(cluster.address_of(document), made.tokens[person], hand))
    await truth.until(lambda: truth.all_synced(writers))
    await write(writers, warm_megabytes)
    before = memory(cluster)
    watching = asyncio.ensure_future(watch(cluster, before))
    written = asyncio.Event()
    kept_up = asyncio.ensure_future(slow(cluster, document, written))
    began = time.monotonic()
    await write(writers, stage.runs)
    seconds = time.monotonic() - began
    written.set()
    cut_off, unfinished = await kept_up
    watching.cancel()
    peak = await watching
    problems = await truth.saved(writers)
    if peak - before > MOST_MEGABYTES:
        problems.append(f"memory rose by {peak - before:.1f} MB")
    problems += [] if cut_off else ["nobody was cut off"]
    problems += stage.late("cut off after", max([*cut_off, unfinished]), MOST_SECONDS)
    problems += [f"{writer.hand.name} was cut off, too: {writer.closes}" for writer in writers if writer.closes]
    for writer in writers:
        await writer.close()
    stage.tell(
        0,
        problems,
        megabytes=stage.runs,
        seconds=round(seconds, 1),
        before_mb=round(before, 1),
        rise_mb=round(peak - before, 1),
        times_cut_off=len(cut_off),
        slowest_cut_s=round(max(cut_off, default=0.0), 1),
    )


async def write(writers: list[PycrdtEditor], megabytes: int) -> None:
    """Each piece is waited for: what piles up is the slow reader's alone."""
    rounds = megabytes * MEGABYTE // (PIECE_BYTES * len(writers))
    for _ in range(rounds):
        for _ in range(2):
            for writer in writers:
                writer.edit()
            await truth.until(lambda: truth.all_saved(writers), 60, 0.002)


async def watch(cluster: Cluster, peak: float) -> float:
    try:
        while True:
            peak = max(peak, memory(cluster))
            await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        return peak


async def slow(cluster: Cluster, document: int, written: asyncio.Event) -> tuple[list[float], float]:
    """Come again whenever cut off: how long each time took, and how long the last one has been there."""
    seconds: list[float] = []
    reader = await asyncio.to_thread(SlowReader, cluster, document)
    try:
        while not written.is_set():
            await asyncio.sleep(0.05)
            if reader.is_cut_off():
                seconds.append(time.monotonic() - reader.began)
                reader.close()
                reader = await asyncio.to_thread(SlowReader, cluster, document)
        return seconds, time.monotonic() - reader.began
    finally:
        reader.close()
