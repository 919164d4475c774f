"""Writes go through, but fsync says EIO: what was written may be there or not. See disk.py."""

from __future__ import annotations

from benchmarks.faults import disk
from benchmarks.faults.shim import Shim
from benchmarks.faults.stage import Stage

RUNS = 20
MUST = disk.MUST
SHIM = True


def fail(shim: Shim, number: int) -> None:
    shim.fail_syncs(True)


async def play(stage: Stage, longest: float = disk.FAILING_SECONDS[1]) -> None:
    await disk.play(stage, fail, longest)
