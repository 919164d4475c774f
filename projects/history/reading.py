"""The journals of documents, read to be told: a few of them are kept read, and go on where they stood. Knows the database."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from projects.history.deeds import Deed, Teller, Told
from projects.history.grouping import Written
from projects.models import Compaction, Document, Update
from projects.projection import Place

MOST_KEPT = 4  # journals of this process that are kept read: paging through one does not read it again and again
ROWS_AT_ONCE = 500
ROWS_A_TURN = 20  # so many are read, then others have the interpreter
PAUSE_SECONDS = 0.0005
COLUMNS = ("pk", "seq", "author_id", "origin", "at", "data")


@dataclass
class Kept:
    """A journal that was read so far. `state`: what a compaction would change under it."""

    teller: Teller
    state: object
    turn: threading.Lock = field(default_factory=threading.Lock)


class Journals:
    """The journals of this process that were last asked for."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, Kept] = OrderedDict()
        self._turn = threading.Lock()

    def told(self, place: Place) -> Sequence[Told]:
        """Everything that was done in a document, the oldest first; rows that are not told of change nothing."""
        kept = self._find(place)
        with kept.turn:
            for number, row in enumerate(rows_after(place.document_id, kept.teller.seq)):
                kept.teller.hear(row)
                if number % ROWS_A_TURN == ROWS_A_TURN - 1:
                    time.sleep(PAUSE_SECONDS)
            return tuple(kept.teller.told)

    def _find(self, place: Place) -> Kept:
        state = (state_of(place.document_id), place.schema)
        with self._turn:
            kept = self._kept.pop(place.document_id, None)
            if kept is None or kept.state != state:
                kept = Kept(Teller(place.schema, place.text), state)
            self._kept[place.document_id] = kept
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return kept


def state_of(document_id: int) -> object:
    """What changes when rows that were read are not what they were: another epoch, a compaction."""
    epoch = Document.objects.filter(pk=document_id).values_list("epoch", flat=True).first()
    return epoch, list(Compaction.objects.filter(document=document_id, epoch=epoch or 0).values_list("seq", "way"))


def rows_after(document_id: int, seq: int) -> Iterator[Written]:
    """The rows of a document's present, some at a time."""
    epoch = Document.objects.filter(pk=document_id).values_list("epoch", flat=True).first()
    rows = Update.objects.filter(document=document_id, epoch=epoch or 0).order_by("seq").values_list(*COLUMNS)
    while some := list(rows.filter(seq__gt=seq)[:ROWS_AT_ONCE]):
        yield from (Written(pk, seq, who, origin, at, bytes(data)) for pk, seq, who, origin, at, data in some)
        seq = some[-1][1]


def page_of(
    told: Sequence[Told], before: int | None, limit: int, annotation: str | None
) -> tuple[list[tuple[Told, list[Deed]]], int | None]:
    """So many rows before one, the newest first, with those of their deeds that speak of an annotation, if one is meant."""
    page: list[tuple[Told, list[Deed]]] = []
    for row in reversed(told):
        if before is not None and row.seq >= before:
            continue
        deeds = [deed for deed in row.deeds if annotation is None or deed.annotation == annotation]
        if deeds:
            if len(page) == limit:
                return page, page[-1][0].seq
            page.append((row, deeds))
    return page, None


journals = Journals()
