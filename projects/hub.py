"""The project sockets of this process: who is on which task here and elsewhere, what changed. Knows events; no documents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.measures import measured
from annotator.collaboration.port import MAX_BUFFERED_BYTES, Port
from annotator.collaboration.presence import RETELL_SECONDS, SILENT_SECONDS
from annotator.collaboration.relay import Alone, Relay
from annotator.collaboration.session import Person, encode_json

PRESENCE_SECONDS = 0.4  # between two lists of who is where
TASKS_SECONDS = 0.3  # between two lists of changed tasks


@dataclass(eq=False)
class Watcher:
    """One project socket."""

    project_id: int
    person: Person
    role: str
    port: Port
    closed: CloseCode | None = None

    def event(self, event: dict[str, Any]) -> None:
        if self.closed is None:
            self.port.send_text(encode_json(event).decode())
            if self.port.buffered() > MAX_BUFFERED_BYTES:
                self.close(CloseCode.LATER)

    def close(self, code: CloseCode) -> None:
        if self.closed is None:
            self.closed = code
            measured.closed(code)
            self.port.close(code)


@dataclass
class ProjectNews:
    """What happens in one project, for those who watch it."""

    watchers: set[Watcher] = field(default_factory=set)
    people: dict[str, tuple[Person, int]] = field(default_factory=dict)  # session -> who, task
    elsewhere: dict[str, tuple[float, list[dict[str, Any]]]] = field(
        default_factory=dict
    )  # process -> when, who is there
    changed_tasks: dict[int, dict[str, Any]] = field(default_factory=dict)
    due: set[str] = field(default_factory=set)  # which lists are about to be sent


class Hub:
    """All projects that somebody watches or works in."""

    def __init__(self, loop: asyncio.AbstractEventLoop, relay: Relay | None = None) -> None:
        self._loop = loop
        self._relay = relay or Alone()
        self._projects: dict[int, ProjectNews] = {}
        self._joining: set[asyncio.Task[None]] = set()
        self._last_told = 0.0

    def project_ids(self) -> set[int]:
        return set(self._projects)

    def watchers(self) -> list[Watcher]:
        return [watcher for news in self._projects.values() for watcher in news.watchers]

    def watch(self, watcher: Watcher) -> None:
        news = self._news(watcher.project_id)
        news.watchers.add(watcher)
        watcher.event(self._here(news))

    def unwatch(self, watcher: Watcher) -> None:
        self._projects[watcher.project_id].watchers.discard(watcher)
        self._forget_if_empty(watcher.project_id)

    def entered(self, project_id: int, session: str, person: Person, task_id: int) -> None:
        news = self._news(project_id)
        news.people[session] = (person, task_id)
        self._soon(project_id, "here", PRESENCE_SECONDS, self._send_here)

    def left(self, project_id: int, session: str) -> None:
        news = self._projects.get(project_id)
        if news is not None and news.people.pop(session, None) is not None:
            self._soon(project_id, "here", PRESENCE_SECONDS, self._send_here)

    def tasks_with_people(self, project_id: int) -> set[int]:
        """The tasks on which somebody is."""
        news = self._projects.get(project_id)
        return {person["task"] for person in self._everybody(news)} if news else set()

    def task_changed(self, project_id: int, task: dict[str, Any]) -> None:
        if self._relay.is_alone and project_id not in self._projects:
            return
        self._news(project_id).changed_tasks[task["id"]] = task
        self._soon(project_id, "tasks", TASKS_SECONDS, self._send_tasks)

    def send(self, project_id: int, event: dict[str, Any]) -> None:
        """Send an event to everybody who watches a project, in every process."""
        self._relay.tell(topic(project_id), {"t": "event", "event": event})
        self.send_here(project_id, event)

    def send_here(self, project_id: int, event: dict[str, Any]) -> None:
        """Send an event to those who watch a project in this process."""
        for watcher in list(self._projects.get(project_id, ProjectNews()).watchers):
            watcher.event(event)

    def close(self) -> None:
        for watcher in self.watchers():
            watcher.close(CloseCode.RESTART)

    # -- other processes

    def hear(self, project_id: int, sender: str, message: dict[str, Any]) -> None:
        """Another process says something of a project."""
        news = self._projects.get(project_id)
        if news is None:
            return
        match message["t"]:
            case "here":
                news.elsewhere[sender] = (self._loop.time(), message["people"])
                self._soon(project_id, "shown", PRESENCE_SECONDS, self._show_here)
            case "who":
                self._tell_here(project_id, news)
            case "event":
                self.send_here(project_id, message["event"])

    def refresh(self) -> None:
        """Say again who is here, now and then; and forget those of processes that have not been heard of for long."""
        now = self._loop.time()
        retell = now - self._last_told > RETELL_SECONDS
        if retell:
            self._last_told = now
        for project_id, news in list(self._projects.items()):
            if retell and news.people:
                self._tell_here(project_id, news)
            silent = [process for process, (at, _) in news.elsewhere.items() if now - at > SILENT_SECONDS]
            for process in silent:
                del news.elsewhere[process]
            if silent:
                self._show_here(project_id)

    def _tell_here(self, project_id: int, news: ProjectNews) -> None:
        self._relay.tell(topic(project_id), {"t": "here", "people": self._people(news)})

    def _news(self, project_id: int) -> ProjectNews:
        news = self._projects.get(project_id)
        if news is None:
            news = self._projects[project_id] = ProjectNews()
            task = asyncio.ensure_future(self._join(project_id))
            self._joining.add(task)
            task.add_done_callback(self._joining.discard)
        return news

    async def _join(self, project_id: int) -> None:
        await self._relay.listen(topic(project_id))
        self._relay.tell(topic(project_id), {"t": "who"})

    # -- lists

    def _soon(self, project_id: int, what: str, delay: float, send: Callable[[int], None]) -> None:
        due = self._projects[project_id].due
        if what not in due:
            due.add(what)
            self._loop.call_later(delay, send, project_id)

    def _send_here(self, project_id: int) -> None:
        news = self._projects[project_id]
        news.due.discard("here")
        self._tell_here(project_id, news)
        self._show_here(project_id)

    def _show_here(self, project_id: int) -> None:
        news = self._projects.get(project_id)
        if news is not None:
            news.due.discard("shown")
            self.send_here(project_id, self._here(news))
            self._forget_if_empty(project_id)

    def _send_tasks(self, project_id: int) -> None:
        news = self._projects[project_id]
        news.due.discard("tasks")
        changed, news.changed_tasks = list(news.changed_tasks.values()), {}
        self.send(project_id, {"type": "tasks", "tasks": changed})
        self._forget_if_empty(project_id)

    def _here(self, news: ProjectNews) -> dict[str, Any]:
        return {"type": "here", "people": self._everybody(news)}

    def _everybody(self, news: ProjectNews) -> list[dict[str, Any]]:
        return self._people(news) + [person for _, people in news.elsewhere.values() for person in people]

    @staticmethod
    def _people(news: ProjectNews) -> list[dict[str, Any]]:
        return [
            {"session": session, "user": person.shown(), "task": task_id}
            for session, (person, task_id) in news.people.items()
        ]

    def _forget_if_empty(self, project_id: int) -> None:
        news = self._projects.get(project_id)
        if news is not None and not (news.watchers or news.people or news.due):
            del self._projects[project_id]
            self._relay.leave(topic(project_id))


def topic(project_id: int) -> str:
    """What processes call a project when they speak of it."""
    return f"project.{project_id}"
