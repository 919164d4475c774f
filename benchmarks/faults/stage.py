"""One run of a fault, and how it is told. Knows figures and problems; not what goes wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from benchmarks.faults.cluster import PEOPLE, Cluster
from benchmarks.faults.editors import PycrdtEditor, Yjs
from benchmarks.faults.hands import Editor, Hand

Run = dict[str, Any]


@dataclass
class Stage:
    """Where a fault plays: how often, by which seed, on which cluster. `told` holds what came of every run."""

    cluster: Cluster
    runs: int
    seed: int
    say: Callable[[Run], None] = lambda run: None
    is_timed: bool = True  # whether to be late is a problem: not in tests, on machines that do other things, too
    told: list[Run] = field(default_factory=list)

    def rng(self, *about: object) -> random.Random:
        """Chance that depends on the seed and on what it is for, not on what was drawn before."""
        return random.Random(f"{self.seed}/{'/'.join(map(str, about))}")

    def late(self, what: str, seconds: float, most: float) -> list[str]:
        """The problem that something took too long, if it did and that counts."""
        return [f"{what} {seconds:.1f} s, not {most:.0f}"] if self.is_timed and seconds > most else []

    def tell(self, number: int, problems: list[str], **figures: Any) -> None:
        run = {"run": number, "seed": self.seed, **figures, "problems": problems[:10], "problem_count": len(problems)}
        self.told.append(run)
        self.say(run)

    @property
    def problems(self) -> list[str]:
        """What must not be, of all runs."""
        return [f"run {run['run']}, seed {run['seed']}: {problem}" for run in self.told for problem in run["problems"]]


class Crew:
    """`async with Crew(stage, document, n, ...) as crew`: editors in one document, half of them real Yjs, all synced once asked."""

    def __init__(
        self,
        stage: Stage,
        document: int,
        count: int,
        name: object = "",
        yjs: int | None = None,
        address: Callable[[int], Callable[[], str]] | None = None,
    ) -> None:
        self.stage, self.document, self.count, self.name = stage, document, count, name
        self._yjs_count = count // 2 if yjs is None else yjs
        self._address = address or (lambda number: stage.cluster.address_of(document, number))
        self.editors: list[Editor] = []
        self.away: list[Editor] = []  # who is offline until told otherwise
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Crew:
        await self._stack.__aenter__()
        made = self.stage.cluster.project
        yjs = await self._stack.enter_async_context(Yjs()) if self._yjs_count else None
        hands = []
        for number in range(self.count):
            person = PEOPLE[number % len(PEOPLE)]
            hand = Hand(f"e{number}", made.users[person], self.stage.rng("hand", self.name, number))
            hands.append(hand)
            if yjs is not None and number % 2 == 0 and number // 2 < self._yjs_count:
                self.editors.append(yjs.editor(self._address(number), made.tokens[person], hand))
            else:
                editor = PycrdtEditor(self._address(number), made.tokens[person], hand, self.stage.seed + number)
                self._stack.push_async_callback(editor.close)
                self.editors.append(editor)
        for hand in hands:
            hand.others = [other for other in hands if other is not hand]
        return self

    async def __aexit__(self, *about: Any) -> None:
        await self._stack.__aexit__(*about)
