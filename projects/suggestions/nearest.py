"""Texts that people have answered, and which of them a new text is most like (TF-IDF and cosine). Pure."""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping

from projects.suggestions.tokens import tokens

MAX_WORDS = 2000  # of a text that are read
MAX_FEATURES = 256  # of a text that are kept
ASKED_FEATURES = 64  # of a new text, the rarest: they decide, and a long text costs no more than a short one
NEIGHBOURS = 10
DOUBT = 0.3  # a similarity that speaks for nobody: one far neighbour makes no sure answer


def features(text: str) -> Counter[str]:
    """Words and pairs of words, in small letters."""
    counts: Counter[str] = Counter()
    before = ""
    for number, match in enumerate(tokens(text)):
        if number == MAX_WORDS or len(counts) >= MAX_FEATURES:
            break
        word = match.group().casefold()
        if not word[0].isalnum():
            continue
        counts[word] += 1
        if before:
            counts[f"{before} {word}"] += 1
        before = word
    return counts


class Nearest:
    """Add texts, then `finish`, then ask."""

    def __init__(self) -> None:
        self._tasks = array("q")
        self._answers: list[Mapping[str, tuple[str, ...]]] = []
        self._features: list[Counter[str]] = []
        self._postings: dict[str, array[int]] = {}
        self._weights: dict[str, array[float]] = {}

    def __len__(self) -> int:
        return len(self._answers)

    def add(self, task_id: int, text: str, answers: Mapping[str, tuple[str, ...]]) -> None:
        """A text with its accepted labels by field."""
        self._tasks.append(task_id)
        self._answers.append(answers)
        self._features.append(features(text))

    def finish(self) -> Iterator[None]:
        """Weigh every text; yields now and then, so that the caller can let others work."""
        frequency: Counter[str] = Counter()
        for counts in self._features:
            frequency.update(counts.keys())
        self._rarity = {f: math.log((1 + len(self)) / (1 + n)) + 1 for f, n in frequency.items()}
        for document, counts in enumerate(self._features):
            for feature, weight in self._vector(counts).items():
                self._postings.setdefault(feature, array("L")).append(document)
                self._weights.setdefault(feature, array("f")).append(weight)
            yield
        self._features.clear()

    def _vector(self, counts: Mapping[str, int]) -> dict[str, float]:
        """Weights of length one; features that nobody else has are kept in the length: they make texts unlike."""
        unknown = math.log(1 + len(self)) + 1
        weights = {f: (1 + math.log(n)) * self._rarity.get(f, unknown) for f, n in counts.items()}
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        return {f: w / length for f, w in weights.items()}

    def alike(self, text: str, leaving_out: int) -> list[tuple[float, Mapping[str, tuple[str, ...]]]]:
        """Similarity and answers of every text that shares a word with `text`; never of the task's own."""
        vector = self._vector(features(text))
        asked = heapq.nlargest(ASKED_FEATURES, (f for f in vector if f in self._postings), key=vector.__getitem__)
        similar: dict[int, float] = {}
        for feature in asked:
            weight = vector[feature]
            for document, other in zip(self._postings[feature], self._weights[feature], strict=True):
                similar[document] = similar.get(document, 0.0) + weight * other
        return [(s, self._answers[d]) for d, s in similar.items() if self._tasks[d] != leaving_out]


def votes(alike: list[tuple[float, Mapping[str, tuple[str, ...]]]], field: str) -> list[tuple[str, float]]:
    """The labels of the nearest texts that answer `field`, each with its share of the vote, the strongest first."""
    answered = [(similarity, answers[field]) for similarity, answers in alike if field in answers]
    nearest = heapq.nlargest(NEIGHBOURS, answered, key=lambda pair: pair[0])
    # Squared: five texts that are half alike must not outvote one that is the same.
    total = sum(similarity**2 for similarity, _ in nearest) + DOUBT**2
    shares: Counter[str] = Counter()
    for similarity, labels in nearest:
        for label in labels:
            shares[label] += similarity**2 / total  # type: ignore[assignment]
    return sorted(((label, round(share, 4)) for label, share in shares.items()), key=lambda s: (-s[1], s[0]))
