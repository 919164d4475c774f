"""Real Yjs documents, in a Node process beside the tests."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

from tests.support.node import FOLDER, install_packages

MAPS = ["annotations", "labels", "values", "decisions", "comments", "resolutions", "state"]
TEXTS = ["text/answer", "text/notes"]


class RealYjs:
    """One Node process; documents in it go by names."""

    def __init__(self) -> None:
        install_packages()
        self._node = subprocess.Popen(["node", "peer.cjs"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._made = 0

    def ask(self, op: str, **command: Any) -> Any:
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(json.dumps({"op": op, **command}).encode() + b"\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        if "error" in answer:
            raise YjsError(answer["error"])
        return answer["value"]

    def doc(self, client: int) -> YjsDoc:
        self._made += 1
        return YjsDoc(self, f"doc {self._made}", client)

    def show(self, updates: Sequence[bytes], maps: Sequence[str] = MAPS, texts: Sequence[str] = TEXTS) -> Any:
        """What a new document shows that took these updates one by one."""
        return self.ask("show", updates=[encoded(update) for update in updates], maps=maps, texts=texts)

    def merge(self, updates: Sequence[bytes]) -> bytes:
        return b64decode(self.ask("merge", updates=[encoded(update) for update in updates]))

    def close(self) -> None:
        self._node.communicate()  # it ends with its input; a signal might reach only a wrapper around it


class YjsError(Exception):
    """Yjs threw."""


class YjsDoc:
    """A document in Node."""

    def __init__(self, node: RealYjs, name: str, client: int) -> None:
        self._node = node
        self.name = name
        self.client = client
        self._ask("make", client=client)

    def _ask(self, op: str, **command: Any) -> Any:
        return self._node.ask(op, doc=self.name, **command)

    def edit(self, *edits: Sequence[Any]) -> bytes | None:
        """Several edits (put, remove, insert, delete, format, nest, push) in one transaction; the update it sends."""
        sent = self._ask("edit", edits=edits)
        return b64decode(sent) if sent else None

    def apply(self, update: bytes) -> None:
        self._ask("apply", update=encoded(update))

    def state(self, vector: bytes = b"") -> bytes:
        """A SyncStep2: what a side with this state vector lacks, and everything that was ever deleted."""
        return b64decode(self._ask("state", vector=encoded(vector)))

    def vector(self) -> bytes:
        return b64decode(self._ask("vector"))

    def read(self, maps: Sequence[str] = MAPS, texts: Sequence[str] = TEXTS) -> Any:
        return self._ask("read", maps=maps, texts=texts)

    def track_undo(self, *roots: str) -> None:
        self._ask("undoable", roots=roots)

    def undo(self) -> bytes | None:
        sent = self._ask("undo")
        return b64decode(sent) if sent else None


def encoded(data: bytes) -> str:
    return b64encode(data).decode()
