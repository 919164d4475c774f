"""Large bodies over a real server: everybody else is served meanwhile, and memory does not grow with them."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from annotator.threads import KEPT
from tests.support.processes import wait_until
from tests.support.rest import problem_of
from tests.support.servers import Server
from tests.support.wire import tokens_of, wire

MEGABYTE = 1024 * 1024
TEXTS = 32  # of a megabyte each, in the export that is read slowly
WAIT_SECONDS = 30
MAKE_TEXTS = """
from projects.models import Project, Task
Task.objects.bulk_create((Task(project_id={project}, text="word " * 209_715) for _ in range({count})), batch_size=4)
"""


def status_of(server: Server, name: str) -> int:
    """A number that the kernel tells of the server's process."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0])


def peak_megabytes(server: Server) -> float:
    """The most memory that the server's process has ever held."""
    return status_of(server, "VmHWM") / 1024


class Watched(io.BytesIO):
    """An upload that goes on only when somebody else was answered in between."""

    def __init__(self, content: bytes, server: Server) -> None:
        super().__init__(content)
        self._server = server
        self._asked_at = 0
        self.asked = 0

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() - self._asked_at >= 4 * MEGABYTE:
            self._asked_at = self.tell()
            assert httpx.get(f"{self._server.url}/healthz", timeout=WAIT_SECONDS).status_code == 200
            self.asked += 1
        return super().read(size)


def test_a_large_upload_keeps_nobody_waiting(own_server: Server) -> None:
    token = tokens_of(own_server, ["bodies-manager"])["bodies-manager"][1]
    with wire(own_server, token) as manager:
        project = manager.post("/projects", json={"name": "Large"}).json()["id"]
        before = peak_megabytes(own_server)
        file = Watched(b"A line of some words.\n" * (64 * MEGABYTE // 22), own_server)
        # A format that there is not: what the upload itself costs is measured, not the import.
        problem_of(manager.post(f"/projects/{project}/import", files={"file": file}, data={"format": "none"}), 422)
    assert file.asked == 15
    assert peak_megabytes(own_server) - before < 30


def test_a_body_without_end_is_not_kept(server: Server) -> None:
    token = tokens_of(server, ["bodies-manager"])["bodies-manager"][1]
    with wire(server, token) as manager:
        problem_of(manager.post("/projects", content=b" " * (9 * MEGABYTE)), 413)
        assert manager.get("/me").status_code == 200


class Reader:
    """Somebody who asks for an export and reads only when told to."""

    def __init__(self, server: Server, path: str, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_SECONDS)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        lines = (f"GET {path} HTTP/1.0", f"Authorization: Bearer {token}", f"Host: 127.0.0.1:{server.port}", "", "")
        self.socket.sendall("\r\n".join(lines).encode())
        self.received = self.socket.recv(4096)  # it has begun

    def read_on(self) -> bytes:
        pieces = [self.received]
        while pieces[-1]:
            pieces.append(self.socket.recv(MEGABYTE))
        self.go_away()
        return b"".join(pieces)

    def go_away(self) -> None:
        self.socket.close()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, str]]:
    """A server of this file's own with an export of many megabytes: its address, and a token."""
    running = Server(tmp_path_factory.mktemp("bodies")).start()
    token = tokens_of(running, ["bodies-manager"])["bodies-manager"][1]
    with wire(running, token) as manager:
        project = manager.post("/projects", json={"name": "Large"}).json()["id"]
    running.shell(MAKE_TEXTS.format(project=project, count=TEXTS))
    yield running, f"/api/projects/{project}/export", token
    running.kill()


def whole(server: Server, path: str, token: str) -> bytes:
    answer = httpx.get(server.url + path, headers={"Authorization": f"Bearer {token}"}, timeout=WAIT_SECONDS)
    assert answer.status_code == 200
    return answer.content


@pytest.mark.promise("P8")
def test_a_slow_reader_costs_no_memory_and_gets_everything(large: tuple[Server, str, str]) -> None:
    server, path, token = large
    expected = whole(server, path, token)
    assert len(expected) > TEXTS * MEGABYTE
    before = peak_megabytes(server)
    reader = Reader(server, path, token)
    # While others are sent the whole, his would have been made, and kept for him, as well.
    for _ in range(2):
        assert whole(server, path, token) == expected
    assert reader.read_on().partition(b"\r\n\r\n")[2] == expected
    assert peak_megabytes(server) - before < TEXTS / 2


@pytest.mark.promise("P8")
def test_nothing_is_left_of_a_reader_who_goes_away(large: tuple[Server, str, str]) -> None:
    server, path, token = large
    for reader in [Reader(server, path, token) for _ in range(4)]:  # the threads that all exports share are there then
        reader.read_on()
    threads = status_of(server, "Threads")
    readers = [Reader(server, path, token) for _ in range(8)]
    for reader in readers:
        reader.go_away()
    # Some threads of requests are kept for the next ones; eight that were lost would be more.
    gone = "the end of threads of exports that nobody reads"
    wait_until(lambda: status_of(server, "Threads") <= threads + KEPT, gone)
    assert len(whole(server, path, token)) > TEXTS * MEGABYTE
