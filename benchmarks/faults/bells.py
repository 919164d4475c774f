"""Bells between two or three processes lost, doubled, late and out of order, while people edit and change their process."""

from __future__ import annotations

from benchmarks.faults.stage import Stage
from tests.support.engines import play_schedule

RUNS = 500
MUST = "0 divergence: tabs, processes and journal agree"


async def play(stage: Stage) -> None:
    for number in range(stage.runs):
        stage.tell(number, await play_schedule(stage.rng("bells", number), steps=100))
