"""The only way to fetch an object for a person. What is not yours does not exist: every refusal here is `NotYours`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404

from projects.models import (
    Annotation,
    ApiToken,
    Backend,
    Document,
    Field,
    Job,
    Label,
    Membership,
    Project,
    Role,
    Run,
    Task,
)

Found = TypeVar("Found", bound=Model)

MEMBERSHIP = ("user_id", "project_id", "role")
WRITERS = frozenset({Role.MANAGER, Role.REVIEWER, Role.ANNOTATOR})


class NotYours(Http404):
    """There is no such thing, or it is somebody else's: the answer does not say which."""


class Ambiguous(Exception):
    """What was asked for could be several of yours. Holds the sentence to show."""


class NotAllowed(Exception):
    """You may see it, but not do this. Holds the sentence to show."""


def projects_of(user: Any) -> QuerySet[Project]:
    """Every project that `user` may see. A superuser sees all."""
    if not user.is_authenticated or not user.is_active:
        return Project.objects.none()
    if user.is_superuser:
        return Project.objects.all()
    return Project.objects.filter(memberships__user=user)


def role_in(user: Any, project_id: int) -> Role | None:
    """The role of `user` in a project; None for a stranger. A superuser works as a manager everywhere."""
    if not user.is_authenticated or not user.is_active:
        return None
    if user.is_superuser:
        return Role.MANAGER
    role = Membership.objects.filter(user=user, project_id=project_id).values_list("role", flat=True).first()
    return Role(role) if role else None


def roles_in(users: Collection[Any], project_ids: Collection[int]) -> dict[tuple[int, int], Role]:
    """`role_in` of many at once, by (user id, project id); strangers are not in it."""
    active = [user for user in users if user.is_authenticated and user.is_active]
    asked = Membership.objects.filter(user__in=[user.pk for user in active], project__in=project_ids)
    found = {(user_id, project_id): Role(role) for user_id, project_id, role in asked.values_list(*MEMBERSHIP)}
    for user in active:
        if user.is_superuser:
            found.update({(user.pk, project_id): Role.MANAGER for project_id in project_ids})
    return found


def may_write(role: Role | None) -> bool:
    return role in WRITERS


def may_manage(role: Role | None) -> bool:
    return role == Role.MANAGER


def may_create_projects(user: Any) -> bool:
    """Staff set projects up; everybody else is invited to them."""
    return bool(user.is_active and (user.is_staff or user.is_superuser))


def need_to_manage(user: Any, project_id: int) -> None:
    if not may_manage(role_in(user, project_id)):
        raise NotAllowed("Only a manager of the project may do this.")


def need_to_write(user: Any, project_id: int) -> None:
    if not may_write(role_in(user, project_id)):
        raise NotAllowed("A viewer may read this task, but not change it.")


