"""What one update would do to a document, found without changing anything: the gate's work on a decoded update."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from heapq import heappop, heappush

from annotator.collaboration.chains import Chain, Id, Node, place
from annotator.collaboration.changes import Change, Put, Refused, Remove, Typing
from annotator.collaboration.texts import Implausible, TextOrder
from annotator.collaboration.updates import ANY, DELETED, GC, SKIP, STRING, Decoded, Malformed, Range, Struct
from annotator.collaboration.values import FORBIDDEN_KEYS
from annotator.collaboration.written import Index, Run, Slot, TextRoot, Written

MAX_TEXT_UNITS = 1_000_000  # what one Text root may show, in UTF-16 units
MAX_KEYS = 200_000  # how many keys of one Map root may hold a value
MAX_KEY_LENGTH = 200
MAX_ADVANCE = 4_000_000  # ids of one client that one update may use up
MAX_WORK = 300_000  # steps through chains for one update; honest ones take next to none

NO_ONE = Written()


class Gap(Exception):
    """The update builds on something that has not arrived: ask for it (resync), never keep what is pending."""


class Draft:
    """One update on its way through the gate. `may_use` is None for our own updates, which no limit holds back."""

    def __init__(
        self, index: Index, root_kind: Callable[[str], str | None], may_use: Callable[[int], bool] | None
    ) -> None:
        self.index = index
        self.root_kind = root_kind
        self.may_use = may_use
        self.fresh: dict[int, Written] = {}
        self.chains: dict[Slot, tuple[Chain, bool]] = {}  # with: does the last value hold?
        self.new_slots: dict[tuple[str, str], Slot] = {}
        self.new_texts: dict[str, TextRoot] = {}
        self.puts: list[Put] = []
        self.typed: dict[TextRoot, list[int]] = {}  # inserted, removed
        self.deleted: list[Range] = []
        self.work = 0
        self.order: TextOrder | None = None  # where texts are touched
        self.is_open = True  # until it is committed or dropped

    @property
    def trusted(self) -> bool:
        return self.may_use is None

    @property
    def is_empty(self) -> bool:
        return not self.fresh and not self.deleted

    def read(self, update: Decoded) -> None:
        """Find out what `update` does. Raises Malformed, Gap or Refused."""
        try:
            self._read(update)
        except BaseException:
            self.drop()
            raise

    def _read(self, update: Decoded) -> None:
        rest = self._write_in_order(update.structs)
        if rest:
            self._write_as_they_wait(rest)
        if update.deletes:
            self._delete(update.deletes)
        if not self.trusted:
            self._check_sizes()

    def changes(self) -> list[Change]:
        """What the update does, in words."""
        found: list[Change] = list(self.puts)
        for slot, (_, visible) in self.chains.items():
            if slot.visible and not visible:
                found.append(Remove(slot.root, slot.key))
        found += (Typing(text.root, *counts) for text, counts in self.typed.items() if counts != [0, 0])
        return found

    # -- what was written

    def _write_in_order(self, structs: list[Struct]) -> list[Struct]:
        """Write as long as nothing is missing; the rest."""
        for at, struct in enumerate(structs):
            if self._missing(struct) is not None:
                return structs[at:]
            self._write(struct)
        return []

    def _write_as_they_wait(self, structs: list[Struct]) -> None:
        """One client's structs may build on another's that stand later in the same update."""
        queues: dict[int, deque[Struct]] = {}
        for struct in structs:
            queues.setdefault(struct.client, deque()).append(struct)
        waiting: dict[int, list[Id]] = {}  # client -> (clock that is waited for, client that waits)
        ready = deque(queues)
        while ready:
            client = ready.popleft()
            queue = queues[client]
            while queue:
                missing = self._missing(queue[0])
                if missing is not None:
                    heappush(waiting.setdefault(missing[0], []), (missing[1], client))
                    break
                self._write(queue.popleft())
                sleepers = waiting.get(client)
                while sleepers and sleepers[0][0] < self._next(client):
                    ready.append(heappop(sleepers)[1])
        if any(queues.values()):
            raise Gap("The update builds on something that is not here.")

    def _next(self, client: int) -> int:
        fresh = self.fresh.get(client)
        return fresh.next if fresh else self.index.next_clock(client)

    def _missing(self, struct: Struct) -> Id | None:
        """An id that must be there before `struct` can be, and is not."""
        client, clock, _, kind, origin, right_origin, _, _, _ = struct
        if clock > self._next(client):
            return client, clock - 1
        if kind == SKIP:
            return client, clock
        if origin is not None and origin[1] >= self._next(origin[0]):
            return origin
        if right_origin is not None and right_origin[1] >= self._next(right_origin[0]):
            return right_origin
        return None

    def _write(self, struct: Struct) -> None:
        client, clock, length, kind, origin, right_origin, _, _, content = struct
        known = self._next(client)
        if clock < known:
            self._check_pairs(origin, right_origin)  # Yjs looks up, and splits, the neighbours of what it knows, too
        if clock + length <= known:
            return
        fresh = self.fresh.get(client) or self._begin(client, known)
        offset = known - clock
        place = None if kind == GC else self._place(struct)
        if offset and kind != GC:  # an overlap: only the rest is new, and it continues what is known
            origin = (client, known - 1)
            if self._found(origin) is not place:
                raise Malformed("A struct does not continue what it overlaps.")
        if known + length - offset - fresh.first > MAX_ADVANCE and not self.trusted:
            raise Malformed("Too much at once.")
        if isinstance(place, Slot):
            self._put(place, Node(client, known, length - offset, origin), kind, content, right_origin)
            fresh.append(place, length - offset)
        elif place is not None:
            self._type(place, fresh, struct, offset, origin)
        else:
            self.deleted.append((client, known, length - offset))
            fresh.append(None, length - offset)

    def _begin(self, client: int, known: int) -> Written:
        if self.may_use is not None and not self.may_use(client):
            raise Refused("foreign_client", "These edits were made under a client id that is not this session's.")
        fresh = self.fresh[client] = Written(known)
        return fresh

    def _found(self, id: Id) -> Slot | TextRoot | None:
        """Where an id was written that is known to be."""
        client, clock = id
        written = self.index.written.get(client)
        if written is None or clock >= written.next:
            written = self.fresh[client]
        owner = written.owner(clock)
        return owner.text if isinstance(owner, Run) else owner

    def _place(self, struct: Struct) -> Slot | TextRoot | None:
        """Where `struct` belongs: its neighbours tell, or the root and key that it names."""
        origin, right_origin = struct.origin, struct.right_origin
        if struct.root is not None:
            return self._named(struct.root, struct.key)
        places = [self._found(id) for id in (origin, right_origin) if id is not None]
        if None in places:
            if self.trusted:
                return None
            raise Malformed("A struct beside a hole.")
        if places[0] is not places[-1]:
            raise Malformed("A struct between two places.")
        return places[0]

    def _named(self, root: str, key: str | None) -> Slot | TextRoot:
        if key is None:
            text = self.index.texts.get(root) or self.new_texts.get(root)
            return text or self._new_text(root)
        slots = self.index.slots.get(root)
        slot = slots.get(key) if slots else None
        return slot or self.new_slots.get((root, key)) or self._new_slot(root, key)

    def _new_text(self, root: str) -> TextRoot:
        if not self.trusted and self.root_kind(root) != "text":
            raise Refused("unknown_root", f"A document has no text {root[:80]!r}.")
        text = self.new_texts[root] = TextRoot(root)
        return text

    def _new_slot(self, root: str, key: str) -> Slot:
        if not self.trusted:
            if self.root_kind(root) != "map":
                raise Refused("unknown_root", f"A document has no map {root[:80]!r}.")
            if len(key) > MAX_KEY_LENGTH or key in FORBIDDEN_KEYS:
                raise Refused("bad_key", f"{key[:80]!r} cannot be a key.")
        slot = self.new_slots[root, key] = Slot(root, key)
        return slot

    def _put(self, slot: Slot, node: Node, kind: int, content: list[object], right_origin: Id | None) -> None:
        if kind == STRING or (not self.trusted and (right_origin or (kind == ANY and node.length != 1))):
            raise Malformed("A key of a map holds one JSON value.")
        chain, visible = self.chains.get(slot) or (slot.chain, slot.visible)
        self._charge(chain, node)
        last = chain[-1].last if chain else None
        chain, counts = place(chain, node)
        if counts and visible and last:
            self.deleted.append((*last, 1))
        if kind == DELETED or not counts:
            self.deleted.append((node.client, node.clock, node.length))
        self.chains[slot] = chain, kind == ANY if counts else visible
        if kind == ANY and content:
            unseeing = node.origin is None and last is not None
            self.puts.append(Put(slot.root, slot.key, content[0], unseeing, not counts))

    def _charge(self, chain: Chain, node: Node) -> None:
        """Steps that `place` may take: a made-up tangle must not hold up everybody else."""
        straight = not chain or node.origin == chain[-1].last
        self.work += len(chain) >> 4 if straight else len(chain)  # a straight one copies the chain, no more
        if self.work > MAX_WORK and not self.trusted:
            raise too_tangled()

    def _type(self, text: TextRoot, fresh: Written, struct: Struct, offset: int, origin: Id | None) -> None:
        _, clock, length, kind, _, right_origin, _, _, content = struct
        if kind == ANY:
            raise Malformed("A text holds characters only.")
        self._check_pairs(origin, right_origin)
        run = Run(struct.client, clock + offset, length - offset, origin, right_origin, text)
        self._insert(run)
        fresh.append(run, run.length)
        counts = self.typed.setdefault(text, [0, 0])
        if kind == DELETED:
            fresh.deleted.add(clock + offset, clock + length)
            self.deleted.append((struct.client, clock + offset, length - offset))
            return
        counts[0] += length - offset
        if length != len(content):
            lows = low_surrogates(content, clock)
            if offset and clock + offset in lows:
                raise split_pair()
            fresh.low += [low for low in lows if low >= clock + offset]

    def _check_pairs(self, origin: Id | None, right_origin: Id | None) -> None:
        if (origin and self._is_low(origin[0], origin[1] + 1)) or (right_origin and self._is_low(*right_origin)):
            raise split_pair()

    def _insert(self, run: Run) -> None:
        order = self.order = self.order or TextOrder(self.index.written, self.fresh)
        try:
            self.work += order.insert(run, self.trusted)
        except Implausible:
            raise Malformed("A struct between two that were never neighbours.") from None
        if self.work > MAX_WORK and not self.trusted:
            raise too_tangled()

    def _is_low(self, client: int, clock: int) -> bool:
        written = self.index.written.get(client)
        if written is None or clock >= written.next:
            written = self.fresh.get(client)
        return written is not None and written.is_low(clock)

    # -- what was deleted

    def _delete(self, deletes: Iterable[Range]) -> None:
        end_of: dict[int, int] = {}
        for client, clock, length in sorted(deletes):
            end = clock + length
            clock = max(clock, end_of.get(client, 0))  # ranges may overlap; none is walked twice
            end_of[client] = max(end, end_of.get(client, 0))
            if clock < end:
                self._delete_range(client, clock, end)

    def _delete_range(self, client: int, start: int, end: int) -> None:
        old = self.index.written.get(client, NO_ONE)
        if old.deleted.contains(start, end):
            return
        fresh = self.fresh.get(client, NO_ONE)
        if end > max(old.next, fresh.next):
            raise Gap("The update deletes something that is not here.")
        if self._is_low(client, start) or self._is_low(client, end):
            raise split_pair()
        if start < old.next:
            self._delete_runs(client, start, min(end, old.next), old)
        if end > old.next:
            self._delete_runs(client, max(start, old.next), end, fresh)

    def _delete_runs(self, client: int, start: int, end: int, written: Written) -> None:
        for run_start, run_end, owner in written.runs(start, end):
            if isinstance(owner, Slot):
                self._delete_value(owner, client, run_start, run_end)
            elif owner is not None:
                for gone, until in written.deleted.gaps(run_start, run_end):
                    self.typed.setdefault(owner.text, [0, 0])[1] += until - gone
                    self.deleted.append((client, gone, until - gone))

    def _delete_value(self, slot: Slot, client: int, start: int, end: int) -> None:
        """A value goes if it is the last of its chain and still holds; all others have gone before."""
        chain, visible = self.chains.get(slot) or (slot.chain, slot.visible)
        if visible and chain[-1].client == client and start <= chain[-1].last[1] < end:
            self.chains[slot] = chain, False
            self.deleted.append((*chain[-1].last, 1))

    # -- the end

    def _check_sizes(self) -> None:
        for text, (inserted, removed) in self.typed.items():
            if inserted > removed and text.length + inserted - removed > MAX_TEXT_UNITS:
                raise Refused("text_too_long", f"A text holds at most {MAX_TEXT_UNITS:,} characters.", text.root)
        for root, more in self._growth().items():
            if more > 0 and self.index.held.get(root, 0) + more > MAX_KEYS:
                raise Refused("too_many", f"A document holds at most {MAX_KEYS:,} {root}.")

    def _growth(self) -> dict[str, int]:
        """How many more keys of each root hold a value after this."""
        growth: dict[str, int] = {}
        for slot, (_, visible) in self.chains.items():
            if visible != slot.visible:
                growth[slot.root] = growth.get(slot.root, 0) + (1 if visible else -1)
        return growth

    def drop(self) -> None:
        """It will not be: leave the document as it was."""
        if self.is_open:
            self.is_open = False
            if self.order:
                self.order.undo()

    def commit(self) -> None:
        """Make it true."""
        index = self.index
        if not self.is_open:
            raise RuntimeError("Only the update that was checked last can be committed.")
        self.is_open = False
        for root, more in self._growth().items():
            index.held[root] = index.held.get(root, 0) + more
        for (root, key), slot in self.new_slots.items():
            index.slots.setdefault(root, {})[key] = slot
        index.texts.update(self.new_texts)
        for slot, (chain, visible) in self.chains.items():
            slot.chain, slot.visible = chain, visible
        for text, (inserted, removed) in self.typed.items():
            text.length += inserted - removed
        for client, fresh in self.fresh.items():
            index.written.setdefault(client, Written(fresh.first)).extend(fresh)
        for client, clock, length in self.deleted:
            index.written[client].deleted.add(clock, clock + length)


def too_tangled() -> Refused:
    return Refused("too_tangled", "Too many changes of one thing at once.")


def low_surrogates(text: str, clock: int) -> list[int]:
    """The clocks of all second halves of pairs in a text that begins at `clock`."""
    lows = []
    for character in text:
        clock += 1
        if character > "\uffff":
            lows.append(clock)
            clock += 1
    return lows


def split_pair() -> Refused:
    return Refused("split_character", "An edit must not cut a character (a surrogate pair) in two.")
