"""Short versions of the faults in which a process or a disk goes down (benchmarks/faults): nothing acknowledged is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.faults import crash_images, disk_full, fsync_error, shim, sigkill, sigterm
from benchmarks.faults.stage import Run

Play = Callable[..., list[Run]]
needs_compiler = pytest.mark.skipif(shim.compiler() is None, reason="the shim between server and disk needs gcc")


@pytest.mark.promise("P2")
def test_what_was_acknowledged_survives_sigkill_at_any_instant(play: Play) -> None:
    told = play(sigkill, 2)
    assert told[-1]["edits"] > 0


@pytest.mark.promise("P3")
def test_a_stop_under_load_ends_in_time_and_loses_nothing(play: Play) -> None:
    assert play(sigterm, 1)[0]["told_1012"] > 0


@needs_compiler
@pytest.mark.promise("P2")
def test_what_was_acknowledged_survives_a_loss_of_power(play: Play) -> None:
    told = play(crash_images, 12, seconds=2.5)
    assert max(run.get("acknowledged", 0) for run in told) > 0


@needs_compiler
@pytest.mark.promise("P2")
@pytest.mark.parametrize("fault", [disk_full, fsync_error], ids=["full", "fsync"])
def test_a_failing_disk_makes_no_false_saved_and_heals(play: Play, fault: object) -> None:
    told = play(fault, 1, longest=1.5)
    assert told[0]["closes"] == [1013]
    assert told[0]["rest"].startswith("503")
