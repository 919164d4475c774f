"""Bytes as they come, cut into lines; how long a line and the whole may be. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from projects.suggestions.events import BackendFailed, Limits


class Lines:
    """Feed it chunks; it gives whole lines and holds the unfinished rest, which is never longer than a line may be."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rest = bytearray()
        self._total = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that `chunk` completes, without their ends. Raises BackendFailed when a limit is passed."""
        self._total += len(chunk)
        *whole, last = chunk.split(b"\n")
        for line in whole:
            yield self._finish(line)
        self._extend(last)
        if self._total > self._limits.answer_bytes:
            raise BackendFailed(
                f"The backend's answer is longer than {size(self._limits.answer_bytes)}; the rest was not read."
            )

    def finish(self) -> Iterator[bytes]:
        """The last line, if the answer ended without a line end."""
        if self._rest:
            yield self._finish(b"")

    def _finish(self, piece: bytes) -> bytes:
        self._extend(piece)
        line = bytes(self._rest)
        self._rest.clear()
        return line

    def _extend(self, piece: bytes) -> None:
        if len(self._rest) + len(piece) > self._limits.line_bytes:
            raise BackendFailed(
                f"The backend sent a line longer than {size(self._limits.line_bytes)}; expected was one object a line."
            )
        self._rest += piece


def size(count: int) -> str:
    return f"{count // 2**20} MB" if count >= 2**20 else f"{count // 2**10} kB" if count >= 2**10 else f"{count} bytes"
