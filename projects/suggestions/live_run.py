"""One run under way: what the backend says becomes suggestions in the task's document, and all there hear of it.

Every suggestion goes through the same door as a person's edit, and is seen once it is committed, long before the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from annotator.collaboration.changes import Author, Put, Refused
from annotator.collaboration.room import Room
from projects import live
from projects.api import shapes
from projects.models import Run, RunState
from projects.schema import Schema
from projects.suggestions import runs
from projects.suggestions.backends import KINDS
from projects.suggestions.events import (
    MAX_SENTENCE,
    BackendFailed,
    Done,
    Event,
    Message,
    Problem,
    Progress,
    Suggestion,
    shortened,
)
from projects.suggestions.inbox import Inbox
from projects.suggestions.placing import Placing, Unplaced
from projects.suggestions.runs import RESTARTED, Begun
from projects.suggestions.throttle import Throttle

log = logging.getLogger(__name__)

MODEL = Author(None, "server", "model")
MAX_PROBLEMS = 20  # that are told; the rest is counted
LOOKING_SHARE = 50  # looking at the document may take a fiftieth of the time: it holds up the loop
ROOM_EVERY_SECONDS = 0.1  # progress and counts to those in the task; states and the first suggestion go at once
PROJECT_EVERY_SECONDS = 0.5
WORTH_SAVING_SECONDS = 0.1
BROKEN = "The task's document could not be written; what had been suggested until then is kept. Try again."


class Ended(Exception):
    """The run ends before its backend is done. Holds the state and the sentence."""

    def __init__(self, state: RunState, sentence: str) -> None:
        super().__init__(sentence)
        self.state = state


class LiveRun:
    """Carries one run to its end. `slots` bounds how many of a process call their backends at once."""

    def __init__(self, begun: Begun, slots: asyncio.Semaphore) -> None:
        self.run = begun.run
        self.progress: float | None = None
        self.message: str | None = None
        self._begun = begun
        self._slots = slots
        self._room: Room | None = None
        self._inbox = Inbox()
        self._queueing: asyncio.Task[Any] | None = None
        self._calling: asyncio.Task[None] | None = None
        self._ending: Ended | None = None
        self._saving = asyncio.Lock()
        self._called_at = 0.0
        self._looked_at_head = -1
        self._look_not_before = 0.0
        self._tell_room = Throttle(self._announce, ROOM_EVERY_SECONDS)
        self._tell_project = Throttle(self._announce_to_project, PROJECT_EVERY_SECONDS)
        self._ended = asyncio.Event()

    # -- from outside ----------------------------------------------------------------------------------------------

    def stop(self, stopped_by: Any) -> None:
        """Close the connection to the backend now. Untouched suggestions stay."""
        if self._ending is None:
            self.run.stopped_by = stopped_by
            self.end(Ended(RunState.STOPPED, ""))

    def end(self, ending: Ended) -> None:
        self._ending = self._ending or ending
        for step in (self._queueing, self._calling):
            if step is not None:
                step.cancel()

    async def ended(self) -> Run:
        """Wait for the end."""
        await self._ended.wait()
        return self.run

    def tell(self) -> None:
        """Tell everybody in the task how it stands: somebody came who has not heard of it."""
        self._tell_room.now()

    async def say_again(self) -> None:
        """Let the row and everybody in the task know how it stands: they may not have heard."""
        if self._ending is None:
            await self._save(RunState(self.run.state))
            self._tell_room.now()

    def shown(self) -> dict[str, Any]:
        """As everybody sees it now."""
        return shapes.run_json(self.run, self.progress, self.message)

    # -- the way of a run ------------------------------------------------------------------------------------------

    async def carry(self) -> None:
        """From queued to its end, whatever happens on the way."""
        state, error = RunState.DONE, ""
        try:
            async with live.open_room(self._begun.document_id) as room:
                self._room = room
                self._tell()
                try:
                    await self._perform(room)
                except Ended as ended:
                    state, error = ended.state, str(ended)
                await self._finish(state, error)
        except (live.RoomBroken, live.NoSuchDocument):
            await self._finish(RunState.FAILED, BROKEN)
        except asyncio.CancelledError:
            await self._finish(RunState.FAILED, RESTARTED)
            raise
        except Exception:
            log.exception("Run %s failed by a fault of ours", self.run.pk)
            await self._finish(RunState.FAILED, "The run failed by a fault of the server; it has been noted.")
        finally:
            self._ended.set()

    async def _perform(self, room: Room) -> None:
        self._raise_ending()
        self._queueing = asyncio.ensure_future(self._slots.acquire())
        await asyncio.wait([self._queueing])
        self._raise_ending()
        try:
            await self._take_all(room)
        finally:
            self._slots.release()
        self._raise_ending()

    def _raise_ending(self) -> None:
        if self._ending is not None:
            raise self._ending

    async def _call(self) -> None:
        """Read the backend into the inbox, until it is done, fails, is stopped or has had its time."""
        backend = self.run.backend
        try:
            async with asyncio.timeout(backend.timeout_seconds):
                async with contextlib.aclosing(KINDS[backend.kind].suggest(self._begun.request)) as events:
                    async for event in events:
                        await self._inbox.put(event)
        except TimeoutError:
            self._fail(f"The backend was not done within {backend.timeout_seconds} seconds.")
        except BackendFailed as failed:
            self._fail(str(failed))
        except Exception:
            log.exception("Backend %s failed by a fault of ours", backend.pk)
            self._fail("Calling the backend failed by a fault of the server; it has been noted.")
        finally:
            self._inbox.close()

    def _fail(self, sentence: str) -> None:
        self._ending = self._ending or Ended(RunState.FAILED, shortened(sentence))

    # -- what the backend says -------------------------------------------------------------------------------------

    async def _take_all(self, room: Room) -> None:
        self._enter(RunState.CONNECTING)
        self._called_at = asyncio.get_running_loop().time()
        self._calling = asyncio.ensure_future(self._call())
        try:
            placing = self._placing(room)
            await self._look(room, placing)  # while the backend thinks
            while (events := await self._inbox.take()) and not self._stopped():
                await self._take_ready(events, room, placing)
        finally:
            self._calling.cancel()
            await asyncio.wait([self._calling])

    def _placing(self, room: Room) -> Placing:
        place = live.engine().projector.place(room.document_id)
        schema = place.schema if place else Schema()
        return Placing(schema, self._begun.request.text, self.run.backend.name, str(self.run.pk))

    async def _take_ready(self, events: list[Event], room: Room, placing: Placing) -> None:
        if self.run.state == RunState.CONNECTING:
            self._enter(RunState.RUNNING)
        await self._look(room, placing)
        puts = [put for event in events if (put := self._take(event, placing)) is not None]
        await self._write(room, puts)
        self._tell()

    async def _look(self, room: Room, placing: Placing) -> None:
        """Let the placing know what the document says, unless nothing happened, or it costs more than it is worth."""
        clock = asyncio.get_running_loop().time
        if (not room.touched and room.head == self._looked_at_head) or clock() < self._look_not_before:
            return
        self._looked_at_head = room.head
        resolution = await live.engine().projector.read(room)
        if resolution is not None:
            began = clock()
            placing.look(resolution)
            self._look_not_before = began + LOOKING_SHARE * (clock() - began)

    def _stopped(self) -> bool:
        return self._ending is not None and self._ending.state == RunState.STOPPED

    def _take(self, event: Event, placing: Placing) -> Put | None:
        """What an event changes in the document; everything else it says is noted."""
        match event:
            case Suggestion():
                return self._place(event, placing)
            case Progress(fraction):
                self.progress = fraction
            case Message(text):
                self.message = shortened(text)
            case Problem(text):
                self._refuse(text)
            case Done(version):
                self.run.version = version or self.run.version
        return None

    def _place(self, suggestion: Suggestion, placing: Placing) -> Put | None:
        self.run.version = suggestion.version or self.run.version
        try:
            return placing.place(suggestion, now())
        except Unplaced as unplaced:
            self._refuse(str(unplaced))
            return None

    def _refuse(self, sentence: str) -> None:
        self.run.refused += 1
        if len(self.run.problems) < MAX_PROBLEMS:
            self.run.problems.append(shortened(sentence, MAX_SENTENCE))

    async def _write(self, room: Room, puts: list[Put]) -> None:
        """What was ready together goes in one write; if one of it is refused, each goes by itself."""
        if not puts:
            return
        try:
            await room.write(puts, MODEL)
        except Refused as refused:
            if len(puts) == 1:
                self._refuse(refused.sentence)
            else:
                for put in puts:
                    await self._write(room, [put])
            return
        if self.run.first_ms is None:
            self.run.first_ms = round((asyncio.get_running_loop().time() - self._called_at) * 1000, 1)
        self.run.suggestions += len(puts)

    # -- telling ---------------------------------------------------------------------------------------------------

    def _enter(self, state: RunState) -> None:
        """Tell the state at once; the row may follow: the first suggestion does not wait for it."""
        self.run.state = state
        live.engine().spawn(self._save_if_it_lasts(state))
        self._tell_now()

    async def _save_if_it_lasts(self, state: RunState) -> None:
        """Most runs of a quick backend are over before: a state that nobody could read is not worth a commit."""
        await asyncio.sleep(WORTH_SAVING_SECONDS)
        await self._save(state)

    async def _save(self, state: RunState) -> None:
        async with self._saving:
            if self.run.state == state:  # a later state was not entered meanwhile, whose row would be undone
                await live.engine().in_thread(runs.save, self.run)

    async def _finish(self, state: RunState, error: str) -> None:
        """The row first: whoever is told of the end may start the next run."""
        if self.run.ended is None:
            self.run.state, self.run.error, self.run.ended = state, error, timezone.now()
            try:
                await self._save(state)
            except Exception:
                log.exception("The end of run %s could not be written", self.run.pk)
        self._tell_now()

    def _tell(self) -> None:
        self._tell_room.changed()
        self._tell_project.changed()

    def _tell_now(self) -> None:
        self._tell_room.now()
        self._tell_project.now()

    def _announce(self) -> None:
        if self._room is not None and not self._room.closed:
            self._room.announce({"type": "run", "run": self.shown()})

    def _announce_to_project(self) -> None:
        live.project_event(self._begun.project_id, {"type": "run", "run": self.shown()})


def now() -> str:
    """UTC, ISO 8601, milliseconds: as times stand in documents."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
