"""Mutated updates against the gate: what passes must neither harm pycrdt nor show anything else in Yjs.

    python -m benchmarks.fuzz_gate --runs 20000 --seed 1

Honest sessions of real Yjs are recorded; their updates are mutated, byte by byte and struct by struct. What the gate
lets through is applied by pycrdt in a process of its own (it may crash, hang or panic there) and by real Yjs; both must
show the same, also after saving and loading. Prints a table and, last, one JSON line.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from annotator.collaboration.changes import Refused
from annotator.collaboration.gate import Gap, Gate, Malformed
from tests.collaboration.gated import Gated, root_kind
from tests.collaboration.honest import Session, record
from tests.collaboration.mutants import mutate
from tests.collaboration.real_yjs import RealYjs, YjsError

ANSWER_SECONDS = 20.0


@dataclass
class Report:
    """What came of a run."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def failed(self, kind: str, updates: Sequence[bytes]) -> None:
        self.counts[kind] += 1
        if len(self.failures) < 20:
            self.failures.append(f"{kind}: {json.dumps([update.hex() for update in updates])}")


class Victim:
    """A process that applies updates with pycrdt; made anew when it dies or hangs."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self._here, there = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=suffer, args=(there,), daemon=True)
        self._process.start()
        there.close()

    def show(self, updates: Sequence[bytes]) -> Any:
        """What pycrdt shows after `updates`; a string says how it failed."""
        try:
            self._here.send(updates)
            if self._here.poll(ANSWER_SECONDS):
                return self._here.recv()
            failure = "hang"
        except (EOFError, OSError):
            failure = "crash"
        self.close()
        self._start()
        return failure

    def close(self) -> None:
        self._process.kill()
        self._process.join()
        self._here.close()


def suffer(orders: Connection) -> None:
    """Apply what comes, save, load, read; in the victim's process."""
    while True:
        updates = orders.recv()
        try:
            gated = Gated()
            for update in updates:
                gated.doc.apply_update(update)
            loaded = Gated()
            loaded.doc.apply_update(gated.doc.get_update())
            orders.send((gated.shown(), loaded.shown()))
        except BaseException as error:
            orders.send(f"panic {type(error).__name__}")


def chosen(rng: random.Random, session: Session) -> tuple[list[bytes], int, bytes]:
    """A place in a session: what came before, whose update comes next, and that update."""
    at = rng.randrange(len(session.updates))
    author, update = session.updates[at]
    return [earlier for _, earlier in session.updates[:at]], author, update


def passes(gate: Gate, update: bytes, author: int) -> str | None:
    """None if the gate lets it through to pycrdt, else how it was turned away."""
    try:
        passed = gate.check(update, lambda client: client == author)
    except (Malformed, Gap, Refused) as refused:
        return type(refused).__name__
    return "empty" if passed.empty else None


def fuzz(report: Report, victim: Victim, yjs: RealYjs, rng: random.Random, session: Session, tries: int) -> None:
    earlier, author, update = chosen(rng, session)
    gate = Gate(root_kind)
    for one in earlier:
        gate.load(one)
    for _ in range(tries):
        mutant = mutate(rng, update, [other for _, other in session.updates], author)
        if mutant == update:
            continue
        report.counts["mutants"] += 1
        turned_away = passes(gate, mutant, author)
        if turned_away:
            report.counts[turned_away] += 1
        else:
            report.counts["passed"] += 1
            compare(report, victim, yjs, [*earlier, mutant])


def compare(report: Report, victim: Victim, yjs: RealYjs, updates: list[bytes]) -> None:
    shown = victim.show(updates)
    if isinstance(shown, str):
        report.failed(shown, updates)
        return
    now, loaded = shown
    try:
        theirs = yjs.show(updates)
    except YjsError:
        report.failed("Yjs throws", updates)
        return
    if now != with_floats(theirs):
        report.failed("Yjs differs", updates)
    if now != loaded:
        report.failed("loads differently", updates)


def with_floats(value: Any) -> Any:
    """Large numbers as the floats that they are: JavaScript writes them with digits that make another integer."""
    if isinstance(value, int) and abs(value) > 2**53:
        return float(value)
    if isinstance(value, dict):
        return {key: with_floats(item) for key, item in value.items()}
    return [with_floats(item) for item in value] if isinstance(value, list) else value


@contextlib.contextmanager
def processes() -> Iterator[tuple[Victim, RealYjs]]:
    victim, yjs = Victim(), RealYjs()
    try:
        yield victim, yjs
    finally:
        victim.close()
        yjs.close()


def run(runs: int, seed: int) -> Report:
    """`runs` mutants, more or less."""
    rng = random.Random(seed)
    report = Report()
    with processes() as (victim, yjs):
        sessions = [record(yjs, random.Random(rng.random())) for _ in range(max(4, min(40, runs // 500)))]
        while report.counts["mutants"] < runs:
            fuzz(report, victim, yjs, rng, rng.choice(sessions), 40)
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    began = time.perf_counter()
    report = run(arguments.runs, arguments.seed)
    for name, count in report.counts.most_common():
        print(f"{name:>20} {count:>10,}")
    for failure in report.failures:
        print(failure)
    seconds = round(time.perf_counter() - began, 1)
    print(json.dumps({"benchmark": "fuzz_gate", "seed": arguments.seed, "seconds": seconds, **report.counts}))


if __name__ == "__main__":
    main()
