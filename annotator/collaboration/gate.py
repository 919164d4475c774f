"""What stands between a browser's bytes and the CRDT: nothing reaches pycrdt that did not pass here.

Knows of one document every id that was ever written, where, and what is deleted; and which roots there may be. It does
not know what a value means or who may write it (the rules do), nor does it hold values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from annotator.collaboration.changes import SERVER_CLIENTS, Change
from annotator.collaboration.drafts import Draft, Gap
from annotator.collaboration.updates import Malformed, Range, decode_update
from annotator.collaboration.written import Index

__all__ = ["Gap", "Gate", "Malformed", "Passed"]

RootKind = Callable[[str], str | None]
MayUse = Callable[[int], bool]


class Passed(NamedTuple):
    """An update that may be applied: what it does, and which clients wrote something new in it."""

    changes: list[Change]
    clients: frozenset[int]
    empty: bool  # it says nothing that is not known
    draft: Draft  # what `commit` makes true


class Gate:
    """One document's gate. `check` changes nothing; `commit` makes true what the last check found."""

    def __init__(self, root_kind: RootKind) -> None:
        self._root_kind = root_kind
        self._index = Index()
        self._last: Draft | None = None  # the draft of the last check; it is dropped where no commit follows

    def check(self, update: bytes, may_use: MayUse) -> Passed:
        """Look at an update from outside. Raises Malformed, Gap (resync) or Refused."""
        draft = self._draft(lambda client: client < SERVER_CLIENTS and may_use(client))
        draft.read(decode_update(update))
        return Passed(draft.changes(), frozenset(draft.fresh), draft.is_empty, draft)

    def commit(self, passed: Passed) -> None:
        """The update of `passed`, the last one checked, is now part of the document."""
        passed.draft.commit()

    def load(self, update: bytes, changes: bool = False) -> list[Change]:
        """Take in an update of our own: a checkpoint, a row of the journal, something that the server wrote.

        Says what it does where `changes` are wanted, which takes longer.
        """
        draft = self._draft(None)
        draft.read(decode_update(update, values=changes))
        said = draft.changes() if changes else []
        draft.commit()
        return said

    def holds(self, root: str, key: str) -> bool:
        """Whether a key of a Map root holds a value: a question that is asked for every edit, and cheap here."""
        slots = self._index.slots.get(root)
        slot = slots.get(key) if slots else None
        return slot is not None and slot.visible

    def holds_all(self, ends: Mapping[int, int], deletes: Iterable[Range]) -> bool:
        """Whether everything up to these clocks (client -> end) was written, and all of these ranges are deleted."""
        written = self._index.written
        return all(self.next_clock(client) >= end for client, end in ends.items()) and all(
            client in written and written[client].deleted.contains(clock, clock + length)
            for client, clock, length in deletes
        )

    def next_clock(self, client: int) -> int:
        """How many ids `client` has used up."""
        return self._index.next_clock(client)

    def _draft(self, may_use: MayUse | None) -> Draft:
        if self._last is not None:
            self._last.drop()
        self._last = Draft(self._index, self._root_kind, may_use)
        return self._last
