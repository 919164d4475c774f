"""Comments: what people say to each other about a task and its annotations, and what of it you have not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query as QueryParameters
from ninja import Router
from pydantic import AfterValidator
from pydantic import Field as Limits

from annotator.collaboration.changes import Put, Refused
from projects import access, document, store
from projects.api import answers, writing
from projects.api.annotations import AnnotationId
from projects.api.bodies import Body, Id, Prose, Query, answer, in_thread, only_known
from projects.api.problems import Problem
from projects.api.shapes import Json
from projects.discussion import rows
from projects.discussion.reading import Said, comments_of, mentioned_in
from projects.entries import MAX_BODY_LENGTH
from projects.exporting.json_lines import comment_of
from projects.exporting.names import Names
from projects.models import Project, Task

router = Router(tags=["comments"])

MAX_AT_ONCE = 1000


def _something(value: str) -> str:
    if not value.strip():
        raise ValueError("a text that says something")
    return value


Words = Annotated[Prose, Limits(min_length=1, max_length=MAX_BODY_LENGTH), AfterValidator(_something)]


class NewComment(Body):
    body: Annotated[
        Words, Limits(examples=["Is this a person, @ben?"], description="Plain text; @name mentions a member.")
    ]
    on: Annotated[AnnotationId | None, Limits(description="The annotation that it speaks of; none: the task.")] = None
    reply_to: Annotated[AnnotationId | None, Limits(description="The comment that it answers.")] = None


class ReadComments(Body):
    comments: Annotated[
        list[AnnotationId], Limits(min_length=1, max_length=MAX_AT_ONCE, description="Ids of comments.")
    ]


class MentionQuery(Query):
    before: Annotated[Id | None, Limits(description="`next` of the page before.")] = None
    limit: Annotated[int, Limits(ge=1, le=200)] = 50
    project: Annotated[Id | None, Limits(description="Only of this project.")] = None


@router.get("/tasks/{int:task_id}/comments", response=answers.Comments)
def list_comments(request: HttpRequest, task_id: int) -> HttpResponse:
    """Every comment of a task as it is committed now, in the order in which they were made."""
    task = access.get_task(request.user, task_id)
    document_id = writing.place_of(task).document_id
    doc, _ = store.read_document(document_id)
    said, read = comments_of(doc), rows.read_keys(document_id, request.user)
    return answer({"items": comments_json(said.values(), task, request.user, read), "next": None})


@router.post("/tasks/{int:task_id}/comments", response={201: answers.CommentOut})
async def create_comment(request: HttpRequest, task_id: int, body: NewComment) -> HttpResponse:
    """Say something about a task or an annotation, or answer. Open sessions see it at once."""
    task = await in_thread(access.get_task_to_write, request.user, task_id)
    writer = await in_thread(writing.writer_in, request.user, task.project_id)
    members = await in_thread(rows.members_of, task.project_id)
    async with writing.room_of(task) as room:
        on, thread = body.on, None
        if body.reply_to is not None:
            first = room.value(document.COMMENTS, body.reply_to)
            if first is None:
                raise Problem(422, f"There is no comment {body.reply_to} in this task; expected the id of one.")
            on, thread = first.get("on"), first.get("reply_to") or body.reply_to
        elif on is not None and room.value(document.ANNOTATIONS, on) is None:
            raise Problem(422, f"There is no annotation {on} in this task; expected the id of one, or none.")
        key, mentions = document.new_id(), mentioned_in(body.body, members)
        said = document.comment(writer.user_id, body.body, writer.at, on=on, reply_to=thread, mentions=mentions)
        try:
            await writing.write(room, [Put(document.COMMENTS, key, said)], writer)
        except Refused as refused:
            raise writing.refusal(refused, [])
        made = comments_of(room.doc)[key]
    items = await in_thread(comments_json, [made], task, request.user, set())
    return answer(items[0], status=201)


@router.post("/tasks/{int:task_id}/comments/read", response=answers.ReadOut)
def read_comments(request: HttpRequest, task_id: int, body: ReadComments) -> HttpResponse:
    """Say which comments of a task you have read."""
    task = access.get_task(request.user, task_id)
    document_id = writing.place_of(task).document_id
    doc, _ = store.read_document(document_id)
    there = comments_of(doc)
    rows.mark_read(document_id, request.user, [key for key in dict.fromkeys(body.comments) if key in there])
    read, me = rows.read_keys(document_id, request.user), request.user.pk
    return answer({"unread": sum(said.author_id != me and key not in read for key, said in there.items())})


@router.get("/mentions", response=answers.Mentions)
def list_mentions(request: HttpRequest, query: QueryParameters[MentionQuery]) -> HttpResponse:
    """Comments that mention you, in all your projects, the newest first."""
    only_known(request, MentionQuery)
    projects: Any = access.projects_of(request.user)
    if query.project is not None:
        projects = Project.objects.filter(pk=access.get_project(request.user, query.project).pk)
    found = rows.mentions_of(request.user, projects)
    unread = found.filter(is_read=False).exclude(author_id=request.user.pk).count()
    page = list((found.filter(pk__lt=query.before) if query.before else found)[: query.limit + 1])
    more, page = len(page) > query.limit, page[: query.limit]
    items = mentions_json(page, request.user)
    return answer({"items": items, "next": page[-1].pk if more else None, "unread": unread})


def comments_json(said: Iterable[Said], task: Task, user: Any, read: set[str]) -> list[Json]:
    said = list(said)
    names = Names(task.project_id)
    names.meet(user_id for one in said for user_id in people_in(one))
    return [comment_json(one, task.pk, names, one.author_id != user.pk and one.key not in read) for one in said]


def mentions_json(found: Sequence[Any], user: Any) -> list[Json]:
    """What `rows.mentions_of` found."""
    names: dict[int, Names] = {}
    items = []
    for row in found:
        if row.project_id not in names:
            names[row.project_id] = Names(row.project_id)
        said = Said(*(getattr(row, name) for name in Said._fields))
        names[row.project_id].meet(people_in(said))
        shown = comment_json(said, row.task_id, names[row.project_id], row.author_id != user.pk and not row.is_read)
        items.append(shown | {"project": row.project_id, "project_name": row.project.name, "excerpt": row.excerpt})
    return items


def people_in(said: Said) -> Iterator[int | None]:
    yield from (said.author_id, said.resolved_by_id, *said.mentions)


def comment_json(said: Said, task_id: int, names: Names, unread: bool) -> Json:
    return comment_of(said, names) | {"task": task_id, "unread": unread}
