"""A server's side of one document as tests need it: gate and yrs document side by side, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pycrdt import Doc, Map, Text

from annotator.collaboration.changes import Change, apply_update
from annotator.collaboration.drafts import Draft
from annotator.collaboration.gate import Gate, Passed
from tests.collaboration.real_yjs import MAPS, TEXTS


def root_kind(root: str) -> str | None:
    if root in MAPS:
        return "map"
    return "text" if root in TEXTS else None


def anybody(client: int) -> bool:
    return True


class Gated:
    """Takes updates as a room does: check, apply, commit."""

    def __init__(self, client: int = 2**52) -> None:
        self.gate = Gate(root_kind)
        self.doc: Doc[Any] = Doc(client_id=client)
        self.said: list[Change] = []

    def take(self, update: bytes, may_use: Callable[[int], bool] = anybody) -> Passed:
        passed = self.gate.check(update, may_use)
        apply_update(self.doc, update)
        self.gate.commit(passed)
        self.said += passed.changes
        return passed

    def write(self, change: Callable[[Doc[Any]], None]) -> bytes:
        """A change of the server's own."""
        before = self.doc.get_state()
        with self.doc.transaction():
            change(self.doc)
        update = self.doc.get_update(before)
        self.gate.load(update)
        return update

    def shown(self) -> dict[str, Any]:
        return {
            "maps": {root: self.doc.get(root, type=Map).to_py() for root in MAPS},
            "texts": {root: str(self.doc.get(root, type=Text)) for root in TEXTS},
            "pending": False,
        }

    def keys(self) -> dict[str, set[str]]:
        """The keys that hold a value, as the gate believes."""
        return held(self.gate)

    def lengths(self) -> dict[str, int]:
        """How long each text is, in UTF-16 units, as the gate believes."""
        return {root: text.length for root, text in self.gate._index.texts.items()}


def held(gate: Gate) -> dict[str, set[str]]:
    slots = gate._index.slots
    return {root: {key for key, slot in slots.get(root, {}).items() if slot.visible} for root in MAPS}


def knowledge(gate: Gate) -> Any:
    """Everything a gate knows that matters: two that agree in it will agree about every update."""
    index = gate._index
    return {
        "next": {client: written.next for client, written in index.written.items()},
        "held": {root: count for root, count in index.held.items() if count},
        "keys": held(gate),
        "lengths": {root: text.length for root, text in index.texts.items()},
    }


def drafted(passed: Passed) -> Draft:
    return passed.draft
