"""Projects: list, set up in one call, read, change, delete. Who I am."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Query as QueryParameters
from ninja import Router
from pydantic import Field as Limits

from projects import access, live, removal
from projects.api import answers, shapes
from projects.api.bodies import Body, Id, Name, Prose, Query, answer, nothing, only_known
from projects.api.fields import NewField, make_field
from projects.api.members import NewMember, make_member
from projects.models import Membership, Project, Role
from projects.people import colour_of

router = Router(tags=["projects"])

ProjectName = Annotated[Name, Limits(max_length=200)]
Description = Annotated[Prose, Limits(max_length=500)]
Guidelines = Annotated[Prose, Limits(max_length=200_000)]


class NewProject(Body):
    name: Annotated[ProjectName, Limits(examples=["News"])]
    description: Description = ""
    guidelines: Annotated[Guidelines, Limits(description="Markdown.")] = ""
    fields: Annotated[list[NewField], Limits(max_length=100)] = []
    members: Annotated[list[NewMember], Limits(max_length=1000)] = []


class ProjectChange(Body):
    name: ProjectName | None = None
    description: Description | None = None
    guidelines: Guidelines | None = None


class ProjectQuery(Query):
    after: Id | None = None
    limit: Annotated[int, Limits(ge=1, le=1000)] = 100


@router.get("/me", response=answers.MeOut, tags=["me"])
def who_am_i(request: HttpRequest) -> HttpResponse:
    """The user of the token or the session."""
    user: Any = request.user
    staff = access.may_create_projects(user)
    return answer({"id": user.pk, "username": user.get_username(), "colour": colour_of(user.pk), "staff": staff})


@router.get("/projects", response=answers.Projects)
def list_projects(request: HttpRequest, query: QueryParameters[ProjectQuery]) -> HttpResponse:
    """Your projects, by id. `next` is the `after` of the next page."""
    only_known(request, ProjectQuery)
    rows = access.projects_of(request.user).filter(pk__gt=query.after or 0).order_by("pk")[: query.limit + 1]
    projects = list(rows)
    page = projects[: query.limit]
    roles = roles_in(request.user, page)
    items = [shapes.project_line_json(project, roles[project.pk]) for project in page]
    return answer({"items": items, "next": page[-1].pk if len(projects) > query.limit else None})


def roles_in(user: Any, projects: list[Project]) -> dict[int, str | None]:
    """As `access.role_in`, for many projects in one query."""
    if user.is_superuser:
        return dict.fromkeys((project.pk for project in projects), Role.MANAGER)
    rows = Membership.objects.filter(user=user, project__in=projects).values_list("project_id", "role")
    return dict(rows)


@router.post("/projects", response={201: answers.ProjectOut})
def create_project(request: HttpRequest, body: NewProject) -> HttpResponse:
    """A new project with its fields and labels. Staff may do this; who creates a project manages it."""
    if not access.may_create_projects(request.user):
        raise access.NotAllowed("Only staff may create projects; an administrator can make you staff.")
    user: Any = request.user
    with transaction.atomic():
        project = Project.objects.create(name=body.name, description=body.description, guidelines=body.guidelines)
        Membership.objects.create(project=project, user=user, role=Role.MANAGER)
        for number, new_field in enumerate(body.fields):
            make_field(project, new_field, f"body: fields[{number}]")
        for number, new_member in enumerate(body.members):
            make_member(project, new_member, f"body: members[{number}]")
    return answer(shapes.project_json(project, user), status=201)


@router.get("/projects/{int:project_id}", response=answers.ProjectOut)
def get_project(request: HttpRequest, project_id: int) -> HttpResponse:
    """A project with its fields, labels, members and counts."""
    return answer(shapes.project_json(access.get_project(request.user, project_id), request.user))


@router.patch("/projects/{int:project_id}", response=answers.ProjectOut)
def change_project(request: HttpRequest, project_id: int, body: ProjectChange) -> HttpResponse:
    """Change its name, description or guidelines; open sessions learn of it."""
    project = access.get_project_to_manage(request.user, project_id)
    if changes := body.given():
        Project.objects.filter(pk=project.pk).update(**changes)
        live.project_changed(project.pk)
        project.refresh_from_db()
    return answer(shapes.project_json(project, request.user))


@router.delete("/projects/{int:project_id}", response={204: None})
def delete_project(request: HttpRequest, project_id: int) -> HttpResponse:
    """Delete a project with its tasks, their annotations and their history. This cannot be undone."""
    removal.delete_project(access.get_project_to_manage(request.user, project_id))
    return nothing()
