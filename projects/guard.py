"""What may be written into a task's document, and by whom: the annotation schema, roles, authorship.

Knows no sockets and no database. What single entries must look like: `entries.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from annotator.collaboration.changes import Author, Before, Change, Json, Put, Refused, Remove
from projects import document
from projects.entries import ID, Check, canonical
from projects.schema import Schema

WRITERS = frozenset({"server", "manager", "reviewer", "annotator"})
MAX_REMEMBERED = 20_000  # entries that were removed or replaced and may be put back
DIGEST_BYTES = 12


class DocumentRules:
    """The rules of one task's document. `schema` may be exchanged while the document is open."""

    def __init__(self, schema: Schema, text_length: int) -> None:
        self.schema = schema
        self.text_length = text_length  # of the task's text, in code points
        self._stood: dict[bytes, None] = {}  # digests of what stood here once, oldest first

    # -- annotator.collaboration.changes.Rules

    def root_kind(self, root: str) -> str | None:
        if root in document.MAP_ROOTS:
            return "map"
        if root.startswith(document.TEXT_PREFIX):
            name = root.removeprefix(document.TEXT_PREFIX)
            field = self.schema.fields.get(name)
            if ID.fullmatch(name) or (field is not None and field.kind == "text"):
                return "text"
        return None

    def check(self, changes: Sequence[Change], author: Author, before: Before) -> None:
        if author.role not in WRITERS:
            raise Refused("not_allowed", "You may look at this task, but not change it.")
        Check(self.schema, self.text_length, self.stood_before, changes, author, before).run()

    def committed(self, changes: Sequence[Change], author: Author, before: Before) -> None:
        for change in changes:
            if isinstance(change, Put | Remove) and change.root != document.STATE:
                was = before(change.root, change.key)
                if was is not None:
                    self._remember_one(digest(change.root, change.key, was))

    def memory(self) -> bytes:
        return b"".join(self._stood)

    def remember(self, memory: bytes) -> None:
        for at in range(0, len(memory) - DIGEST_BYTES + 1, DIGEST_BYTES):
            self._remember_one(memory[at : at + DIGEST_BYTES])

    # -- what is remembered

    def stood_before(self, put: Put) -> bool:
        """Whether exactly this stood here once: an undo may bring back what is not the author's own."""
        return bool(self._stood) and digest(put.root, put.key, put.value) in self._stood

    def _remember_one(self, one: bytes) -> None:
        self._stood.pop(one, None)
        self._stood[one] = None
        if len(self._stood) > MAX_REMEMBERED:
            del self._stood[next(iter(self._stood))]


def digest(root: str, key: str, value: Json) -> bytes:
    said = f"{root}\0{key}\0{canonical(value)}"
    return hashlib.blake2b(said.encode(), digest_size=DIGEST_BYTES).digest()
