"""What is to become of many tasks at once. A job does it; `api/jobs.py` says how far it is and cancels it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field as Limits
from pydantic import model_validator

from projects import access
from projects.api import answers, shapes
from projects.api.bodies import Body, Id, answer
from projects.api.filtering import Filtering
from projects.api.problems import Problem, wrong
from projects.batches import asking
from projects.batches.selection import MOST_PICKED, Selection, all_that_match, picked
from projects.models import Job, Project

router = Router(tags=["batches"])


class BatchFilters(Body, Filtering):
    pass


class NewBatch(Body):
    action: Literal["delete", "assign", "run"]
    tasks: Annotated[
        list[Id] | None, Limits(min_length=1, max_length=MOST_PICKED, description="The tasks, by their ids.")
    ] = None
    filters: Annotated[BatchFilters | None, Limits(description="All tasks that match; `{}` is every task.")] = None
    assignee: Annotated[str | None, Limits(description="For `assign`: a member's name; left out: nobody.")] = None
    backend: Annotated[Id | None, Limits(description="For `run`.")] = None

    @model_validator(mode="after")
    def _one_selection(self) -> NewBatch:
        if (self.tasks is None) == (self.filters is None):
            raise ValueError("either `tasks` or `filters`")
        return self


@router.post("/projects/{int:project_id}/batches", response={202: answers.JobOut})
def create_batch(request: HttpRequest, project_id: int, body: NewBatch) -> HttpResponse:
    """Delete tasks, assign them, or have a backend suggest in them. Ask for the job until it has ended."""
    project = access.get_project_to_manage(request.user, project_id)
    try:
        job = begin(project, body, request.user)
    except asking.CannotDo as refused:
        raise Problem(409, str(refused))
    response = answer(shapes.job_json(job), status=202)
    response["Location"] = f"/api/jobs/{job.pk}"
    return response


def begin(project: Project, body: NewBatch, user: Any) -> Job:
    selection = selection_of(project, body)
    if body.action == "delete":
        return asking.delete(project, selection, user)
    if body.action == "run":
        backend = project.backends.filter(pk=body.backend).first() if body.backend else None
        if backend is None:
            raise wrong("body: backend", "the project has no such backend", "the id of one")
        return asking.run(project, selection, user, backend)
    if not body.assignee:
        return asking.assign(project, selection, user, None)
    member = project.memberships.select_related("user").filter(user__username=body.assignee).first()
    if member is None:
        raise wrong("body: assignee", f"“{body.assignee}” is not a member of the project", "the name of a member")
    return asking.assign(project, selection, user, member.user)


def selection_of(project: Project, body: NewBatch) -> Selection:
    if body.filters is not None:
        return all_that_match(project, body.filters.task_filters())
    return picked(sorted(set(body.tasks or ())))
