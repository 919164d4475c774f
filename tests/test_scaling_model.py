"""The simulation behind docs/scaling.md: that it plays what the journal does, and loses nobody."""

from __future__ import annotations

import random
from dataclasses import replace

from benchmarks.scaling_costs import MEASURED
from benchmarks.scaling_model import Work, journal, place, simulate, sizes

SMALL = Work(people=2_000, documents=400)


def test_everybody_is_in_a_document() -> None:
    counts = sizes(SMALL, random.Random(1))
    assert sum(counts) == SMALL.people
    assert len(counts) == SMALL.documents


def test_whoever_comes_while_a_commit_runs_is_in_the_next_one() -> None:
    costs = replace(MEASURED, commit_ms=10.0, commit_row_ms=0.0)
    commits, bells, waits = journal([(0.0, 1), (0.001, 1), (0.002, 2), (0.5, 1)], costs)
    assert commits == 3  # the first alone, the two that came meanwhile together, the late one alone
    assert bells == 4  # one for each document of each commit
    assert [round(wait) for wait in waits] == [10, 19, 18, 10]


def test_a_document_of_one_process_is_heard_of_by_no_other() -> None:
    chance = random.Random(1)
    assert all(len(where) == 1 for where in place([5] * 50, 8, "document", chance))
    found = simulate(SMALL, MEASURED, 8, "document", 5, 1)
    spread = simulate(SMALL, MEASURED, 8, "spread", 5, 1)
    assert found["open_rooms"] <= SMALL.documents < spread["open_rooms"]
    assert found["redis_cores"] < spread["redis_cores"]
    assert found["process_cpu_pct"] < spread["process_cpu_pct"]


def test_twice_the_processes_are_half_as_busy_where_documents_are_apart() -> None:
    one = simulate(SMALL, MEASURED, 4, "document", 5, 1)
    two = simulate(SMALL, MEASURED, 8, "document", 5, 1)
    assert 0.45 < two["process_cpu_pct"] / one["process_cpu_pct"] < 0.55
