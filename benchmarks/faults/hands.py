"""What editors do, by a seed, and what must be true of it afterwards. Knows edits and documents; no sockets.

Annotations, comments and tokens of text are made and taken back by one editor each, so that what is acknowledged says
exactly what must be there. Labels and decisions are everybody's: of those only equality can be asked.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

NOTE = "text/note"  # the root of the free-text field that the project is given
MAPS = ("annotations", "labels", "decisions", "comments")
LABELS = ("person", "organisation", "location", "product")
AT = "2026-11-21T12:00:00.000Z"

Edit = tuple[Any, ...]  # ("put", root, key, value), ("remove", root, key), ("type", token, chance), ("untype", token)
Shown = dict[str, Any]  # the maps by name, `note`, and `pending`: whether updates wait for others that never came


@dataclass
class Hand:
    """One editor's habits, and everything that he did so far."""

    name: str
    user_id: int
    rng: random.Random
    made: list[Edit] = field(default_factory=list)
    others: list[Hand] = field(default_factory=list)

    def next(self) -> Edit:
        """What he does now."""
        edit = self._choose()
        self.made.append(edit)
        return edit

    def _choose(self) -> Edit:
        chance = self.rng.random()
        if chance < 0.5:
            return self.put_annotation()
        if chance < 0.7:
            token = f"<{self.name}.{len(self.made)}{self.rng.choice(['', '👍', 'é', '🏼x'])}>"
            return ("type", token, self.rng.random())
        if chance < 0.78 and (mine := self.standing("type")):
            return ("untype", self.rng.choice(mine))
        if chance < 0.84 and (mine := [key for key in self.standing("annotations") if not is_kept(key)]):
            return ("remove", "annotations", self.rng.choice(mine))
        if chance < 0.9:
            key = f"{self.name}-comment-{self.rng.randrange(3)}"
            body = f"{self.name} said {len(self.made)}"
            return ("put", "comments", key, {"on": None, "author": self.user_id, "body": body, "created": AT})
        if shared := [key for hand in [self, *self.others] for key in hand.standing("annotations") if is_kept(key)]:
            return self._correct(self.rng.choice(shared))
        return self.put_annotation()

    def put_annotation(self) -> Edit:
        number = len(self.made)
        kept = "kept" if number % 3 == 0 else "made"
        start = self.rng.randrange(10)
        value = {"start": start, "end": start + 1 + self.rng.randrange(9)}
        by = {"author": self.user_id, "origin": "human", "created": AT}
        said = {"kind": "span", "field": "entities", "label": self.rng.choice(LABELS), "value": value, **by}
        return ("put", "annotations", f"{self.name}-{kept}-{number:06d}", said)

    def _correct(self, key: str) -> Edit:
        by = {"by": self.user_id, "at": AT}
        if self.rng.random() < 0.6:
            return ("put", "labels", key, {"label": self.rng.choice(LABELS), **by})
        return ("put", "decisions", key, {"status": self.rng.choice(["accepted", "rejected"]), **by})

    def standing(self, what: str) -> list[str]:
        """His own annotations, or tokens, that he has not taken back."""
        return [key for key, there in standing(self.made, what).items() if there]


def is_kept(key: str) -> bool:
    """Whether an annotation is one that is never taken back: anybody may correct it at any time."""
    return "-kept-" in key


def standing(made: Sequence[Edit], what: str) -> dict[str, Any]:
    """What one editor's edits leave of his own keys: the value, True for a token, None for what was taken back."""
    left: dict[str, Any] = {}
    for edit in made:
        match edit:
            case ("put", root, key, value) if root == what:
                left[key] = value
            case ("remove", root, key) if root == what:
                left[key] = None
            case ("type", token, *_) if what == "type":
                left[token] = True
            case ("untype", token) if what == "type":
                left[token] = None
    return left


OWN = ("annotations", "comments")


def lost_or_doubled(shown: Shown, made: Sequence[Edit], acknowledged: int, whose: str) -> list[str]:
    """What `shown` lacks of one editor's acknowledged edits, or has twice. What he did later may be there or not."""
    problems: list[str] = []
    for root in OWN:
        must, may = standing(made[:acknowledged], root), {}
        for edit in made[acknowledged:]:
            if edit[0] in ("put", "remove") and edit[1] == root:
                may.setdefault(edit[2], []).append(edit[3] if edit[0] == "put" else None)
        for key, value in must.items():
            if (found := shown[root].get(key)) != value and found not in may.get(key, []):
                problems.append(f"{whose}: {root} {key} is {found!r}, not {value!r}")
    count = Counter(token + ">" for token in shown["note"].split(">"))
    must = standing(made[:acknowledged], "type")
    unsaid = {edit[1] for edit in made[acknowledged:] if edit[0] == "untype"}
    for token, there in must.items():
        if count[token] != (1 if there else 0) and not (token in unsaid and count[token] == 0):
            problems.append(f"{whose}: the token {token} stands {count[token]} times, not {1 if there else 0}")
    problems += [f"{whose}: the token {t} stands {n} times" for t, n in count.items() if n > 1 and t not in must]
    if shown["pending"]:
        problems.append(f"{whose}: updates wait for others that never came")
    return problems


class Editor(Protocol):
    """Somebody who edits: a pycrdt document or a real Yjs one behind a socket that may break at any time."""

    hand: Hand
    acknowledged: int  # so many of his edits are `saved`
    acknowledgements: list[tuple[float, int]]  # when (monotonic) how many were
    closes: list[int]
    refusals: list[str]
    synced: bool

    def edit(self) -> None: ...
    def cut(self) -> None: ...
    def go_offline(self) -> None: ...
    def come_back(self) -> None: ...
    async def show(self) -> Shown: ...
    async def close(self) -> None: ...
