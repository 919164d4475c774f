"""What an update does to a document, in words: keys set and removed, text typed; and who may say no to it.

The vocabulary that gate, guard and room share. Knows pycrdt's documents; nothing of annotations, sockets or storage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pycrdt import Doc, Map, Text

# A JSON value. `Any` rather than a recursive union: values are checked by hand where they come in, not by their type.
Json = Any

# Client ids from here on are the server's own; no session may write under them. Browsers (Yjs) draw 32 bits, but pycrdt
# draws 53: the part kept from them must be small.
SERVER_CLIENTS = 2**53 - 2**32
MAX_CLIENT = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Put:
    """A key of a Map root is set. `unseeing`: it held a value before, which who wrote this had not seen.

    `outdone`: of values set at once another one counts, and the key goes on holding that.
    """

    root: str
    key: str
    value: Json
    unseeing: bool = False
    outdone: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Remove:
    """A key of a Map root is taken away."""

    root: str
    key: str


@dataclass(frozen=True, slots=True)
class Typing:
    """A Text root was edited; how much was written and taken away, in UTF-16 units."""

    root: str
    inserted: int
    removed: int


@dataclass(frozen=True, slots=True)
class SetText:
    """Server side only: make a Text root read this, by the smallest edit."""

    root: str
    text: str


Change = Put | Remove | Typing | SetText


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a change. Role: manager, reviewer, annotator, viewer, server; origin: human, model, import, api."""

    user_id: int | None
    role: str
    origin: str


class Refused(Exception):
    """An expected refusal: a code for programs, a sentence for people and, where there is one, the annotation's id."""

    def __init__(self, code: str, sentence: str, key: str | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.key = key


class Broken(Exception):
    """The CRDT failed on an update: the document in memory can no longer be trusted and must be rebuilt."""


Before = Callable[[str, str], Json]  # (root, key) -> the value that a Map root holds before the change, or None


class Rules(Protocol):
    """What may be written into a document, and by whom. All of it runs between two awaits: nothing here waits."""

    def root_kind(self, root: str) -> str | None:
        """`map`, `text`, or None where a document has no such root."""

    def check(self, changes: Sequence[Change], author: Author, before: Before) -> None:
        """Raises Refused when `author` may not make one of `changes`."""

    def committed(self, changes: Sequence[Change], author: Author, before: Before) -> None:
        """`changes` passed and are on their way: remember what later checks need to know of them."""

    def memory(self) -> bytes:
        """What must be remembered besides the document itself, for a checkpoint."""

    def remember(self, memory: bytes) -> None:
        """Take back what `memory` gave, or what a checkpoint without any holds (empty)."""


def apply_update(doc: Doc[Any], data: bytes) -> None:
    """Apply an update that passed the gate. A panic in native code is a BaseException: here it becomes Broken."""
    try:
        doc.apply_update(data)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise Broken(f"{type(error).__name__}: {error}"[:500]) from None


def apply_changes(doc: Doc[Any], changes: Sequence[Change]) -> None:
    """Make `changes` within the caller's transaction. A transaction is never rolled back: check them first."""
    for change in changes:
        match change:
            case Put(root, key, value):
                doc.get(root, type=Map)[key] = value
            case Remove(root, key):
                doc.get(root, type=Map).pop(key, None)
            case SetText(root, text):
                set_text(doc.get(root, type=Text), text)
            case Typing(root):
                raise ValueError(f"Typing tells what an update did to {root!r}; it cannot be made again from that.")


def set_text(text: Text, wanted: str) -> None:
    """Make `text` read `wanted`, keeping the common beginning and end, so that colleagues' cursors stay."""
    current = str(text)
    start = common_prefix(current, wanted)
    tail = common_prefix(current[start:][::-1], wanted[start:][::-1])
    gone = current[start : len(current) - tail]
    new = wanted[start : len(wanted) - tail]
    at = len(current[:start].encode())  # pycrdt counts UTF-8 bytes
    if gone:
        del text[at : at + len(gone.encode())]
    if new:
        text.insert(at, new)


def common_prefix(a: str, b: str) -> int:
    """How many code points `a` and `b` begin with alike; by halving, so that a long text costs little."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
