"""/healthz, /readyz and /metrics of a real server: what they say, when something is missing, and to whom."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pycrdt import Map

from tests.support.peers import Peer
from tests.support.processes import missing
from tests.support.projects import make_project
from tests.support.redis import Redis
from tests.support.servers import Server

STARTS_SECONDS = 30.0


def get(url: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    asked = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


def readyz(server: Server, query: str = "") -> tuple[int, dict[str, Any]]:
    status, body, _ = get(f"{server.url}/readyz{query}")
    return status, json.loads(body)


def until_ready(server: Server, ready: bool, query: str = "") -> dict[str, Any]:
    """Wait until the server says so."""
    deadline = time.monotonic() + STARTS_SECONDS
    while True:
        status, said = readyz(server, query)
        assert status == (200 if said["ready"] else 503)
        if said["ready"] is ready:
            return said
        assert time.monotonic() < deadline, said
        time.sleep(0.2)


def figures(server: Server, **headers: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Each sample by its name and its labels."""
    status, body, _ = get(f"{server.url}/metrics", **headers)
    assert status == 200, body
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def test_a_server_with_its_worker_is_ready(server: Server) -> None:
    said = until_ready(server, True)
    assert all(check["ok"] for check in said["checks"].values())
    assert set(said["checks"]) == {"database", "migrations", "journal", "redis", "worker"}


def test_probes_are_answered_under_any_name(server: Server) -> None:
    for page in ("healthz", "readyz", "metrics"):
        status, _, headers = get(f"{server.url}/{page}", Host="10.9.8.7:1234")
        assert {name.lower(): value for name, value in headers.items()}["x-content-type-options"] == "nosniff"
        assert status != 400, page
    assert get(f"{server.url}/accounts/login/", Host="10.9.8.7:1234")[0] == 400


def test_a_need_that_does_not_exist_is_told(server: Server) -> None:
    status, said = readyz(server, "?needs=coffee")
    assert status == 400
    assert "coffee" in said["sentence"]
    assert "journal" in said["sentence"]


