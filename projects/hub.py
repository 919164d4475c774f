"""The project sockets of this process: who is on which task, what changed. Knows sockets and events; no documents."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.port import MAX_BUFFERED_BYTES, Port
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
            self.port.close(code)


@dataclass
class ProjectNews:
    """What happens in one project, for those who watch it."""

    watchers: set[Watcher] = field(default_factory=set)
    people: dict[str, tuple[Person, int]] = field(default_factory=dict)  # session -> who, task
    changed_tasks: dict[int, dict[str, Any]] = field(default_factory=dict)
    due: set[str] = field(default_factory=set)  # which lists are about to be sent


class Hub:
    """All projects that somebody watches or works in."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._projects: dict[int, ProjectNews] = {}

    def project_ids(self) -> set[int]:
        return set(self._projects)

    def watchers(self) -> list[Watcher]:
        return [watcher for news in self._projects.values() for watcher in news.watchers]

    def watch(self, watcher: Watcher) -> None:
        news = self._projects.setdefault(watcher.project_id, ProjectNews())
        news.watchers.add(watcher)
        watcher.event(self._here(news))

    def unwatch(self, watcher: Watcher) -> None:
        self._projects[watcher.project_id].watchers.discard(watcher)
        self._forget_if_empty(watcher.project_id)

    def entered(self, project_id: int, session: str, person: Person, task_id: int) -> None:
        news = self._projects.setdefault(project_id, ProjectNews())
        news.people[session] = (person, task_id)
        self._soon(project_id, "here", PRESENCE_SECONDS, self._send_here)

    def left(self, project_id: int, session: str) -> None:
        news = self._projects.get(project_id)
        if news is not None and news.people.pop(session, None) is not None:
            self._soon(project_id, "here", PRESENCE_SECONDS, self._send_here)

    def tasks_with_people(self, project_id: int) -> set[int]:
        """The tasks on which somebody is, in this process."""
        news = self._projects.get(project_id)
        return {task_id for _, task_id in news.people.values()} if news else set()

    def task_changed(self, project_id: int, task: dict[str, Any]) -> None:
        news = self._projects.get(project_id)
        if news is not None:
            news.changed_tasks[task["id"]] = task
            self._soon(project_id, "tasks", TASKS_SECONDS, self._send_tasks)

    def send(self, project_id: int, event: dict[str, Any]) -> None:
        """Send an event to everybody who watches a project."""
        for watcher in list(self._projects.get(project_id, ProjectNews()).watchers):
            watcher.event(event)

    def close(self) -> None:
        for watcher in self.watchers():
            watcher.close(CloseCode.RESTART)

    def _soon(self, project_id: int, what: str, delay: float, send: Callable[[int], None]) -> None:
        due = self._projects[project_id].due
        if what not in due:
            due.add(what)
            self._loop.call_later(delay, send, project_id)

    def _send_here(self, project_id: int) -> None:
        news = self._projects[project_id]
        news.due.discard("here")
        self.send(project_id, self._here(news))
        self._forget_if_empty(project_id)

    def _send_tasks(self, project_id: int) -> None:
        news = self._projects[project_id]
        news.due.discard("tasks")
        changed, news.changed_tasks = list(news.changed_tasks.values()), {}
        self.send(project_id, {"type": "tasks", "tasks": changed})
        self._forget_if_empty(project_id)

    @staticmethod
    def _here(news: ProjectNews) -> dict[str, Any]:
        people = [
            {"session": session, "user": person.shown(), "task": task_id}
            for session, (person, task_id) in news.people.items()
        ]
        return {"type": "here", "people": people}

    def _forget_if_empty(self, project_id: int) -> None:
        news = self._projects.get(project_id)
        if news is not None and not (news.watchers or news.people or news.due):
            del self._projects[project_id]
