"""Runs beside other processes: rows say that their process lives, and heal what no bell told of them.

A bell tells of a run at once; where it was lost, everybody hears within seconds, as of edits.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from projects import live
from projects.api import shapes
from projects.models import Run
from projects.suggestions import runs
from projects.suggestions.live_run import LiveRun

BEAT_SECONDS = 5.0  # how often the rows of runs under way say that their process lives, and are looked at
SILENT = timedelta(seconds=20)  # after which a run is left behind
ENDED_LATELY = timedelta(seconds=60)  # of which everybody is told again; clocks may differ by less


class Elsewhere:
    """For the runs `under_way` in this process, and those of the tasks that are open in it."""

    def __init__(self, under_way: Mapping[int, LiveRun]) -> None:
        self._under_way = under_way
        self._last_beat = 0.0
        self._told: set[tuple[int, str, int]] = set()  # id, state and suggestions, as rows said when last looked at

    async def look(self) -> bool:
        """Beat, if it is time; says whether it was."""
        if time.monotonic() - self._last_beat < BEAT_SECONDS:
            return False
        self._last_beat = time.monotonic()
        await self._beat()
        await self._tell_what_rows_say()
        return True

    async def _beat(self) -> None:
        for run in await live.engine().in_thread(runs.beat, list(self._under_way)):
            carried = self._under_way.get(run.pk)
            if carried is not None:  # somebody who could not reach this process has ended its row
                carried.stop(run.stopped_by)
        for carried in list(self._under_way.values()):
            await carried.say_again()

    async def _tell_what_rows_say(self) -> None:
        rooms = live.engine().rooms_of_tasks()
        if not rooms:
            return
        since = datetime.now(UTC) - ENDED_LATELY
        found: list[Run] = await live.engine().in_thread(runs.lately, list(rooms), since)
        told, self._told = self._told, {(run.pk, run.state, run.suggestions) for run in found}
        for run in found:
            room = rooms[run.task_id]
            if run.pk not in self._under_way and (run.pk, run.state, run.suggestions) not in told and not room.closed:
                room.announce_here({"type": "run", "run": shapes.run_json(run)})
