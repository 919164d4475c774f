"""Tasks: a table of them, one of them, new ones, and what is decided of a task as a whole."""

from __future__ import annotations

from typing import Annotated

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Body as JsonBody
from ninja import Query as QueryParameters
from ninja import Router
from pydantic import Field as Limits
from pydantic import model_validator

from annotator.collaboration.close_codes import CloseCode
from projects import access, live, removal
from projects.api import answers, shapes, writing
from projects.api.bodies import (
    BY_SHAPE,
    LIST,
    MAX_ID,
    OBJECT,
    Body,
    Id,
    JsonObject,
    Prose,
    Query,
    answer,
    in_thread,
    nothing,
    only_known,
)
from projects.api.filtering import Filtering
from projects.importing.preparing import fault_of_task_text
from projects.models import Document, Project, Task, TaskStatus
from projects.task_table import TaskRow, task_page
from projects.write_turn import write_turn

router = Router(tags=["tasks"])

MAX_TASKS = 1000  # in one request
NEXT_CANDIDATES = 200  # how far the next task is looked for past those that somebody is on


class TaskQuery(Query, Filtering):
    after: Annotated[
        Id | None, Limits(description="The id behind which the page begins: `next` of the page before.")
    ] = None
    before: Annotated[Id | None, Limits(description="The id before which the page ends.")] = None
    limit: Annotated[int, Limits(ge=1, le=1000)] = 50


class NextQuery(Query):
    after: Annotated[int, Limits(ge=0, le=MAX_ID)] = 0


class NewTask(Body):
    text: Annotated[Prose | None, Limits(examples=["Ada lives in London."])] = None
    data: Annotated[JsonObject, Limits(description="Other columns; may hold the text as `text`.")] = {}
    meta: JsonObject = {}

    @model_validator(mode="after")
    def _one_text(self) -> NewTask:
        texts = [text for text in (self.text, self.data.get("text")) if text is not None]
        if len(texts) != 1:
            raise ValueError("one text, as `text` or as `data.text`")
        if fault := fault_of_task_text(texts[0]):
            raise ValueError(f"a text that can be kept: {fault}")
        return self

    def task(self, project: Project) -> Task:
        others = {name: value for name, value in self.data.items() if name != "text"}
        text = self.text if self.text is not None else self.data["text"]
        return Task(project=project, text=text, data=others, meta=self.meta)


NewTasks = Annotated[list[NewTask], Limits(min_length=1, max_length=MAX_TASKS)]
OneOrMore = Annotated[Annotated[NewTask, OBJECT] | Annotated[NewTasks, LIST], BY_SHAPE]


@router.get("/projects/{int:project_id}/tasks", response=answers.Tasks)
def list_tasks(request: HttpRequest, project_id: int, query: QueryParameters[TaskQuery]) -> HttpResponse:
    """A page of tasks by id. What is asked of annotations must hold of one accepted annotation."""
    project = access.get_project(request.user, project_id)
    only_known(request, TaskQuery)
    page = task_page(project, query.task_filters(), after=query.after, before=query.before, limit=query.limit)
    return answer({"items": shapes.task_lines_json(page.rows, request.user), "next": page.after})


@router.post("/projects/{int:project_id}/tasks", response={201: answers.TaskOut | answers.Tasks})
def create_tasks(request: HttpRequest, project_id: int, body: Annotated[OneOrMore, JsonBody()]) -> HttpResponse:
    """One task, or a list of up to 1000, all or none. For more, import a file."""
    project = access.get_project_to_manage(request.user, project_id)
    new = body if isinstance(body, list) else [body]
    with write_turn(), transaction.atomic():
        tasks = Task.objects.bulk_create(one.task(project) for one in new)
        Document.objects.bulk_create(Document(task=task) for task in tasks)
    if not isinstance(body, list):
        return answer(shapes.task_json(tasks[0], request.user), status=201)
    items = shapes.task_lines_json([row_of(task) for task in tasks], request.user)
    return answer({"items": items, "next": None}, status=201)


def row_of(task: Task) -> TaskRow:
    return TaskRow(task.pk, task.text[:200], task.status, task.annotation_count, task.suggestion_count, task.changed)


@router.get("/projects/{int:project_id}/next", response=answers.NextOut)
async def next_task(request: HttpRequest, project_id: int, query: QueryParameters[NextQuery]) -> HttpResponse:
    """The next open task behind `after`, from the start again at the end: one that is assigned to you, else to nobody;
    rather one that nobody is on."""
    only_known(request, NextQuery)
    project = await in_thread(access.get_project, request.user, project_id)
    busy = live.engine().hub.tasks_with_people(project.pk)
    return answer({"task": await in_thread(find_next, project, query.after, busy, request.user.pk)})


def find_next(project: Project, after: int, busy: set[int], user_id: int) -> int | None:
    """The first open task in turn that is not in `busy`, else the first in turn but `after` itself.

    What is assigned to this person comes before what is nobody's; what is somebody else's is left to them.
    """
    for assignee in (user_id, None):
        for status in (TaskStatus.OPEN, TaskStatus.IN_PROGRESS):
            waiting = project.tasks.filter(status=status, assignee=assignee).exclude(pk=after)
            ids = waiting.order_by("pk").values_list("pk", flat=True)
            behind = list(ids.filter(pk__gt=after)[:NEXT_CANDIDATES])
            in_turn = behind + list(ids.filter(pk__lt=after)[: NEXT_CANDIDATES - len(behind)])
            if in_turn:
                return next((task_id for task_id in in_turn if task_id not in busy), in_turn[0])
    return None


@router.get("/tasks/{int:task_id}", response=answers.TaskOut)
def get_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """A task, with the addresses of its documents and the latest run of each backend."""
    return answer(shapes.task_json(access.get_task(request.user, task_id), request.user))


@router.delete("/tasks/{int:task_id}", response={204: None})
async def delete_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Delete a task with its annotations and their history. Whoever has it open is sent away."""
    task = await in_thread(access.get_task_to_manage, request.user, task_id)
    documents = await in_thread(lambda: list(task.documents.values_list("pk", flat=True)))
    await in_thread(removal.delete_tasks, [task.pk])
    engine = live.engine()
    for document_id in documents:
        if room := engine.rooms.peek(document_id):
            room.end(f"task {task_id} was deleted", CloseCode.NO_SUCH_DOCUMENT)
            engine.projector.forget(document_id)
    return nothing()


@router.post("/tasks/{int:task_id}/submit", response=answers.StatusOut)
async def submit_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Say that a task is done. Refused while a required field has no answer."""
    return await set_status(request, task_id, TaskStatus.SUBMITTED)


@router.post("/tasks/{int:task_id}/skip", response=answers.StatusOut)
async def skip_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Say that a task is not to be done."""
    return await set_status(request, task_id, TaskStatus.SKIPPED)


@router.post("/tasks/{int:task_id}/reopen", response=answers.StatusOut)
async def reopen_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Take a submission or a skip back."""
    return await set_status(request, task_id, TaskStatus.OPEN)


async def set_status(request: HttpRequest, task_id: int, status: TaskStatus) -> HttpResponse:
    task = await in_thread(access.get_task_to_write, request.user, task_id)
    return answer({"status": await writing.set_status(task, request.user, status)})
