"""A TCP proxy that one can tell to delay, to stall (half-open: nobody is told), to cut, or to refuse. Knows bytes."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType

PIECE = 64 * 1024


class Proxy:
    """`async with Proxy(port) as proxy`: listens on `proxy.port`, leads to a port of this machine."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.delay_seconds = 0.0  # each piece waits so long, in both directions
        self.bytes_a_second: float | None = None
        self.is_refusing = False
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=PIECE)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def address(self, document: int) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/documents/{document}/"

    def stall(self) -> None:
        """Nothing moves any more, and neither side is told: the line is half-open."""
        self._flows.clear()

    def flow(self) -> None:
        self._flows.set()

    def cut(self) -> None:
        """Both sides find their connections reset, with what was under way lost."""
        for writer in list(self._writers):
            writer.transport.abort()
        self._writers.clear()

    def heal(self) -> None:
        """As a line should be."""
        self.delay_seconds, self.bytes_a_second, self.is_refusing = 0.0, None, False
        self.flow()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._join(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_refusing:
            writer.transport.abort()
            return
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self.target, limit=PIECE)
            self._writers |= {writer, back}
            try:
                await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
            finally:
                self._writers -= {writer, back}
                writer.transport.abort()
                back.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while piece := await source.read(PIECE):
            if self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            if self.bytes_a_second:
                await asyncio.sleep(len(piece) / self.bytes_a_second)
            await self._flows.wait()
            sink.write(piece)
            await sink.drain()
        sink.write_eof()
