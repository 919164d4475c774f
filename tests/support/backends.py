"""A model backend that does as the test says, on a real socket: answers, hangs, drips, lies or cuts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

WAIT_SECONDS = 15.0

Script = Callable[["Call"], Awaitable[None]]


class Call:
    """One request of ours, as the backend sees it."""

    def __init__(self, backend: ScriptedBackend, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.backend = backend
        self.reader = reader
        self.writer = writer
        self.headers: dict[str, str] = {}
        self.body: Any = None
        self.gone = threading.Event()  # we closed the connection; for the test
        self._left = asyncio.Event()  # the same, for the script

    async def read(self) -> None:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            self.headers[name.lower()] = value
        self.body = json.loads(await self.reader.readexactly(int(self.headers["content-length"])))

    def leave(self) -> None:
        self.gone.set()
        self._left.set()

    @property
    def text(self) -> str:
        return self.body["task"]["text"]

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self, status: str = "200 OK", kind: str = "application/x-ndjson", *more: str) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", "Connection: close", *more]
        await self.send("\r\n".join([*lines, "", ""]).encode())

    async def say(self, type: str, **more: Any) -> None:
        await self.send(json.dumps({"type": type, **more}).encode() + b"\n")

    async def span(self, wording: str, label: str, **more: Any) -> None:
        """A suggestion for the first place where `wording` stands."""
        start = self.text.index(wording)
        field = next(f["key"] for f in self.body["fields"] if f["kind"] == "span")
        await self.say("suggestion", field=field, label=label, start=start, end=start + len(wording), **more)

    async def until(self, gate: str) -> None:
        """Wait until the test opens a gate."""
        await self.backend.gate(gate).wait()

    async def hang(self) -> None:
        """Do nothing until we are gone."""
        await self._left.wait()


class ScriptedBackend:
    """`with ScriptedBackend(script) as backend`: listens on `backend.url` in a thread of its own."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.calls: list[Call] = []
        self.errors: list[BaseException] = []
        self._gates: dict[str, asyncio.Event] = {}
        self._arrived = threading.Condition()

    def __enter__(self) -> ScriptedBackend:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        assert started.wait(WAIT_SECONDS)
        self.url = f"http://127.0.0.1:{self.port}/suggest"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(WAIT_SECONDS)
        if kind is None and self.errors:
            raise self.errors[0]

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve(started))
        self._loop.close()

    async def _serve(self, started: threading.Event) -> None:
        self._end = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._end.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._answer(Call(self, reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, call: Call) -> None:
        try:
            await call.read()
            with self._arrived:
                self.calls.append(call)
                self._arrived.notify_all()
            watching = asyncio.ensure_future(self._watch(call))
            self._tasks.add(watching)
            await self.script(call)
        except (ConnectionError, asyncio.IncompleteReadError):
            call.leave()
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.errors.append(error)
        finally:
            call.writer.close()

    async def _watch(self, call: Call) -> None:
        with contextlib.suppress(ConnectionError):
            await call.reader.read()
        call.leave()

    # -- for the test ----------------------------------------------------------------------------------------------

    def gate(self, name: str) -> asyncio.Event:
        return self._gates.setdefault(name, asyncio.Event())

    def open(self, name: str) -> None:
        """Let the script go on."""
        self._loop.call_soon_threadsafe(lambda: self.gate(name).set())

    def wait_for_call(self, number: int = 1) -> Call:
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.calls) >= number, WAIT_SECONDS), "no call came"
            return self.calls[number - 1]
