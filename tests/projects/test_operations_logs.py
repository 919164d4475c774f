"""Log lines: whose they are, and that nobody's content is in them, whatever happens and at any level."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from pycrdt import Map

from annotator.collaboration.log_context import bind, unbind
from annotator.logs import JsonLines, TextLines
from tests.support.peers import Peer
from tests.support.projects import Made, make_project
from tests.support.servers import ROOT, Server

SECRET = "xylophonist"


def ask(server: Server, path: str, token: str = "", body: Any = None, **headers: str) -> tuple[int, Message]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    if token:
        given["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    if data is not None:
        given["Content-Type"] = "application/json"
    asked = urllib.request.Request(server.url + path, headers=given, data=data)
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            answer.read()
            return answer.status, answer.headers
    except urllib.error.HTTPError as error:
        error.read()
        return error.code, error.headers


def lines(server: Server) -> list[dict[str, Any]]:
    """What the server and its worker logged; all but the sentence for whoever started it must be JSON."""
    return [json.loads(line) for line in server.log().splitlines() if not line.startswith("Colabel serves on")]


def said(server: Server, message: str, **fields: Any) -> list[dict[str, Any]]:
    found = [line for line in lines(server) if line["message"] == message]
    return [line for line in found if all(line.get(name) == value for name, value in fields.items())]


@pytest.fixture(params=["json", "text"])
def wordy_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """A server that logs all it can."""
    data = tmp_path / "data"
    data.mkdir()
    running = Server(data, LOG_FORMAT=request.param, LOG_LEVEL="DEBUG", ALLOWED_HOSTS="localhost,127.0.0.1")
    running.start()
    yield running
    running.kill()


async def work_with_the_secret(server: Server, made: Made, folder: Path) -> None:
    """Everything that people do with words: as content, as labels, in searches, in what is refused."""
    document, token, user = made.documents[0], made.tokens["ann"], made.users["ann"]
    async with Peer(server.ws_url, document, token) as peer:
        peer.map("comments")["comment-1"] = {
            "author": user, "on": None, "body": SECRET, "created": "2026-01-01T00:00:00Z",
        }  # fmt: skip
        peer.map("annotations")["annotation-1"] = {
            "kind": "span", "field": "entities", "label": SECRET, "value": {"start": 0, "end": 5},
            "author": user, "origin": "human", "created": "2026-01-01T00:00:00Z",
        }  # fmt: skip
        await peer.until_saved()
    async with Peer(server.ws_url, document, token) as peer:
        peer.map("annotations")[f"{SECRET}-2"] = {"kind": SECRET}
        await peer.until(lambda: any(event["type"] == "refused" for event in peer.events))
    async with Peer(server.ws_url, document, token, events=False) as peer:
        peer.doc.get(SECRET, type=Map)[SECRET] = SECRET
        assert await peer.until_closed() == 4422
    async with Peer(server.ws_url, document, f"cl_{SECRET}") as peer:
        assert await peer.until_closed() == 4401
    assert ask(server, f"/projects/{made.project}/tasks/?search={SECRET}")[0] == 200  # the login page
    assert ask(server, f"/api/projects/{made.project}/tasks?search={SECRET}", token)[0] == 200
    assert ask(server, f"/api/projects/{made.project}/tasks?limit={SECRET}", token)[0] == 422
    assert ask(server, f"/api/projects/{made.project}/tasks?search={SECRET}", f"cl_{SECRET}")[0] == 401
    assert (
        ask(server, f"/api/projects/{made.project}/tasks", token, {"tasks": [{"text": SECRET}, {SECRET: 1}]})[0] == 422
    )
    assert ask(server, f"/accounts/login/?next=/{SECRET}", X_Request_ID=f"not sane {SECRET}")[0] == 200
    source = folder / f"{SECRET}.jsonl"
    source.write_text(json.dumps({"text": SECRET}) + "\n{" + SECRET + "\n" + json.dumps({"text": 1, SECRET: 2}) + "\n")
    server.manage("import_tasks", str(made.project), str(source), check=False)


async def test_no_line_holds_anybodys_content_at_any_level(wordy_server: Server, tmp_path: Path) -> None:
    labels = {"entities": [SECRET, "place"]}
    made = make_project(
        wordy_server, "secrets", [f"An {SECRET} plays."], {"ann": "manager"}, template="entities", labels=labels
    )
    await work_with_the_secret(wordy_server, made, tmp_path)
    wordy_server.stop()
    log = wordy_server.log()
    assert "Left" in log
    assert "Answered" in log
    assert "DEBUG" in log
    assert SECRET not in log
    assert urllib.parse.quote(made.tokens["ann"]) not in log


@pytest.fixture
def json_server(tmp_path: Path) -> Iterator[Server]:
    data = tmp_path / "data"
    data.mkdir()
    running = Server(data, LOG_FORMAT="json").start()
    yield running
    running.kill()


async def test_lines_say_whose_request_or_session_they_are_of(json_server: Server) -> None:
    made = make_project(json_server, "ids", ["Text."], {"ann": "manager"}, memory=False)
    status, headers = ask(json_server, f"/api/projects/{made.project}", made.tokens["ann"], X_Request_ID="proxy-1234")
    assert (status, headers["X-Request-ID"]) == (200, "proxy-1234")
    (line,) = said(json_server, "Answered", request="proxy-1234")
    assert (line["method"], line["path"], line["status"]) == ("GET", f"/api/projects/{made.project}", 200)
    assert line["ms"] > 0
    _, headers = ask(json_server, "/accounts/login/", X_Request_ID="no good: spaces")
    made_up = headers["X-Request-ID"]
    assert len(made_up) == 16
    assert len(said(json_server, "Answered", request=made_up)) == 1

    own = {"Authorization": f"Bearer {made.tokens['ann']}", "X-Request-ID": "socket-5678"}
    async with Peer(json_server.ws_url, made.documents[0], headers=own) as peer:
        peer.map("comments")["comment-1"] = {
            "author": made.users["ann"], "on": None, "body": "fine", "created": "2026-01-01T00:00:00Z",
        }  # fmt: skip
        await peer.until_saved()
    json_server.stop()
    (left,) = said(json_server, "Left")
    assert (left["request"], left["user"], left["document"]) == ("socket-5678", made.users["ann"], made.documents[0])
    assert len(left["session"]) == 16
    assert left["code"] == 1000
    assert left["edits"] >= 1
    assert left["seconds"] > 0


def record(message: Any, *args: Any, name: str = "projects.somewhere", error: BaseException | None = None) -> Any:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord(name, logging.ERROR, "file.py", 1, message, args, info)


def raised(secret: str) -> Exception:
    """An error with a cause, both of which quote what they are about."""
    try:
        try:
            int(secret)
        except ValueError as cause:
            raise LookupError(f"nothing is called {secret}") from cause
    except LookupError as error:
        return error


@pytest.mark.parametrize("formatter", [JsonLines(), TextLines()], ids=["json", "text"])
def test_errors_are_told_by_their_type_and_place(formatter: logging.Formatter) -> None:
    error = raised(SECRET)
    for given in (
        record("It failed", error=error),
        record("It failed: %s", error),
        record(error),
        record("Exception inside application: %s\n%s", error, str(error), name="daphne.server"),
        record(f"Task exception was never retrieved\nfuture: {error!r}", name="asyncio"),
    ):
        line = formatter.format(given)
        assert SECRET not in line
    line = formatter.format(record("It failed", error=error))
    assert "LookupError" in line
    assert "ValueError" in line
    assert " raised" in line
    assert "No space left on device" in formatter.format(record("%s", OSError(28, "No space left on device")))


def test_a_field_that_is_not_named_is_not_said() -> None:
    given = record("Answered")
    given.__dict__.update(path="/here", body=SECRET, request="not-bound-by-us")
    token = bind(request="bound", session="s")
    try:
        line = json.loads(JsonLines().format(given))
    finally:
        unbind(token)
    assert line["path"] == "/here"
    assert line["session"] == "s"
    assert "body" not in line


def test_a_format_that_does_not_exist_stops_the_start(tmp_path: Path) -> None:
    env = {**os.environ, "DATA_DIR": str(tmp_path), "LOG_FORMAT": "xml"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "check"], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "LOG_FORMAT" in done.stderr
