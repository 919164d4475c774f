"""The stream backend against real servers that misbehave: each fault ends in time, in a sentence."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from projects.suggestions import stream
from projects.suggestions.events import BackendFailed, Done, Event, Limits, Problem, RunRequest, Suggestion
from tests.support.backends import Call, ScriptedBackend
from tests.support.ports import free_port

BODY: dict[str, Any] = {"fields": [{"key": "entities", "kind": "span"}], "task": {"id": 1, "text": "Ada in Rome"}}
QUICK = Limits(connect_seconds=1, idle_seconds=0.4, lines=2000)


async def run(url: str, limits: Limits = QUICK) -> tuple[list[Event], str | None]:
    """The events of a run, and the sentence with which it failed."""
    events: list[Event] = []
    request = RunRequest(1, 1, "Ada in Rome", BODY, url, {}, limits)
    try:
        async with contextlib.aclosing(stream.suggest(request)) as answer:
            async for event in answer:
                events.append(event)  # noqa: PERF401 (what came before a failure counts)
    except BackendFailed as failed:
        return events, str(failed)
    return events, None


async def one(call: Call) -> None:
    await call.head()
    await call.span("Ada", "person")


async def hangs_before_headers(call: Call) -> None:
    await call.hang()


async def hangs_mid_stream(call: Call) -> None:
    await one(call)
    await call.hang()


async def drips(call: Call) -> None:
    await one(call)
    while True:
        await call.send(b"{")
        await asyncio.sleep(0.05)


async def sends_no_newline(call: Call) -> None:
    await one(call)
    while True:
        await call.send(b"x" * 10_000)


async def sends_too_much(call: Call) -> None:
    await one(call)
    while True:
        await call.send(b'{"type":"message","text":"' + b"again and again " * 2000 + b'"}\n')


async def says_too_much(call: Call) -> None:
    await one(call)
    while True:
        await call.send(b'{"type":"progress","fraction":0.5}\n' * 100)


async def is_cut(call: Call) -> None:
    await call.head("200 OK", "application/x-ndjson", "Content-Length: 5000")
    await call.span("Ada", "person")


async def ends_without_done(call: Call) -> None:
    await one(call)


async def is_cut_before_headers(call: Call) -> None:
    return


async def says_500(call: Call) -> None:
    await call.head("500 Internal Server Error", "text/plain")
    await call.send(b"CUDA out\nof memory")


async def says_500_in_html(call: Call) -> None:
    await call.head("502 Bad Gateway", "text/html")
    await call.send(b"<html><h1>Bad gateway</h1>")


async def says_html(call: Call) -> None:
    await call.head("200 OK", "text/html; charset=utf-8")
    await call.send(b"<!DOCTYPE html><title>Hello</title>")


async def says_html_as_json(call: Call) -> None:
    await call.head()
    await call.send(b"\n<!DOCTYPE html>\n<title>Hello</title>\n")


async def redirects(call: Call) -> None:
    await call.head("302 Found", "text/plain", "Location: http://169.254.169.254/latest/meta-data")


async def compresses(call: Call) -> None:
    await call.head("200 OK", "application/x-ndjson", "Content-Encoding: gzip")
    await call.send(b"\x1f\x8b" * 100)


async def says_rubbish_for_ever(call: Call) -> None:
    await one(call)
    while True:
        await call.send(b"what?\n" * 50)


async def speaks_no_http(call: Call) -> None:
    await call.send(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


async def says_an_error(call: Call) -> None:
    await one(call)
    await call.say("error", text="the model is not loaded")


KEPT = 1
FAULTS: list[tuple[Callable[[Call], Awaitable[None]], str, int]] = [
    (hangs_before_headers, "said nothing for 0.4 seconds", 0),
    (hangs_mid_stream, "fell silent for 0.4 seconds", KEPT),
    (drips, "fell silent for 0.4 seconds", KEPT),
    (sends_no_newline, "a line longer than 64 kB", KEPT),
    (sends_too_much, "is longer than 16 MB", KEPT),
    (says_too_much, "more than 2000 lines", KEPT),
    (is_cut, "was cut before the backend said that it was done", KEPT),
    (ends_without_done, "ended without a “done” line", KEPT),
    (is_cut_before_headers, "was cut before the backend said that it was done", 0),
    (says_500, "answered 500 Internal Server Error: CUDA out of memory", 0),
    (says_500_in_html, "answered 502 Bad Gateway.", 0),
    (says_html, "answered with a web page", 0),
    (says_html_as_json, "answered with a web page", 0),
    (redirects, "redirects are not followed", 0),
    (compresses, "is compressed", 0),
    (says_rubbish_for_ever, "More than 100 lines", KEPT),
    (speaks_no_http, "does not speak HTTP", 0),
    (says_an_error, "The backend says: the model is not loaded", KEPT),
]


@pytest.mark.parametrize(("script", "sentence", "kept"), FAULTS, ids=[fault[0].__name__ for fault in FAULTS])
async def test_it_ends_every_fault_in_a_sentence(script: Any, sentence: str, kept: int) -> None:
    with ScriptedBackend(script) as backend:
        events, failure = await run(backend.url)
    assert failure is not None
    assert sentence in failure
    assert len([event for event in events if isinstance(event, Suggestion)]) == kept


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        pytest.param(f"http://127.0.0.1:{free_port()}/", "(connection refused)", id="nobody-listens"),
        ("http://no-such-host.invalid/", "cannot be found"),
        ("ftp://example.org/", "must begin with http"),
        ("http://user:secret@127.0.0.1/", "must not hold a name or password"),
        ("", "has no address"),
        ("http://[::1", "cannot be read"),
    ],
)
async def test_it_says_why_nothing_answers(url: str, sentence: str) -> None:
    events, failure = await run(url)
    assert events == []
    assert failure is not None
    assert sentence in failure
    assert "secret" not in failure


async def test_it_says_that_a_server_does_not_speak_tls() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        _, failure = await run(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert failure is not None
    assert "does not speak TLS" in failure


async def test_a_wrong_line_costs_no_other() -> None:
    async def script(call: Call) -> None:
        await call.head()
        await call.send(b"nonsense\n")
        await call.span("Ada", "person")
        await call.say("suggestion", start="first", end="last")
        await call.say("done", version="7")

    with ScriptedBackend(script) as backend:
        events, failure = await run(backend.url)
    assert failure is None
    assert [type(event) for event in events] == [Problem, Suggestion, Problem, Done]


async def test_it_sends_the_task_and_nothing_of_ours() -> None:
    async def script(call: Call) -> None:
        await call.head()
        await call.say("done")

    with ScriptedBackend(script) as backend:
        await run(backend.url)
        call = backend.wait_for_call()
    assert call.body == BODY
    assert not {"cookie", "authorization"} & call.headers.keys()


async def test_leaving_closes_the_connection() -> None:
    with ScriptedBackend(hangs_mid_stream) as backend:
        request = RunRequest(1, 1, "Ada in Rome", BODY, backend.url)
        async with contextlib.aclosing(stream.suggest(request)) as answer:
            await anext(answer)
        assert backend.wait_for_call().gone.wait(5)
