"""What a request to say something becomes: the changes of a document, made through its room like a person's edits."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from annotator.collaboration.changes import Author, Change, Put, Refused, SetText
from annotator.collaboration.room import Room
from projects import access, document, live, projection
from projects.api.bodies import in_thread
from projects.api.problems import Problem, within, wrong
from projects.document import Resolved
from projects.models import Field, FieldKind, Label, Task, TaskStatus
from projects.projection import Place, Row

Asked = TypeVar("Asked", Field, Label)

API = "api"
LABELLED = frozenset({FieldKind.SPAN, FieldKind.CHOICE})


@dataclass(frozen=True)
class Writer:
    """Who writes, and when."""

    user_id: int
    role: str
    at: str

    @property
    def author(self) -> Author:
        return Author(self.user_id, self.role, API)


def writer_in(user: Any, project_id: int) -> Writer:
    access.need_to_write(user, project_id)
    return Writer(user.pk, str(access.role_in(user, project_id)), document.timestamp())


def named(rows: Sequence[Asked], name: str) -> Asked | None:
    """The row of this name that can be given now; else the one whose key it is."""
    found = next((row for row in rows if row.name == name and not row.removed), None)
    return found or next((row for row in rows if row.key == name), None)


def one_of(rows: Sequence[Field] | Sequence[Label]) -> str:
    names = ", ".join(f"“{row.name}”" for row in rows if not row.removed)
    return f"one of {names}" if names else "nothing: there is none"


class Questions:
    """A project's fields and labels, found by name or else by key. Removed ones are found, too: the guard says no."""

    def __init__(self, project_id: int) -> None:
        rows = Field.objects.filter(project_id=project_id).prefetch_related("labels").order_by("removed", "pk")
        self._fields = list(rows)

    def field(self, name: str, where: str) -> Field:
        field = named(self._fields, name)
        if field is None:
            raise wrong(within(where, "field"), f"the project has no field “{name}”", one_of(self._fields))
        return field

    def field_of(self, key: str) -> Field:
        """The field that a document means by its key."""
        return next((field for field in self._fields if field.key == key), Field(key=key, name=key))

    def label(self, field: Field, name: str, where: str) -> Label:
        labels = list(field.labels.all())
        label = named(labels, name)
        if label is None:
            raise wrong(within(where, "label"), f"the field “{field.name}” has no label “{name}”", one_of(labels))
        return label


@dataclass(frozen=True)
class Saying:
    """One thing to be said: the key under which it will stand, and the change that says it."""

    key: str
    change: Change
    where: str  # in the request


def saying(questions: Questions, writer: Writer, said: Any, where: str) -> Saying:
    """`said`: field, label, value and perhaps id, as a request holds them."""
    field = questions.field(said.field, where)
    if field.kind == FieldKind.TEXT:
        return text_saying(field, said, where)
    if said.label is None and field.kind in LABELLED:
        raise wrong(within(where, "label"), "is missing", f"a label of the field “{field.name}”")
    label = questions.label(field, said.label, where).key if said.label is not None else None
    key = said.id or document.new_id()
    statement = document.statement(field.kind, field.key, label, said.value, writer.user_id, API, writer.at)
    return Saying(key, Put(document.ANNOTATIONS, key, statement), where)


def text_saying(field: Field, said: Any, where: str) -> Saying:
    """A free-text answer has no entry of its own: the text of its field is made to read this."""
    if said.label is not None or said.id is not None:
        raise wrong(where, f"the field “{field.name}” holds free text", "only `field` and `value`")
    if not isinstance(said.value, str):
        raise wrong(within(where, "value"), "is not a text", "a string: the whole answer")
    root = document.text_root(field.key)
    return Saying(root, SetText(root, said.value), where)


def refusal(refused: Refused, sayings: Sequence[Saying]) -> Problem:
    """A refusal by the document's rules, with the place in the request that it speaks of."""
    where = next((saying.where for saying in sayings if saying.key == refused.key), "body")
    errors = [{"where": where, "what": refused.code, "expected": refused.sentence}]
    return Problem(422, refused.sentence, errors, code=refused.code, annotation=refused.key)


def empty_text(key: str) -> Row:
    """A free-text answer that was emptied is no annotation any more; this is what is answered to who emptied it."""
    field = key.removeprefix(document.TEXT_PREFIX)
    text = FieldKind.TEXT.value
    return Row(key, field, text, None, "", None, None, API, document.ACCEPTED, None, False, None, None, None, None, "")


def correction(writer: Writer, key: str, label: str | None, value: Any, status: str | None) -> list[Change]:
    """An annotation said anew: corrected, decided, or both."""
    by = {"by": writer.user_id, "at": writer.at}
    changes: list[Change] = []
    if label is not None:
        changes.append(Put(document.LABELS, key, {"label": label, **by}))
    if value is not None:
        changes.append(Put(document.VALUES, key, {"value": value, **by}))
    if status is not None:
        changes.append(Put(document.DECISIONS, key, {"status": status, **by}))
    return changes


@contextlib.asynccontextmanager
async def room_of(task: Task) -> AsyncIterator[Room]:
    """The room of a task's shared document."""
    found = await in_thread(live.document_of, task.pk)
    async with live.open_room(found.pk) as room:
        yield room


async def write(room: Room, changes: Sequence[Change], writer: Writer) -> None:
    """Make the changes, all or none, and bring the rows up to date, so that the next request sees them."""
    await room.write(changes, writer.author)
    await live.project_now(room.document_id)


def open_tasks_with(annotation_id: str) -> list[int]:
    """Tasks open in this process whose document holds an annotation: their rows may not say so yet."""
    engine = live.engine()
    rooms = [room for room in engine.rooms.now() if room.map(document.ANNOTATIONS).get(annotation_id) is not None]
    places = [engine.projector.place(room.document_id) for room in rooms]
    return [place.task_id for place in places if place]


def place_of(task: Task) -> Place:
    place = projection.place_of(live.document_of(task.pk).pk)
    if place is None:
        raise access.NotYours(f"There is no task {task.pk}.")
    return place


def required_fields(project_id: int) -> list[Field]:
    return list(Field.objects.filter(project_id=project_id, required=True, removed=False))


def need_answers(required: Sequence[Field], said: Iterable[Resolved]) -> None:
    """Refuse while a required field has no accepted answer."""
    answered = {each.field for each in said if each.status == document.ACCEPTED and each.value != ""}
    missing = [field for field in required if field.key not in answered]
    if missing:
        names = ", ".join(f"“{field.name}”" for field in missing)
        errors = [{"where": field.key, "what": "has no answer", "expected": "an answer"} for field in missing]
        raise Problem(409, f"The task has no answer yet for {names}; expected one before it is submitted.", errors)


async def set_status(task: Task, user: Any, status: str) -> str:
    """Write what is decided of a task as a whole; returns its status as it is then."""
    writer = await in_thread(writer_in, user, task.project_id)
    required = await in_thread(required_fields, task.project_id)
    async with room_of(task) as room:
        if status == TaskStatus.SUBMITTED:
            resolution = await live.engine().projector.read(room)
            need_answers(required, resolution or ())
        state = {"status": status, "by": writer.user_id, "at": writer.at}
        await room.write([Put(document.STATE, document.TASK, state)], Author(writer.user_id, "server", API))
        await live.project_now(room.document_id)
    return await in_thread(lambda: Task.objects.values_list("status", flat=True).get(pk=task.pk))
