"""Short versions of the faults of lines, readers and browsers (benchmarks/faults): everybody comes back to the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.faults import connections, hostile, open_close, random_edits, slow_reader, stale_browser, storm
from benchmarks.faults.stage import Run

Play = Callable[..., list[Run]]


@pytest.mark.promise("P3")
def test_lines_that_break_in_many_ways_lose_nothing(play: Play) -> None:
    play(connections, len(connections.FAULTS), longest=0.8, offline_edits=1000)


@pytest.mark.promise("P8")
def test_a_slow_reader_is_cut_off_and_costs_little(play: Play) -> None:
    assert play(slow_reader, 12, warm_megabytes=4)[0]["times_cut_off"] > 0


@pytest.mark.promise("P3")
def test_many_come_back_at_once(play: Play) -> None:
    play(storm, 100)


def test_rooms_leave_nothing_behind(play: Play) -> None:
    play(open_close, 120, documents=4)


@pytest.mark.promise("P4")
def test_a_stale_browser_doubles_nothing(play: Play) -> None:
    play(stale_browser, 2, kinds=("import", "restore"))


@pytest.mark.promise("P4")
def test_random_edits_with_kills_between_end_equal_everywhere(play: Play) -> None:
    assert sum(run["edits"] for run in play(random_edits, 4)) > 200


@pytest.mark.promise("P5")
def test_hostile_updates_harm_nobody(play: Play) -> None:
    assert play(hostile, 200, quiet_seconds=0.5)[0]["rows_taken"] > 0