def only_yours(rows: QuerySet[Found], pk: int, noun: str) -> Found:
    """The one of these rows, which are the user's own, that has this number."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotYours(f"There is no {noun} {pk}.")
    return found


def get_project(user: Any, project_id: int) -> Project:
    return only_yours(projects_of(user), project_id, "project")


def get_project_to_manage(user: Any, project_id: int) -> Project:
    project = get_project(user, project_id)
    need_to_manage(user, project.pk)
    return project


def get_field(user: Any, field_id: int) -> Field:
    rows = Field.objects.filter(project__in=projects_of(user)).select_related("project")
    return only_yours(rows, field_id, "field")


def get_field_to_manage(user: Any, field_id: int) -> Field:
    field = get_field(user, field_id)
    need_to_manage(user, field.project_id)
    return field


def get_label(user: Any, label_id: int) -> Label:
    rows = Label.objects.filter(field__project__in=projects_of(user)).select_related("field")
    return only_yours(rows, label_id, "label")


def get_label_to_manage(user: Any, label_id: int) -> Label:
    label = get_label(user, label_id)
    need_to_manage(user, label.field.project_id)
    return label


def get_member(user: Any, member_id: int) -> Membership:
    rows = Membership.objects.filter(project__in=projects_of(user)).select_related("user")
    return only_yours(rows, member_id, "member")


def get_member_to_manage(user: Any, member_id: int) -> Membership:
    member = get_member(user, member_id)
    need_to_manage(user, member.project_id)
    return member


def get_task(user: Any, task_id: int) -> Task:
    rows = Task.objects.filter(project__in=projects_of(user)).select_related("project", "assignee")
    return only_yours(rows, task_id, "task")


def get_task_to_write(user: Any, task_id: int) -> Task:
    task = get_task(user, task_id)
    need_to_write(user, task.project_id)
    return task


def get_task_to_manage(user: Any, task_id: int) -> Task:
    task = get_task(user, task_id)
    need_to_manage(user, task.project_id)
    return task


def get_task_of_annotation(user: Any, key: str, task_id: int | None, open_task_ids: Collection[int] = ()) -> Task:
    """The task that holds an annotation: by its row or, since rows lag, among the tasks that are open and hold it.

    Ids of annotations are made by clients: two documents may have the same, and then `task_id` must say which.
    """
    holders = Q(pk__in=Annotation.objects.filter(key=key).values("task_id")) | Q(pk__in=open_task_ids)
    tasks = Task.objects.filter(holders, project__in=projects_of(user)).select_related("project").order_by("pk")
    found = list(tasks.filter(pk=task_id) if task_id else tasks[:2])
    if not found:
        raise NotYours(f"There is no annotation {key}.")
    if len(found) > 1:
        raise Ambiguous(f"Several tasks have an annotation {key}; expected ?task=<id> to say which one is meant.")
    return found[0]


class Opened(NamedTuple):
    """A document, as far as a door must know it."""

    task_id: int
    project_id: int
    annotator_id: int | None
    epoch: int
    revision: int  # of the project

    def is_shared_with(self, user: Any) -> bool:
        return self.annotator_id in (None, user.pk)


def documents_by_id(document_ids: Collection[int]) -> dict[int, Opened]:
    """For whoever then looks at roles and at `is_shared_with`."""
    columns = ("pk", "task_id", "task__project_id", "annotator_id", "epoch", "task__project__revision")
    found = Document.objects.filter(pk__in=document_ids).values_list(*columns)
    return {pk: Opened(*values) for pk, *values in found}


def get_backend(user: Any, backend_id: int) -> Backend:
    rows = Backend.objects.filter(project__in=projects_of(user))
    return only_yours(rows, backend_id, "backend")


def get_backend_to_manage(user: Any, backend_id: int) -> Backend:
    backend = get_backend(user, backend_id)
    need_to_manage(user, backend.project_id)
    return backend


def get_run(user: Any, run_id: int) -> Run:
    rows = Run.objects.filter(task__project__in=projects_of(user))
    return only_yours(rows.select_related("task", "backend", "started_by", "stopped_by"), run_id, "run")


def get_run_to_write(user: Any, run_id: int) -> Run:
    run = get_run(user, run_id)
    need_to_write(user, run.task.project_id)
    return run


def get_job(user: Any, job_id: int) -> Job:
    rows = Job.objects.filter(project__in=projects_of(user)).select_related("project")
    return only_yours(rows, job_id, "job")


def get_job_to_manage(user: Any, job_id: int) -> Job:
    job = get_job(user, job_id)
    need_to_manage(user, job.project_id)
    return job


def user_of_token(token: str) -> Any | None:
    """The active user to whom a bearer token was issued, or None."""
    return users_of_tokens([token]).get(token)


def users_of_tokens(tokens: Collection[str]) -> dict[str, Any]:
    """The active users to whom bearer tokens were issued; tokens that are no good are not in it."""
    digests = {ApiToken.digest_of(token): token for token in tokens}
    rows = ApiToken.objects.filter(digest__in=digests, user__is_active=True).select_related("user")
    return {digests[row.digest]: row.user for row in rows}
