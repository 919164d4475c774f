"""Who comes through a socket, and who must go: logins at the door, and a watch that looks again every few seconds."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import time
from contextvars import Context
from dataclasses import dataclass
from typing import Any

from annotator.collaboration.close_codes import CloseCode
from annotator.collaboration.consumer import Grant
from annotator.collaboration.open_rooms import OpenRooms
from annotator.collaboration.room import MAX_SYNC_BYTES, MAX_UPDATE_BYTES, Room
from annotator.collaboration.session import Session
from annotator.gathering import Gathering
from projects import live
from projects.access import documents_by_id
from projects.hub import Watcher
from projects.logins import Credential, Rights, credential_of, revisions_of, rights_of, users_of
from projects.patience import Patience

log = logging.getLogger(__name__)

WATCH_SECONDS = 2.0  # how soon a logout, a lost role or a project changed elsewhere is noticed
REMEMBER_SECONDS = 2.0  # a storm of reconnections asks the database once for each login and document


@dataclass
class Inside:
    """One socket, and what it came in with."""

    credential: Credential
    project_id: int
    rights: Rights
    session: Session | Watcher
    room: Room | None = None


class Watch:
    """Looks again: are those inside still who they were, and may they still be here?"""

    def __init__(self) -> None:
        self._inside: dict[str, Inside] = {}
        self._revisions: dict[int, int] = {}
        self._task: asyncio.Task[None] | None = None

    def enter(self, key: str, inside: Inside) -> None:
        self._inside[key] = inside
        self._revisions.setdefault(inside.project_id, inside.rights.revision)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())

    def leave(self, key: str) -> Inside | None:
        return self._inside.pop(key, None)

    async def _run(self) -> None:
        while self._inside and not live.engine().closed:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self.look()
            except Exception:
                # The database may be away for a moment: the watch itself must never end while somebody is inside.
                log.exception("Rights could not be looked at; trying again")

    async def look(self) -> None:
        """One look at everybody, in one hop to a thread."""
        looked_at = list(self._inside.values())  # who comes in while the database answers is looked at next time
        pairs = {(inside.credential, inside.project_id) for inside in looked_at}
        found = await live.engine().in_thread(current_rights, pairs)
        for inside in looked_at:
            self._apply(inside, found[inside.credential, inside.project_id])
        # Of a project that nobody may be in any more, nobody needs to hear.
        known = {project_id: rights for (_, project_id), rights in found.items() if isinstance(rights, Rights)}
        for project_id, rights in known.items():
            await self._look_at_project(project_id, rights.revision)

    def _apply(self, inside: Inside, rights: Rights | CloseCode) -> None:
        if isinstance(rights, CloseCode):
            inside.session.close(rights)
        elif (rights.role, rights.may_write) != (inside.rights.role, inside.rights.may_write):
            inside.rights = rights
            inside.session.role = rights.role
            inside.session.event({"type": "rights", "role": rights.role, "may_write": rights.may_write})
            if isinstance(inside.session, Session):
                inside.session.may_write = rights.may_write

    async def _look_at_project(self, project_id: int, revision: int) -> None:
        if revision != self._revisions.get(project_id):
            self._revisions[project_id] = revision
            await live.engine().reload_project(project_id, revision)


def current_rights(
    pairs: set[tuple[Credential, int]],
) -> dict[tuple[Credential, int], Rights | CloseCode]:
    """What everybody may do now; a few queries, however many they are."""
    users = users_of({credential for credential, _ in pairs})
    rights = rights_of(list(users.values()), revisions_of({project_id for _, project_id in pairs}))
    found: dict[tuple[Credential, int], Rights | CloseCode] = {}
    for credential, project_id in pairs:
        user = users.get(credential)
        if user is None:
            found[credential, project_id] = CloseCode.LOG_IN
        else:
            found[credential, project_id] = rights.get((user.pk, project_id), CloseCode.NO_SUCH_DOCUMENT)
    return found


@dataclass(frozen=True)
class Admission:
    """What the database said at the door."""

    task_id: int
    project_id: int
    epoch: int
    rights: Rights


def admit(asked: list[tuple[Credential, int]]) -> list[Admission | CloseCode]:
    """Who may come in to which document; a few queries, however many ask."""
    users = users_of({credential for credential, _ in asked})
    documents = documents_by_id({document_id for _, document_id in asked})
    revisions = {document.project_id: document.revision for document in documents.values()}
    rights = rights_of(list(users.values()), revisions)

    def answer(credential: Credential, document_id: int) -> Admission | CloseCode:
        user, document = users.get(credential), documents.get(document_id)
        if user is None:
            return CloseCode.LOG_IN
        if document is None or not document.is_shared_with(user):
            return CloseCode.NO_SUCH_DOCUMENT
        found = rights.get((user.pk, document.project_id))
        if found is None:
            return CloseCode.NO_SUCH_DOCUMENT
        return Admission(document.task_id, document.project_id, document.epoch, found)

    return [answer(credential, document_id) for credential, document_id in asked]


class DocumentDoor:
    """The door of /ws/documents/<id>/."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._remembered: dict[tuple[str, int], tuple[float, Admission]] = {}
        self._patience = Patience()
        self._gathering: Gathering[tuple[Credential, int], Admission | CloseCode] = Gathering(self._admit)

    @property
    def rooms(self) -> OpenRooms:
        return live.engine().rooms

    async def wait(self, scope: dict[str, Any]) -> None:
        seconds = self._patience.seconds_to_wait(credential_of(scope).digest, time.monotonic())
        if seconds:
            await asyncio.sleep(seconds)

    async def authorize(self, scope: dict[str, Any], document_id: int, epoch: int | None) -> Grant | CloseCode:
        credential = credential_of(scope)
        if credential.kind == "none":
            return CloseCode.LOG_IN
        admission = await self._admission(credential, document_id)
        if isinstance(admission, CloseCode):
            return admission
        if epoch is not None and epoch != admission.epoch:
            return CloseCode.RELOAD
        rights = admission.rights
        return Grant(rights.person, rights.role, rights.may_write, admission.epoch, hello(document_id, admission))

    async def _admission(self, credential: Credential, document_id: int) -> Admission | CloseCode:
        key = (credential.digest, document_id)
        now = time.monotonic()
        kept = self._remembered.get(key)
        if kept is not None and now - kept[0] < REMEMBER_SECONDS:
            return kept[1]
        admission = await self._gathering((credential, document_id))
        if isinstance(admission, Admission):
            if len(self._remembered) > 1000:
                self._remembered = {k: v for k, v in self._remembered.items() if now - v[0] < REMEMBER_SECONDS}
            self._remembered[key] = (now, admission)
        return admission

    async def _admit(self, asked: list[tuple[Credential, int]]) -> list[Admission | CloseCode]:
        found: list[Admission | CloseCode] = await live.engine().in_thread(admit, asked)
        return found

    async def entered(self, room: Room, session: Session, scope: dict[str, Any]) -> None:
        engine = live.engine()
        credential = credential_of(scope)
        admission = await self._admission(credential, room.document_id)
        if isinstance(admission, CloseCode):
            session.close(admission)
            return
        rights = dataclasses.replace(admission.rights, role=session.role, may_write=session.may_write)
        self._watch.enter(session.key, Inside(credential, admission.project_id, rights, session, room))
        engine.hub.entered(admission.project_id, session.key, session.person, admission.task_id)
        engine.task_entered(session, admission.task_id)
        if len(room.sessions) == 1:
            engine.task_opened(room.document_id)

    def left(self, room: Room, session: Session) -> None:
        inside = self._watch.leave(session.key)
        if inside is not None and session.refused:
            self._patience.refused(inside.credential.digest, time.monotonic())
        place = live.engine().projector.place(room.document_id)
        if place is not None:
            live.engine().hub.left(place.project_id, session.key)


def hello(document_id: int, admission: Admission) -> dict[str, Any]:
    rights = admission.rights
    return {
        "type": "hello",
        "document": document_id,
        "task": admission.task_id,
        "epoch": admission.epoch,
        "user": rights.person.shown(),
        "role": rights.role,
        "may_write": rights.may_write,
        "limits": {"update": MAX_UPDATE_BYTES, "sync": MAX_SYNC_BYTES},
        "revision": rights.revision,
    }
