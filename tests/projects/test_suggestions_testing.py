"""Trying a backend: a sentence says that it works, or what is wrong."""

from __future__ import annotations

import asyncio
import threading
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from examples.stream_backend import Suggest
from projects.models import Backend, Field, Label, Project
from projects.suggestions import testing
from projects.suggestions.testing import test_connection as try_it
from tests.support.backends import Call, Script, ScriptedBackend


@pytest.fixture
def project(transactional_db: None) -> Project:
    project = Project.objects.create(name="Trying")
    field = Field.objects.create(project=project, key="entities", name="Entities", kind="span")
    Label.objects.create(field=field, key="person", name="Person")
    Label.objects.create(field=field, key="link", name="Link")
    return project


def tried(project: Project, script: Script) -> tuple[bool, str]:
    with ScriptedBackend(script) as backend:
        return try_it(Backend(project=project, name="b", kind="stream", url=backend.url))


async def works(call: Call) -> None:
    await call.head()
    await call.span("Ada", "person")
    await call.say("done")


async def says_nothing_known(call: Call) -> None:
    await call.head()
    await call.send(b'{"prediction": []}\n{"type": "done"}\n')


async def forgets_done(call: Call) -> None:
    await call.head()
    await call.span("Ada", "person")


async def is_broken(call: Call) -> None:
    await call.head("500 Internal Server Error", "text/plain")


def test_it_says_that_a_backend_works(project: Project) -> None:
    ok, sentence = tried(project, works)
    assert ok
    assert sentence.startswith("It works: 1 suggestion for a short text, the first answer after ")


@pytest.mark.parametrize(
    ("script", "part"),
    [(says_nothing_known, "has no “type”"), (forgets_done, "without a “done” line"), (is_broken, "answered 500")],
)
def test_it_says_what_is_wrong(project: Project, script: Any, part: str) -> None:
    ok, sentence = tried(project, script)
    assert not ok
    assert part in sentence


def test_it_does_not_wait_for_ever(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    async def chatters(call: Call) -> None:
        await call.head()
        while not call.gone.is_set():
            await call.say("message", text="soon")
            await asyncio.sleep(0.02)

    monkeypatch.setattr(testing, "TEST_SECONDS", 0.3)
    ok, sentence = tried(project, chatters)
    assert (ok, sentence) == (False, "The backend was not done with a short text within 0.3 seconds.")


def test_the_built_in_one_says_what_it_remembers(project: Project) -> None:
    ok, sentence = try_it(Backend(project=project, name="memory", kind="memory"))
    assert ok
    assert "remembers 0 accepted wordings" in sentence


def test_a_kind_that_is_not_known_is_said(project: Project) -> None:
    assert try_it(Backend(project=project, name="x", kind="oracle")) == (
        False,
        "There is no kind of backend named “oracle”.",
    )


async def test_a_view_may_call_it_from_a_thread_of_its_own(project: Project) -> None:
    ok, _ = await sync_to_async(tried)(project, works)
    assert ok


def test_the_example_is_a_backend_that_works(project: Project) -> None:
    class Quiet(Suggest):
        def log_message(self, *_: Any) -> None:
            """A test's output is for its own words."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/suggest"
        ok, sentence = try_it(Backend(project=project, name="b", kind="stream", url=url))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert ok, sentence
