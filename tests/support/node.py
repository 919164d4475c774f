"""Programs of Node beside the tests: real Yjs and a stock provider, spoken to by JSON lines."""

from __future__ import annotations

import asyncio
import fcntl
import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "yjs"
WAIT_SECONDS = 15.0


def install_packages() -> None:
    """`npm ci` where it was not done yet; one test process at a time."""
    with open(FOLDER / "package-lock.json") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (FOLDER / "node_modules" / ".package-lock.json").exists():
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=FOLDER, check=True, capture_output=True)


class StockProvider:
    """`async with StockProvider(server.ws_url, document, headers) as stock`: y-websocket's own provider, synced."""

    def __init__(self, ws_url: str, document_id: int, headers: dict[str, str]) -> None:
        self._arguments = [f"{ws_url}/ws/documents", str(document_id), json.dumps(headers)]
        self.said: list[dict[str, Any]] = []

    async def __aenter__(self) -> StockProvider:
        await asyncio.to_thread(install_packages)
        self._process = await asyncio.create_subprocess_exec(
            "node",
            "stock_provider.mjs",
            *self._arguments,
            cwd=FOLDER,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._heard = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Its input ends, and so does it. A signal would reach only the wrapper that a pip package's `node` is.
        assert self._process.stdin is not None
        self._process.stdin.close()
        async with asyncio.timeout(WAIT_SECONDS):
            await self._process.wait()
            await self._reader
        transport: Any = self._process._transport  # type: ignore[attr-defined]  # else it is closed with a warning
        transport.close()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            async with self._heard:
                self.said.append(json.loads(line))
                self._heard.notify_all()

    def tell(self, name: str, **more: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": name, **more}).encode() + b"\n")

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
