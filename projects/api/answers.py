"""The answers, as the OpenAPI document tells of them; `shapes.py` makes them, and the tests hold each to its schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ErrorPlace(Answer):
    where: str = Field(examples=["body: fields[0].name"])
    what: str = Field(examples=["is missing"])
    expected: str = Field(examples=["a value; it is required"])


class ProblemOut(BaseModel):
    """application/problem+json"""

    type: str
    title: str
    status: int
    detail: str = Field(description="A sentence: what, where, and what was expected.")
    errors: list[ErrorPlace] = Field(default=[], description="Each place that is wrong.")


class LabelOut(Answer):
    id: int
    key: str = Field(description="What documents hold: the name at creation, never changed.")
    name: str
    description: str
    colour: str = Field(examples=["#0072b2"])
    hotkey: str
    removed: bool


class FieldOut(Answer):
    id: int
    key: str = Field(description="What documents hold: the name at creation, never changed.")
    name: str
    kind: str
    multiple: bool
    required: bool
    minimum: int
    maximum: int
    removed: bool
    labels: list[LabelOut]


class MemberOut(Answer):
    id: int = Field(description="The membership's id, as in /api/members/{id}.")
    user: int
    username: str
    colour: str = Field(examples=["#0924ad"], description="The person's, in every task and on every page.")
    role: str


class BackendLine(Answer):
    id: int
    name: str
    kind: str
    enabled: bool


class BackendOut(BackendLine):
    project: int
    url: str
    run_on_open: bool
    timeout_seconds: int
    settings: dict[str, Any]


class TestOut(Answer):
    ok: bool
    message: str


class Counts(Answer):
    tasks: int
    open: int
    in_progress: int
    submitted: int
    skipped: int


class ProjectLine(Answer):
    id: int
    name: str
    description: str
    revision: int = Field(description="Raised with every change of the project's set-up.")
    role: str | None = Field(description="What you are in this project.")
    created: str


class ProjectOut(ProjectLine):
    guidelines: str = Field(description="Markdown.")
    guidelines_html: str
    fields: list[FieldOut]
    members: list[MemberOut]
    backends: list[BackendLine]
    counts: Counts


class DocumentOut(Answer):
    id: int
    epoch: int
    socket: str = Field(examples=["/ws/documents/1/"], description="Where a Yjs provider connects.")


class RunBackend(Answer):
    id: int
    name: str


class RunOut(Answer):
    id: int
    task: int
    backend: RunBackend
    state: Literal["queued", "connecting", "running", "done", "stopped", "failed"]
    progress: float | None
    message: str | None
    suggestions: int
    refused: int
    problems: list[Any]
    first_ms: float | None
    version: str
    error: str
    started_by: str | None
    stopped_by: str | None
    started: str | None
    ended: str | None


class TaskLine(Answer):
    id: int
    excerpt: str
    status: str
    annotations: int
    suggestions: int
    comments: int
    unread: int = Field(description="Comments of others that you have not read.")
    changed: str
    assignee: str | None = Field(description="Whose work it is, by name.")


class TaskOut(Answer):
    id: int
    project: int
    text: str
    data: dict[str, Any]
    meta: dict[str, Any]
    status: str
    annotations: int
    suggestions: int
    assignee: str | None = Field(description="Whose work it is, by name.")
    documents: list[DocumentOut]
    runs: list[RunOut]
    position: int = Field(description="Its place in the project, from 1.")
    total: int
    created: str
    changed: str


class StatusOut(Answer):
    status: str


class NextOut(Answer):
    task: int | None


class AnnotationOut(Answer):
    id: str = Field(description="Its key in the document; `text/<field>` for a free-text answer.")
    task: int
    field: str
    kind: str
    label: str | None
    value: Any
    text: str | None = Field(description="The wording of a span.")
    author: str | None
    origin: str
    status: str = Field(description="accepted, rejected, suggested, superseded or duplicate.")
    decided_by: str | None
    corrected: bool
    backend: str | None
    version: str | None
    score: float | None
    run: str | None
    created: str | None


class CommentOut(Answer):
    id: str
    task: int
    on: str | None = Field(description="The annotation that it speaks of; null: the task.")
    reply_to: str | None = Field(description="The comment that began its thread; null: it begins one.")
    author: str | None
    body: str
    quote: str | None = Field(description="How the annotation read when this was said; it may be gone since.")
    mentions: list[str]
    created: str
    edited: str | None
    resolved_by: str | None
    resolved_at: str | None
    unread: bool = Field(description="Somebody else's, and you have not read it.")


class MentionOut(CommentOut):
    project: int
    project_name: str
    excerpt: str = Field(description="The beginning of the task's text.")


class WordingOut(Answer):
    label: str | None
    value: Any
    text: str | None


class DeedOut(WordingOut):
    verb: str = Field(
        description="added, suggested, imported, deleted, restored, relabelled, changed, accepted, rejected, undecided, "
        "wrote, commented, answered, edited comment, deleted comment, resolved, reopened thread, submitted, skipped, "
        "reopened; forgotten: what was done until then is kept no more.",
        examples=["relabelled"],
    )
    annotation: str | None
    field: str | None
    kind: str | None
    was: WordingOut | None = Field(description="How it read before: where it was relabelled or changed.")
    backend: str | None
    version: str | None
    score: float | None
    comment: str | None = Field(description="The id of the comment; `text` is what it says.")
    inserted: int | None = Field(description="Free text: how much was written, in UTF-16 units.")
    removed: int | None


class HistoryRow(Answer):
    seq: int = Field(description="The row of the journal.")
    at: str = Field(description="By the server's clock.")
    author: str | None = Field(description="Null: a model, or the server.")
    origin: str
    deeds: list[DeedOut]
    more: int = Field(description="Deeds of this row that are left out.")


class UpdateOut(Answer):
    seq: int
    author: str | None
    origin: str
    at: str
    update: str = Field(description="In the Yjs v1 update format, as base64.")


class JobOut(Answer):
    id: int
    project: int
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float
    taken: int
    refused: int
    problems: list[Any]
    error: str
    cancel_requested: bool
    created: str | None
    started: str | None
    ended: str | None


class MeOut(Answer):
    id: int
    username: str
    colour: str
    staff: bool = Field(description="May create projects.")


class Projects(Answer):
    items: list[ProjectLine]
    next: int | None


class Fields(Answer):
    items: list[FieldOut]
    next: int | None


class Labels(Answer):
    items: list[LabelOut]
    next: int | None


class Members(Answer):
    items: list[MemberOut]
    next: int | None


class Backends(Answer):
    items: list[BackendOut]
    next: int | None


class Jobs(Answer):
    items: list[JobOut]
    next: int | None


class Tasks(Answer):
    items: list[TaskLine]
    next: int | None = Field(description="What to give as `after` for the next page; null at the end.")


class CreatedTasks(Answer):
    items: list[TaskOut]
    next: int | None


class Annotations(Answer):
    items: list[AnnotationOut]
    next: int | None


class Comments(Answer):
    items: list[CommentOut]
    next: int | None


class Mentions(Answer):
    items: list[MentionOut]
    next: int | None = Field(description="What to give as `before` for the next page; null at the end.")
    unread: int = Field(description="How many mentions of you, in all your projects, you have not read.")


class History(Answer):
    items: list[HistoryRow]
    next: int | None = Field(description="What to give as `before` for the next page; null at the end.")
    head: int = Field(description="The newest row of the journal.")


class Updates(Answer):
    items: list[UpdateOut]
    next: int | None = Field(description="What to give as `after` for the next page; null at the end.")


class ReadOut(Answer):
    unread: int = Field(description="Comments of this task that you have not read.")


class Runs(Answer):
    items: list[RunOut]
    next: int | None
