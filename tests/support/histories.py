"""Histories as people make them: several at once, on what the others wrote a moment ago, corrected and taken back. Seeded."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from pycrdt import Doc, Map, Text

from annotator.collaboration.changes import SERVER_CLIENTS

NOTHING = b"\0\0"
TEXT_ROOT = "text/transcript-0001"
ROOTS = ("annotations", "labels", "values", "decisions", "comments")
WORDS = ("one", "two", "three", "four", "five", "six")


class Made(NamedTuple):
    """One committed change."""

    author: int | None
    origin: str
    at: datetime
    data: bytes


class Person:
    """Somebody with a document of his own, who hears of the others now and then."""

    def __init__(self, author: int | None, origin: str, client: int) -> None:
        self.author, self.origin = author, origin
        self.doc: Doc[Any] = Doc(client_id=client)
        self.updates: list[bytes] = []
        self._subscription = self.doc.observe(lambda event: self.updates.append(event.update))

    def hear(self, everything: Doc[Any]) -> None:
        self.doc.apply_update(everything.get_update(self.doc.get_state()))
        self.updates.clear()

    def edit(self, chance: random.Random) -> bytes:
        """Do one thing; what it changed."""
        annotations, labels = self.doc.get("annotations", type=Map), self.doc.get("labels", type=Map)
        text = self.doc.get(TEXT_ROOT, type=Text)
        what = chance.random()
        with self.doc.transaction():
            if what < 0.15:
                # pycrdt counts bytes; these words have one a character
                length = len(text)
                if length > 20 and chance.random() < 0.4:
                    start = chance.randrange(length - 5)
                    del text[start : start + 5]
                else:
                    text.insert(chance.randint(0, length), chance.choice(WORDS))
            elif what < 0.4 and len(annotations):
                labels[chance.choice(sorted(annotations.keys()))] = {"label": chance.choice(WORDS), "by": self.author}
            elif what < 0.5 and len(annotations) > 5:
                key = chance.choice(sorted(annotations.keys()))
                for root in (annotations, labels):
                    if key in root:
                        del root[key]
            else:
                start = chance.randrange(5000)
                annotations[f"{chance.getrandbits(64):016x}"] = {
                    "kind": "span",
                    "field": "entities",
                    "label": chance.choice(WORDS),
                    "value": {"start": start, "end": start + chance.randint(1, 30)},
                    "author": self.author,
                    "origin": self.origin,
                    "created": "2026-01-01T00:00:00.000Z",
                }
        update = self.updates[-1] if self.updates else NOTHING
        self.updates.clear()
        return update


def history(
    seed: int, updates: int, people: Sequence[int], begun: datetime, seconds: float = 1.5, hears: float = 0.7
) -> list[Made]:
    """So many committed changes of one document, by these people and a model, one every `seconds` or so."""
    chance = random.Random(seed)
    everything = Person(None, "server", SERVER_CLIENTS + chance.getrandbits(20))
    everybody = [Person(author, "human", chance.getrandbits(32)) for author in people]
    found: list[Made] = []
    at = begun
    while len(found) < updates:
        at += timedelta(seconds=chance.expovariate(1 / seconds))
        if chance.random() < 0.1:  # the server writes what a model or a program says, under its own client id
            data, author, origin = everything.edit(chance), None, "model"
        else:
            person = chance.choice(everybody)
            if chance.random() < hears:
                person.hear(everything.doc)
            everything.doc.apply_update(person.edit(chance))
            data, author, origin = everything.updates[-1] if everything.updates else NOTHING, person.author, "human"
            everything.updates.clear()
        if data != NOTHING:
            found.append(Made(author, origin, at, data))
    return found


def shown(doc: Doc[Any]) -> dict[str, Any]:
    """All that a document says."""
    maps = {root: json.loads(str(doc.get(root, type=Map))) for root in ROOTS}
    return {**maps, TEXT_ROOT: str(doc.get(TEXT_ROOT, type=Text))}
