"""The runs of this process: started by a person or by opening a task, stopped by whoever may write, never in the way.

There is one runner for an event loop, as there is one engine (`live.engine`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from typing import Any

from annotator.collaboration.session import Session
from annotator.gathering import Gathering
from projects import live
from projects.api import shapes
from projects.models import Run, RunState
from projects.suggestions import runs
from projects.suggestions.elsewhere import SILENT, Elsewhere
from projects.suggestions.live_run import Ended, LiveRun
from projects.suggestions.runs import CannotRun, RunUnderWay

log = logging.getLogger(__name__)

MAX_AT_ONCE = 16  # backends called at once by one process; further runs are queued, and shown as such
BEGAN = datetime.now(UTC)  # where there are no other processes, runs older than this one were left behind
STOPPED_ELSEWHERE_SECONDS = 5.0  # how long another process may take to stop a run


class Runner:
    """Holds the runs under way."""

    def __init__(self, at_once: int = MAX_AT_ONCE) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._under_way: dict[int, LiveRun] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._recovery: asyncio.Task[None] | None = None
        self._closed = False
        self._elsewhere = Elsewhere(self._under_way)
        self._latest_runs: Gathering[int, list[Run]] = Gathering(latest_runs_of)

    async def start(self, task_id: int, backend_id: int, user: Any | None) -> Run:
        """Call a backend for a task; returns when the run has its row. Raises RunUnderWay, CannotRun."""
        if self._closed:
            raise CannotRun("The server is being restarted; try again in a moment.")
        await self.recover()  # a run that was left behind must not keep this one from starting
        begun = await live.engine().in_thread(runs.begin, task_id, backend_id, user and user.pk)
        carried = LiveRun(begun, self._slots)
        run_id = begun.run.pk
        self._under_way[run_id] = carried
        self._tasks[run_id] = task = asyncio.ensure_future(carried.carry())
        task.add_done_callback(lambda _: self._forget(run_id))
        return carried.run

    def _forget(self, run_id: int) -> None:
        self._under_way.pop(run_id, None)
        self._tasks.pop(run_id, None)

    async def stop(self, run_id: int, user: Any | None) -> Run:
        """Stop a run; returns when it has ended. A run that has ended already stays as it is.

        That `user` may write in the task is checked by who calls (`access.get_run_to_write`).
        """
        stopped_by = await live.engine().in_thread(runs.person, user.pk) if user is not None else None
        carried = self._under_way.get(run_id)
        if carried is not None:
            carried.stop(stopped_by)
            return await carried.ended()
        if not live.engine().relay.is_alone:
            await self._stop_elsewhere(run_id, user and user.pk)
        await live.engine().in_thread(runs.end, [run_id], RunState.STOPPED, "", user and user.pk)
        run: Run = await live.engine().in_thread(runs.load, run_id)
        return run

    async def _stop_elsewhere(self, run_id: int, user_id: int | None) -> None:
        """Ask the process that carries a run to stop it, and wait until its row says so."""
        live.engine().tell_all({"t": "stop_run", "run": run_id, "by": user_id})
        until = time.monotonic() + STOPPED_ELSEWHERE_SECONDS
        # What happens in another process is found in the database.
        while await live.engine().in_thread(runs.is_active, run_id) and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.05)

    async def told(self, message: dict[str, Any]) -> None:
        """Another process asks for something."""
        carried = self._under_way.get(message["run"])
        if carried is None:
            return
        if message["t"] == "tell_run":
            carried.tell()
        elif message["t"] == "stop_run":
            user_id = message["by"]
            carried.stop(await live.engine().in_thread(runs.person, user_id) if user_id is not None else None)

    async def look(self) -> None:
        """Say that the runs under way here live; end those whose process does not."""
        if not live.engine().relay.is_alone and await self._elsewhere.look():
            await self._recover()

    def shown(self, run_id: int) -> dict[str, Any] | None:
        """A run under way as everybody sees it, with its progress and message; None where it is not under way here."""
        carried = self._under_way.get(run_id)
        return carried.shown() if carried else None

    async def ended(self, run_id: int) -> None:
        """Wait until a run of this process has ended."""
        if run_id in self._under_way:
            await self._under_way[run_id].ended()

    async def task_opened(self, document_id: int, task_id: int, project_id: int) -> None:
        """The first person opens a task: call the backends that are due."""
        for backend_id in await live.engine().in_thread(runs.due, task_id, project_id):
            try:
                await self.start(task_id, backend_id, None)
            except (RunUnderWay, CannotRun) as refused:
                log.debug("Not run on opening task %s: %s", task_id, refused)

    async def task_entered(self, session: Session, task_id: int) -> None:
        """Somebody comes into a task: tell him of its runs, which may have gone on since he last heard of them."""
        await self.recover()
        for run in await self._latest_runs(task_id):
            # A row without an end, of a run that is not under way any more, is older than the news of that end.
            told = self.shown(run.pk) or (run.ended and shapes.run_json(run))
            if told:
                session.event({"type": "run", "run": told})
            elif not live.engine().relay.is_alone:
                live.engine().tell_all({"t": "tell_run", "run": run.pk})

    async def recover(self) -> None:
        """End what a process before us left under way; once."""
        if self._recovery is None:
            self._recovery = asyncio.ensure_future(self._recover())
        await asyncio.shield(self._recovery)

    async def _recover(self) -> None:
        before = BEGAN if live.engine().relay.is_alone else datetime.now(UTC) - SILENT
        ended = await live.engine().in_thread(runs.recover, before, list(self._under_way))
        if ended:
            log.info("Ended %s runs that were under way when their process ended", ended)

    async def shutdown(self) -> None:
        """End every run, with its row."""
        self._closed = True
        for carried in list(self._under_way.values()):
            carried.end(Ended(RunState.FAILED, runs.RESTARTED))
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=3)


async def latest_runs_of(task_ids: list[int]) -> list[list[Run]]:
    found: list[list[Run]] = await live.engine().in_thread(shapes.latest_runs_of, task_ids)
    return found


_runners: dict[asyncio.AbstractEventLoop, Runner] = {}


def runner() -> Runner:
    """The runner of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _runners.get(loop)
    if found is None:
        for ended in [known for known in _runners if known.is_closed()]:
            del _runners[ended]
        found = _runners[loop] = Runner()
    return found


async def start(task_id: int, backend_id: int, user: Any | None) -> Run:
    """See `Runner.start`."""
    return await runner().start(task_id, backend_id, user)


async def stop(run_id: int, user: Any | None) -> Run:
    """See `Runner.stop`."""
    return await runner().stop(run_id, user)


async def task_opened(document_id: int, task_id: int, project_id: int) -> None:
    await runner().task_opened(document_id, task_id, project_id)


async def task_entered(session: Session, task_id: int) -> None:
    await runner().task_entered(session, task_id)


async def recover() -> None:
    await runner().recover()


async def shutdown() -> None:
    await runner().shutdown()
    _runners.pop(asyncio.get_running_loop(), None)


async def told(message: dict[str, Any]) -> None:
    await runner().told(message)


async def look() -> None:
    await runner().look()


def join() -> None:
    """Take part in this process: told of opened tasks, of the engine's start and of its end. Called once, by asgi."""
    live.on_task_opened.append(task_opened)
    live.on_task_entered.append(task_entered)
    live.on_start.append(recover)
    live.on_stop.append(shutdown)
    live.on_told.append(told)
    live.on_look.append(look)


__all__ = ["CannotRun", "RunUnderWay", "Runner", "join", "recover", "runner", "shutdown", "start", "stop"]
