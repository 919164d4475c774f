"""Annotations: what is said of a task, read as it is committed, written live through the task's room."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Body as JsonBody
from ninja import Query as QueryParameters
from ninja import Router
from pydantic import AfterValidator, model_validator
from pydantic import Field as Limits

from annotator.collaboration.changes import Refused, Remove
from annotator.collaboration.room import Room
from projects import access, document, projection, store
from projects.api import answers, shapes, writing
from projects.api.bodies import BY_SHAPE, LIST, OBJECT, Body, Id, Query, answer, in_thread, nothing, only_known
from projects.models import Annotation, Task

router = Router(tags=["annotations"])

MAX_AT_ONCE = 1000

Name = Annotated[str, Limits(min_length=1, max_length=100)]


def _harmless(id: str) -> str:
    if id == "__proto__":
        raise ValueError("an id that is no name of JavaScript's own")  # as a key, it would change objects in browsers
    return id


AnnotationId = Annotated[str, Limits(pattern=r"^[A-Za-z0-9_-]{8,64}$"), AfterValidator(_harmless)]


class NewAnnotation(Body):
    field: Annotated[Name, Limits(description="The field's name or key.", examples=["entities"])]
    label: Annotated[Name | None, Limits(description="The label's name or key.", examples=["person"])] = None
    value: Annotated[
        Any,
        Limits(
            description="A span's {start, end} in code points, end exclusive; a rating's number; a text field's text.",
            examples=[{"start": 0, "end": 3}],
        ),
    ] = None
    id: Annotated[AnnotationId | None, Limits(description="Made for you where none is given.")] = None


class AnnotationChange(Body):
    label: Name | None = None
    value: Any = None
    status: Literal["accepted", "rejected"] | None = None

    @model_validator(mode="after")
    def _something(self) -> AnnotationChange:
        if not self.given():
            raise ValueError("a label, a value or a status")
        return self


class WhichTask(Query):
    task: Annotated[Id | None, Limits(description="Where annotations of several tasks have this id: which one.")] = None


NewAnnotations = Annotated[list[NewAnnotation], Limits(min_length=1, max_length=MAX_AT_ONCE)]
OneOrMore = Annotated[Annotated[NewAnnotation, OBJECT] | Annotated[NewAnnotations, LIST], BY_SHAPE]


@router.get("/tasks/{int:task_id}/annotations", response=answers.Annotations)
def list_annotations(request: HttpRequest, task_id: int) -> HttpResponse:
    """Everything that is said of a task, suggestions too, as it is committed now."""
    task = access.get_task(request.user, task_id)
    return answer({"items": shapes.annotations_json(committed_rows(task), task), "next": None})


def committed_rows(task: Task) -> list[projection.Row]:
    """Read from the journal itself: rows of the projection may be a second behind, an open room ahead of the disk."""
    place = writing.place_of(task)
    doc, _ = store.read_document(place.document_id)
    return list(projection.read(doc, place).rows.values())


@router.post("/tasks/{int:task_id}/annotations", response={201: answers.AnnotationOut | answers.Annotations})
async def create_annotations(
    request: HttpRequest, task_id: int, body: Annotated[OneOrMore, JsonBody()]
) -> HttpResponse:
    """Say something of a task, or a list of things, all or none. Open sessions see it at once."""
    task = await in_thread(access.get_task_to_write, request.user, task_id)
    new = body if isinstance(body, list) else [body]
    writer, sayings = await in_thread(prepare, task, request.user, new)
    async with writing.room_of(task) as room:
        try:
            await writing.write(room, [saying.change for saying in sayings], writer)
        except Refused as refused:
            raise writing.refusal(refused, sayings)
    items = await in_thread(rows_json, task, [saying.key for saying in sayings])
    return answer({"items": items, "next": None} if isinstance(body, list) else items[0], status=201)


def prepare(task: Task, user: Any, new: list[NewAnnotation]) -> tuple[writing.Writer, list[writing.Saying]]:
    writer = writing.writer_in(user, task.project_id)
    questions = writing.Questions(task.project_id)
    places = [f"body: [{number}]" for number in range(len(new))] if len(new) > 1 else ["body"]
    return writer, [writing.saying(questions, writer, said, where) for said, where in zip(new, places, strict=True)]


@router.patch("/annotations/{str:annotation_id}", response=answers.AnnotationOut)
async def change_annotation(
    request: HttpRequest, annotation_id: str, body: AnnotationChange, query: QueryParameters[WhichTask]
) -> HttpResponse:
    """Correct or decide an annotation. Correcting a suggestion accepts it, too. Free text is changed by POST."""
    only_known(request, WhichTask)
    task = await find_task_to_write(request, annotation_id, query.task)
    writer = await in_thread(writing.writer_in, request.user, task.project_id)
    questions = await in_thread(writing.Questions, task.project_id)
    async with writing.room_of(task) as room:
        said = statement_in(room, annotation_id)
        label = body.label
        if label is not None:
            field = questions.field_of(said["field"])
            label = questions.label(field, label, "body").key
        status = body.status or ("accepted" if waits(room, annotation_id, said) else None)
        changes = writing.correction(writer, annotation_id, label, body.value, status)
        await writing.write(room, changes, writer)
    items = await in_thread(rows_json, task, [annotation_id])
    return answer(items[0])


@router.delete("/annotations/{str:annotation_id}", response={204: None})
async def delete_annotation(
    request: HttpRequest, annotation_id: str, query: QueryParameters[WhichTask]
) -> HttpResponse:
    """Take an annotation back as a whole."""
    only_known(request, WhichTask)
    task = await find_task_to_write(request, annotation_id, query.task)
    writer = await in_thread(writing.writer_in, request.user, task.project_id)
    async with writing.room_of(task) as room:
        statement_in(room, annotation_id)
        await writing.write(room, [Remove(document.ANNOTATIONS, annotation_id)], writer)
    return nothing()


async def find_task_to_write(request: HttpRequest, annotation_id: str, task_id: int | None) -> Task:
    """The task that holds an annotation, for somebody who may write there."""
    holding = writing.open_tasks_with(annotation_id)
    task = await in_thread(access.get_task_of_annotation, request.user, annotation_id, task_id, holding)
    await in_thread(access.need_to_write, request.user, task.project_id)
    return task


def statement_in(room: Room, annotation_id: str) -> Any:
    said = room.map(document.ANNOTATIONS).get(annotation_id)
    if said is None:
        raise access.NotYours(f"There is no annotation {annotation_id}.")
    return said


def waits(room: Room, annotation_id: str, said: Any) -> bool:
    """Whether it is a suggestion that nobody has decided on."""
    return said.get("origin") == "model" and room.map(document.DECISIONS).get(annotation_id) is None


def rows_json(task: Task, keys: list[str]) -> list[shapes.Json]:
    """Annotations by key, in the order of the keys; the rows have just been brought up to date."""
    rows: dict[str, projection.Row | Annotation] = {
        row.key: row for row in Annotation.objects.filter(task=task, key__in=keys)
    }
    return shapes.annotations_json((rows.get(key) or writing.empty_text(key) for key in keys), task)