@pytest.fixture
def bare_server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own that is not started yet."""
    made = Server(tmp_path / "data")
    made.data_dir.mkdir()
    yield made
    made.kill()


def test_without_a_migration_it_is_alive_and_not_ready(bare_server: Server) -> None:
    bare_server.manage("migrate", "projects", "0001", "-v", "0")
    bare_server.manage("migrate", "auth", "-v", "0")
    bare_server.start()
    assert get(f"{bare_server.url}/healthz")[:2] == (200, "ok\n")
    said = until_ready(bare_server, False)
    assert "manage.py migrate" in said["checks"]["migrations"]["missing"]
    assert "manage.py migrate" in said["sentence"]


def test_a_worker_that_never_came_is_told_and_only_who_needs_it_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    server = Server(data, worker=False)
    try:
        server.start()
        said = until_ready(server, False)
        assert said["checks"]["worker"] == {"ok": False, "missing": "No worker was ever seen: imports wait."}
        assert readyz(server, "?needs=database,migrations,journal")[0] == 200
    finally:
        server.kill()


@pytest.mark.skipif(bool(missing("redis-server")), reason=missing("redis-server"))
def test_redis_that_is_away_is_told_without_its_address(tmp_path: Path) -> None:
    data, redis = tmp_path / "data", Redis("hidden-password")
    data.mkdir()
    server = Server(data, REDIS_URL=redis.url)
    try:
        redis.start()
        server.start()
        until_ready(server, True)
        redis.stop()
        said = until_ready(server, False)
        assert not said["checks"]["redis"]["ok"]
        assert "hidden-password" not in json.dumps(said)
        assert str(redis.port) not in json.dumps(said)
        assert readyz(server, "?needs=database,journal")[0] == 200
    finally:
        redis.remove()
        server.kill()


def test_a_journal_that_cannot_be_written_is_told(own_server: Server) -> None:
    until_ready(own_server, True)
    own_server.shell(
        "from django.db import connection\n"
        'connection.cursor().execute("CREATE TRIGGER full BEFORE UPDATE ON projects_heartbeat "\n'
        "    \"BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END\")"
    )
    said = until_ready(own_server, False)
    assert said["checks"]["journal"]["missing"] == "The journal cannot be written."
    assert said["checks"]["database"]["ok"]


def test_figures_are_not_for_who_comes_through_a_proxy(server: Server) -> None:
    status, body, _ = get(f"{server.url}/metrics", X_Forwarded_For="203.0.113.9")
    assert status == 403
    assert "METRICS_TOKEN" in body


def test_figures_are_for_who_brings_the_token_where_there_is_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    server = Server(data, METRICS_TOKEN="a-token-of-figures")
    try:
        server.start()
        assert get(f"{server.url}/metrics")[0] == 403
        assert get(f"{server.url}/metrics", Authorization="Bearer another")[0] == 403
        token = {"Authorization": "Bearer a-token-of-figures", "X_Forwarded_For": "203.0.113.9"}
        assert figures(server, **token)["colabel_database_up", ()] == 1
    finally:
        server.kill()


async def test_figures_count_what_happened(own_server: Server) -> None:
    made = make_project(own_server, "figures", ["Ann went to Oslo."], {"ann": "manager"}, memory=False)
    document, token, user = made.documents[0], made.tokens["ann"], made.users["ann"]
    async with Peer(own_server.ws_url, document, token) as one, Peer(own_server.ws_url, document, token) as two:
        # A map of comments takes any words; a root that does not exist is refused.
        for number in range(5):
            one.map("comments")[f"comment-{number}"] = comment(user, "fine")
        await one.until(lambda: one.saved >= one.sent or bool(refusals(one)))
        assert not refusals(one), refusals(one)
        await two.until(lambda: len(two.map("comments")) == 5)
        open_now = figures(own_server)
        assert open_now["colabel_rooms", ()] == 1
        assert open_now["colabel_sessions", ()] == 2
        two.doc.get("nowhere", type=Map)["key"] = 1
        await two.until(lambda: bool(refusals(two)))
    found = figures(own_server)
    assert found["colabel_edits_total", ()] == 5
    assert found["colabel_edit_commit_seconds_count", ()] == 5
    assert found["colabel_edit_shown_seconds_count", ()] == 5
    assert found["colabel_acks_total", ()] >= 1
    assert found["colabel_commit_edits_sum", ()] == 5
    assert found["colabel_commit_bytes_sum", ()] > 100
    assert found["colabel_edit_commit_seconds_sum", ()] >= found["colabel_commit_seconds_sum", ()] * 0.5
    reasons = {labels: value for (name, labels), value in found.items() if name == "colabel_refusals_total"}
    assert sum(reasons.values()) == 1
    assert found["colabel_jobs", (("kind", "import"), ("state", "done"))] == 0
    assert found["colabel_runs", (("state", "done"),)] == 0
    assert found["process_resident_memory_bytes", ()] > 1e6


async def test_closes_are_counted_by_their_code(own_server: Server) -> None:
    make_project(own_server, "closes", ["Text."], {"ann": "manager"}, memory=False)
    async with Peer(own_server.ws_url, 1, "cl_of-nobody") as nobody:
        assert await nobody.until_closed() == 4401
    assert figures(own_server)["colabel_closes_total", (("code", "4401"),)] == 1


def test_an_import_is_counted(own_server: Server, tmp_path: Path) -> None:
    made = make_project(own_server, "imported", [], {"ann": "manager"}, memory=False)
    (tmp_path / "three.txt").write_text("one\ntwo\nthree\n")
    own_server.manage("import_tasks", str(made.project), str(tmp_path / "three.txt"))
    found = figures(own_server)
    assert found["colabel_jobs", (("kind", "import"), ("state", "done"))] == 1
    assert found["colabel_import_records", (("result", "taken"),)] == 3


def comment(author: int, body: str) -> dict[str, Any]:
    return {"author": author, "on": None, "body": body, "created": "2026-01-01T00:00:00Z"}


def refusals(peer: Peer) -> list[dict[str, Any]]:
    return [event for event in peer.events if event["type"] == "refused"]
