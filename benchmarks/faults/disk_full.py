"""No space is left for the database, its log and all other files of the data folder: in three ways, in turn. See disk.py."""

from __future__ import annotations

from benchmarks.faults import disk
from benchmarks.faults.shim import FULL, FULL_FOR_MORE, FULL_HALFWAY, Shim
from benchmarks.faults.stage import Stage

RUNS = 20
MUST = disk.MUST
SHIM = True
WAYS = (FULL, FULL_HALFWAY, FULL_FOR_MORE)


def fail(shim: Shim, number: int) -> None:
    shim.fail_writes(WAYS[number // 2 % len(WAYS)])


async def play(stage: Stage, longest: float = disk.FAILING_SECONDS[1]) -> None:
    await disk.play(stage, fail, longest)
