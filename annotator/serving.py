"""Running the site under Daphne: limits, backlog, worker process, and a stop within seconds that loses nothing."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from twisted.internet import reactor as _reactor

from annotator.http_bodies import piecewise

log = logging.getLogger(__name__)

reactor: Any = _reactor  # Twisted's module is the reactor itself, which no type checker can know

BACKLOG = 2048  # Daphne's 50 loses connections for seconds when everybody comes back at once
MAX_MESSAGE_BYTES = (
    1024 * 1024 + 1024
)  # what may come in: a sync of 1 MiB and its head; more is cut off before it is read
STOP_SECONDS = 8.0
WORKER_STOP_SECONDS = 5.0
WORKER_RESTART_SECONDS = 2.0


class Worker:
    """The process that carries long jobs; started again should it end."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False

    def start(self) -> None:
        if not self._stopping:
            self._process = subprocess.Popen(self._command)  # noqa: S603 (our own command)
            reactor.callLater(WORKER_RESTART_SECONDS, self._check)

    def _check(self) -> None:
        if self._stopping or self._process is None:
            return
        if self._process.poll() is None:
            reactor.callLater(WORKER_RESTART_SECONDS, self._check)
        else:
            log.warning("The worker ended with %s; starting it again", self._process.returncode)
            self.start()

    def stop(self) -> None:
        """Ask it to finish its step; after a few seconds, end it: jobs go on from their last committed step."""
        self._stopping = True
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(WORKER_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def steady_the_interpreter() -> None:
    """Short pauses before few: whole collections of a large heap, and threads that keep the lock, delay every edit."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 4, 20)
    sys.setswitchinterval(0.001)


def serve(
    application: Any,
    host: str,
    port: int,
    ready: Callable[[str], None],
    close: Callable[[], Any],
    worker: Worker | None,
    max_body_bytes: int,
) -> None:
    """Serve until SIGTERM or SIGINT. `close` is awaited in the loop before the sockets are cut."""
    endpoints = [f"{e}:backlog={BACKLOG}" for e in build_endpoint_description_strings(host=host, port=port)]
    server = Server(
        application=piecewise(application, max_body_bytes),
        endpoints=endpoints,
        signal_handlers=False,
        websocket_timeout=-1,
        websocket_max_message_size=MAX_MESSAGE_BYTES,
        websocket_max_frame_size=MAX_MESSAGE_BYTES,
        ping_interval=20,
        ping_timeout=30,
        application_close_timeout=10,
        verbosity=0,
        server_name="colabel",
    )
    stopping: list[asyncio.Task[None]] = []

    async def stop() -> None:
        for listener in server.listeners:
            with contextlib.suppress(Exception):
                (await listener.asFuture(asyncio.get_running_loop())).stopListening()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await close()
        except TimeoutError:
            log.error("Not everything could be put away in time; what was acknowledged is safe")
        except Exception:
            log.exception("Not everything could be put away; what was acknowledged is safe")
        finally:
            if worker is not None:
                worker.stop()
            reactor.stop()

    def asked_to_stop(*_: object) -> None:
        if not stopping:
            stopping.append(asyncio.ensure_future(stop()))

    def started() -> None:
        loop = asyncio.get_event_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, asked_to_stop)
        if worker is not None:
            worker.start()
        reactor.callLater(0.05, announce)

    def announce() -> None:
        if server.listening_addresses:
            address, bound = server.listening_addresses[0][:2]
            shown = f"[{address}]" if ":" in address else address
            ready(f"http://{shown}:{bound}")
        else:
            reactor.callLater(0.05, announce)

    steady_the_interpreter()
    reactor.callWhenRunning(started)
    server.run()
    if not server.listening_addresses:
        sys.exit(f"Nothing could listen on {host}:{port}; is the port taken?")
