"""Wordings that the team has accepted for one field, and where they stand in a text. Pure; built, then only read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from projects.suggestions.tokens import normal, tokens

MAX_TOKENS = 20  # of a wording; what is longer is hardly said twice
MAX_CHARACTERS = 200
WORDS_AT_A_STRETCH = 200
FOLDED_FACTOR = 0.7  # "it" is less sure to be what "IT" was
NESTED_FACTOR = 0.5  # "York" inside "New York Times"
DOUBT = 0.5  # added to the uses counted: what was said once is less sure than what was said ten times


@dataclass(frozen=True, slots=True)
class Found:
    """An accepted wording that stands in a text."""

    start: int
    end: int
    wording: str
    exact: bool  # as it was accepted, not only with other capitals
    nested: bool  # inside a longer one


@dataclass(frozen=True, slots=True)
class Own:
    """What one task itself has contributed; never held against that task."""

    uses: Counter[tuple[str, str]]
    sampled: Counter[str]
    seen: Counter[str]


class Phrases:
    """Counts of (wording, label), and of how often wordings stand in texts that people have worked on."""

    def __init__(self) -> None:
        self._uses: dict[str, Counter[str]] = {}  # wording -> label -> tasks' uses
        self._folded: dict[str, list[str]] = {}  # wording in small letters -> the wordings as accepted
        self._lengths: dict[str, list[int]] = {}  # first word in small letters -> lengths in words, longest first
        self._by_task: dict[int, list[tuple[str, str]]] = {}
        self._sampled: Counter[str] = Counter()  # folded wording -> uses in the sample's tasks
        self._seen: Counter[str] = Counter()  # folded wording -> places in the sample's texts
        self._sample: set[int] = set()

    def __len__(self) -> int:
        return len(self._uses)

    def learn(self, task_id: int, wording: str, label: str) -> None:
        """The team accepted `wording` with `label` in a task."""
        if len(wording) > MAX_CHARACTERS:
            return
        known = normal(wording)
        uses = self._uses.get(known)
        if uses is None:
            if not self._enter(known):
                return
            uses = self._uses[known] = Counter()
        uses[label] += 1
        self._by_task.setdefault(task_id, []).append((known, label))

    def _enter(self, wording: str) -> bool:
        words = [match.group() for match in tokens(wording)]
        if not 0 < len(words) <= MAX_TOKENS:
            return False
        lengths = self._lengths.setdefault(words[0].casefold(), [])
        if len(words) not in lengths:
            lengths.append(len(words))
            lengths.sort(reverse=True)
        self._folded.setdefault(wording.casefold(), []).append(wording)
        return True

    def observe(self, task_id: int, text: str) -> Iterator[None]:
        """A text on which people have worked: wordings that they left unlabelled there count against a label.

        Yields now and then, as `walk` does.
        """
        self._sample.add(task_id)
        self._sampled.update(wording.casefold() for wording, _ in self._by_task.get(task_id, ()))
        for found in self.walk(text):
            if found is None:
                yield
            elif not found.nested:
                self._seen[found.wording.casefold()] += 1

    def found(self, text: str) -> Iterator[Found]:
        """Every accepted wording in `text`, from its beginning on, the longest first; on the borders of words."""
        return (found for found in self.walk(text) if found is not None)

    def walk(self, text: str) -> Iterator[Found | None]:
        """As `found`, with a None every so many words, so that the caller can let others work."""
        covered = 0  # the end of the longest one so far: what lies inside it is nested, what crosses it is not meant
        window: list[tuple[int, int]] = []
        for number, match in enumerate(tokens(text)):
            window.append(match.span())
            if len(window) == MAX_TOKENS:
                covered = yield from self._at(text, window, covered)
                del window[0]
            if number % WORDS_AT_A_STRETCH == WORDS_AT_A_STRETCH - 1:
                yield None
        while window:
            covered = yield from self._at(text, window, covered)
            del window[0]

    def _at(self, text: str, window: list[tuple[int, int]], covered: int) -> Generator[Found, None, int]:
        """The longest wording that begins where `window` does; returns how far the text is covered then."""
        start, first_end = window[0]
        for length in self._lengths.get(text[start:first_end].casefold(), ()):
            if length > len(window):
                continue
            end = window[length - 1][1]
            if start < covered < end:
                continue
            here = normal(text[start:end])
            exact = here in self._uses
            if exact or here.casefold() in self._folded:
                yield Found(start, end, here, exact, nested=start < covered)
                return max(covered, end)
        return covered

    def own(self, task_id: int, text: str) -> Own:
        """What the task itself has taught, to be left out when suggesting in it."""
        mine = self._by_task.get(task_id, [])
        if task_id not in self._sample:
            return Own(Counter(mine), Counter(), Counter())
        seen = Counter(found.wording.casefold() for found in self.found(text) if not found.nested)
        return Own(Counter(mine), Counter(wording.casefold() for wording, _ in mine), seen)

    def label(self, found: Found, own: Own) -> tuple[str, float] | None:
        """The label that the team most often gave this wording in other tasks, and how sure that makes it."""
        uses = self._uses_elsewhere(found, own)
        total = sum(uses.values())
        if not total:
            return None
        label, count = max(uses.items(), key=lambda use: (use[1], use[0]))
        score = count / (total + DOUBT) * self._rate(found.wording.casefold(), own)
        score *= (1 if found.exact else FOLDED_FACTOR) * (NESTED_FACTOR if found.nested else 1)
        return label, round(score, 4)

    def _uses_elsewhere(self, found: Found, own: Own) -> Counter[str]:
        wordings = [found.wording] if found.exact else self._folded[found.wording.casefold()]
        uses: Counter[str] = Counter()
        for wording in wordings:
            for label, count in self._uses[wording].items():
                uses[label] += count - own.uses[wording, label]
        return +uses

    def _rate(self, folded: str, own: Own) -> float:
        """The share of the places of this wording that people labelled, where they worked."""
        used = self._sampled[folded] - own.sampled[folded]
        seen = self._seen[folded] - own.seen[folded]
        return min(1.0, (used + 1) / (seen + 1))
