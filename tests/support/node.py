"""Programs of Node beside the tests: real Yjs and a stock provider, spoken to by JSON lines."""

from __future__ import annotations

import asyncio
import fcntl
import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

FOLDER = Path(__file__).resolve().parent.parent / "yjs"
WAIT_SECONDS = 15.0
LINE_BYTES = 64 * 1024 * 1024


def install_packages() -> None:
    """`npm ci` where it was not done yet; one test process at a time."""
    with open(FOLDER / "package-lock.json") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / "node_modules" / ".package-lock.json").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=FOLDER, check=True, capture_output=True)


class NodeProgram:
    """`async with NodeProgram(script, ...) as node`: is told JSON lines; `hear` takes those that it says."""

    wait_seconds = WAIT_SECONDS

    def __init__(self, script: str, *arguments: str) -> None:
        self._command = ["node", script, *arguments]

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(install_packages)
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            cwd=FOLDER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LINE_BYTES,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Its input ends, and so does it. A signal would reach only the wrapper that a pip package's `node` is.
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(self.wait_seconds):
            await self._process.wait()
            await self._reader
        transport: Any = self._process._transport  # type: ignore[attr-defined]  # else it is closed with a warning
        transport.close()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            await self.take(json.loads(line))

    async def take(self, said: dict[str, Any]) -> None:
        """It said something."""

    def tell(self, do: str, **more: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")


class StockProvider(NodeProgram):
    """`async with StockProvider(server.ws_url, document, headers) as stock`: y-websocket's own provider, synced."""

    def __init__(self, ws_url: str, document_id: int | str, headers: dict[str, str]) -> None:
        super().__init__("stock_provider.mjs", f"{ws_url}/ws/documents", str(document_id), json.dumps(headers))
        self.said: list[dict[str, Any]] = []
        self._heard = asyncio.Condition()

    async def take(self, said: dict[str, Any]) -> None:
        async with self._heard:
            self.said.append(said)
            self._heard.notify_all()

    async def hear(self, kind: str) -> Any:
        """Wait for the next message of a kind, and take it."""
        async with asyncio.timeout(WAIT_SECONDS), self._heard:
            await self._heard.wait_for(lambda: any(kind in message for message in self.said))
            message = next(message for message in self.said if kind in message)
            self.said.remove(message)
            return message[kind]

    async def ask(self, name: str, kind: str, **more: Any) -> Any:
        self.tell(name, **more)
        return await self.hear(kind)

    async def until(self, root: str, fact: Any) -> dict[str, Any]:
        """Wait until a Map root satisfies `fact`."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not fact(found := await self.ask("read", "read", root=root)):
                await asyncio.sleep(0.02)
            return found  # type: ignore[no-any-return]
