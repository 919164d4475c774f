"""One document in memory, with what is on its way to the journal: the CRDT, the gate before it, and whose client ids are whose.

An editor's second edit builds on the first, so checks look at this copy. Knows bytes and changes; no sessions, no journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from pycrdt import Doc, Map, Text, TransactionEvent

from annotator.collaboration.changes import (
    SERVER_CLIENTS,
    Author,
    Broken,
    Change,
    Json,
    Rules,
    apply_changes,
)
from annotator.collaboration.changes import apply_update as apply_update_to
from annotator.collaboration.gate import Gate, Passed
from annotator.collaboration.journal import Row, Stored
from annotator.collaboration.updates import decode_update

NOTHING = b"\x00\x00"  # the update without structs and without deletes
ROWS_AT_ONCE = 20  # rows taken in in one turn of the loop: a few milliseconds

Beside = Callable[[Callable[[], Any]], Awaitable[Any]]


class Memory(msgspec.Struct):
    """What a checkpoint keeps besides the document: whose each client id is, and what the rules remember."""

    owners: dict[int, int] = {}
    rules: bytes = b""


class WorkingCopy:
    """See the module."""

    def __init__(self, rules: Rules, server_client: int) -> None:
        self.rules = rules
        self.gate = Gate(rules.root_kind)
        self.doc: Doc[Any] = Doc(client_id=server_client)
        self._owners: dict[int, int] = {}
        self._maps: dict[str, Map[Any]] = {}
        self._texts: dict[str, Text] = {}
        self._encoded: bytes | None = None
        self._update = b""
        self._subscription: Any = None

    # -- reading it from the store ---------------------------------------------------------------------------------

    async def load(self, stored: Stored, beside: Beside) -> None:
        """Take in what is stored; the gate's index, which takes longest, is built by `beside`, in a thread. Raises Broken."""
        self._remember(stored)
        if stored.state:
            await beside(lambda: self.gate.load(stored.state))
            apply_update_to(self.doc, stored.state)
        for at, row in enumerate(stored.rows):
            if at % ROWS_AT_ONCE == ROWS_AT_ONCE - 1:
                await asyncio.sleep(0)
            self.load_row(row, tell=False)
        self._subscription = self.doc.observe(self._observed)

    def load_at_once(self, stored: Stored) -> None:
        """As `load`, for who holds up nobody; to be read only. Raises Broken."""
        self._remember(stored)
        if stored.state:
            self.gate.load(stored.state)
            apply_update_to(self.doc, stored.state)
        for row in stored.rows:
            self.load_row(row, tell=False)

    def _remember(self, stored: Stored) -> None:
        if stored.memory:
            memory = msgspec.msgpack.decode(stored.memory, type=Memory)
            self._owners.update(memory.owners)
            self.rules.remember(memory.rules)

    def load_row(self, row: Row, tell: bool = True) -> list[Change]:
        """Take in a committed row: bind its client ids to its author, let the rules remember what it took away.

        Says what it changes, if asked to `tell`; without, at least where it takes something away. Raises Broken.
        """
        decoded = decode_update(row.data, values=False)
        if row.author_id is not None:
            for client in {struct.client for struct in decoded.structs}:
                if client < SERVER_CLIENTS:  # the server's own ids are nobody's
                    self._owners.setdefault(client, row.author_id)
        changes = self.gate.load(row.data, changes=tell or bool(decoded.deletes))
        self.rules.committed(changes, Author(row.author_id, "server", "human"), lambda r, k: self.map(r).get(k))
        apply_update_to(self.doc, row.data)
        self._encoded = None
        return changes

    def memory(self) -> bytes:
        return msgspec.msgpack.encode(Memory(self._owners, self.rules.memory()))

    def close(self) -> None:
        """Let go: the document holds us through its subscription, where no collector sees."""
        if self._subscription is not None:
            self.doc.unobserve(self._subscription)
            self._subscription = None

    # -- what it holds ---------------------------------------------------------------------------------------------

    def map(self, root: str) -> Map[Any]:
        found = self._maps.get(root)
        if found is None:
            found = self._maps[root] = self.doc.get(root, type=Map)
        return found

    def text(self, root: str) -> Text:
        found = self._texts.get(root)
        if found is None:
            found = self._texts[root] = self.doc.get(root, type=Text)
        return found

    def value(self, root: str, key: str) -> Json | None:
        """What a key of a Map root holds."""
        if not self.gate.holds(root, key):
            return None
        value: Json | None = self.map(root).get(key)
        return value

    def encoded(self) -> bytes:
        """All of it as one update; kept until the next change, so that many can open at once."""
        if self._encoded is None:
            self._encoded = self.doc.get_update()
        return self._encoded

    def may_use(self, client: int, user_id: int) -> bool:
        """Whether a user may write under a client id: nobody else's, and none of the server's."""
        return client < SERVER_CLIENTS and self._owners.get(client, user_id) == user_id

    # -- changing it -----------------------------------------------------------------------------------------------

    def check(self, update: bytes, author: Author) -> Passed:
        """Look at an update of a session; changes nothing. Raises Malformed, Gap or Refused."""
        user_id = author.user_id if author.user_id is not None else -1
        passed = self.gate.check(update, lambda client: self.may_use(client, user_id))
        if not passed.empty:
            self.rules.check(passed.changes, author, self.value)
        return passed

    def take(self, update: bytes, passed: Passed, author: Author) -> bytes | None:
        """Apply what was checked last. Returns the server's own encoding of it, None where nothing changed. Raises Broken."""
        self.rules.committed(passed.changes, author, self.value)
        data = self._apply(lambda: apply_update_to(self.doc, update))
        self.gate.commit(passed)
        if author.user_id is not None:
            for client in passed.clients:
                self._owners.setdefault(client, author.user_id)
        return data

    def change(self, changes: Sequence[Change], author: Author) -> bytes | None:
        """Make changes of our own. Returns them encoded, None where nothing changed. Raises Refused with nothing changed."""
        self.rules.check(changes, author, self.value)
        self.rules.committed(changes, author, self.value)
        data = self._apply(lambda: self._change(changes))
        if data is not None:
            self.gate.load(data)
        return data

    def _change(self, changes: Sequence[Change]) -> None:
        try:
            with self.doc.transaction():
                apply_changes(self.doc, changes)
        except Exception as error:
            raise Broken(f"{type(error).__name__}: {error}"[:500]) from error

    def _apply(self, change: Callable[[], None]) -> bytes | None:
        self._update = b""
        change()
        self._encoded = None
        return None if self._update in (b"", NOTHING) else self._update

    def _observed(self, event: TransactionEvent) -> None:
        self._update = event.update
