"""Who works in a project, and as what."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field as Limits

from projects import access
from projects.api import answers, shapes
from projects.api.bodies import Body, Id, answer, nothing
from projects.api.changing import change_of
from projects.api.problems import Problem, within, wrong
from projects.models import Membership, Project, Role

router = Router(tags=["members"])

RoleName = Literal["manager", "reviewer", "annotator", "viewer"]


class NewMember(Body):
    user: Annotated[Id | None, Limits(description="The user's id; or give `username`.")] = None
    username: Annotated[str | None, Limits(max_length=150, examples=["ann"])] = None
    role: RoleName = "annotator"


class MemberChange(Body):
    role: RoleName


def find_user(new: NewMember, where: str) -> Any:
    if (new.user is None) == (new.username is None):
        raise wrong(where, "either `user` or `username` says who it is", "exactly one of the two")
    users = get_user_model().objects.filter(is_active=True)
    user = users.filter(pk=new.user).first() if new.user else users.filter(username=new.username).first()
    if user is None:
        part, given = ("user", new.user) if new.user else ("username", new.username)
        raise wrong(within(where, part), f"there is no user “{given}”", "somebody who can log in")
    return user


def make_member(project: Project, new: NewMember, where: str = "body") -> Membership:
    user = find_user(new, where)
    member, created = Membership.objects.get_or_create(project=project, user=user, defaults={"role": new.role})
    if not created:
        name = user.get_username()
        raise Problem(409, f"{name} is a member already; expected somebody new, or PATCH to change a role.")
    return member


def need_another_manager(member: Membership) -> None:
    """A project without a manager could not be managed again by anybody of its own."""
    managers = Membership.objects.filter(project_id=member.project_id, role=Role.MANAGER)
    if member.role == Role.MANAGER and not managers.exclude(pk=member.pk).exists():
        raise Problem(409, "This is the last manager of the project; expected another member to be made manager first.")


@router.get("/projects/{int:project_id}/members", response=answers.Members)
def list_members(request: HttpRequest, project_id: int) -> HttpResponse:
    project = access.get_project(request.user, project_id)
    members = project.memberships.select_related("user").order_by("pk")
    return answer({"items": [shapes.member_json(member) for member in members], "next": None})


@router.post("/projects/{int:project_id}/members", response={201: answers.MemberOut})
def add_member(request: HttpRequest, project_id: int, body: NewMember) -> HttpResponse:
    """Make a user, named by `user` (id) or `username`, a member."""
    project = access.get_project_to_manage(request.user, project_id)
    with change_of(project.pk):
        member = make_member(project, body)
    return answer(shapes.member_json(member), status=201)


@router.get("/members/{int:member_id}", response=answers.MemberOut)
def get_member(request: HttpRequest, member_id: int) -> HttpResponse:
    return answer(shapes.member_json(access.get_member(request.user, member_id)))


@router.patch("/members/{int:member_id}", response=answers.MemberOut)
def change_member(request: HttpRequest, member_id: int, body: MemberChange) -> HttpResponse:
    """Give a member another role; open sessions of that person get the new rights at once."""
    member = access.get_member_to_manage(request.user, member_id)
    with change_of(member.project_id):
        if body.role != Role.MANAGER.value:
            need_another_manager(member)
        member.role = body.role
        member.save(update_fields=["role"])
    return answer(shapes.member_json(member))


@router.delete("/members/{int:member_id}", response={204: None})
def remove_member(request: HttpRequest, member_id: int) -> HttpResponse:
    """End a membership. What the person said stays."""
    member = access.get_member_to_manage(request.user, member_id)
    with change_of(member.project_id):
        need_another_manager(member)
        member.delete()
    return nothing()
