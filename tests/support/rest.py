"""People who talk to the REST API over Django's test client. Over the wire to a real server: wire.py."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from projects.models import ApiToken, Membership, Project, Role

ROLES = ("manager", "reviewer", "annotator", "viewer")


class Person:
    """Somebody with a token (or without: anonymous), asking through Django's test client."""

    def __init__(self, user: Any = None) -> None:
        self.user = user
        self._client = Client()
        self._headers = {"Authorization": f"Bearer {ApiToken.issue(user)[1]}"} if user else {}

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        if body is not None and "data" not in more:
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        return self._client.generic(method, path, headers=self._headers, **more)

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.ask("POST", path, body)

    def patch(self, path: str, body: Any) -> Any:
        return self.ask("PATCH", path, body)

    def delete(self, path: str) -> Any:
        return self.ask("DELETE", path)


def make_user(name: str, **more: Any) -> Any:
    return get_user_model().objects.create_user(name, **more)  # no password: hashing one takes longer than a test


@dataclass
class Team:
    """A project with somebody of each role, a stranger with a project of his own, and nobody at all."""

    project: Project
    people: dict[str, Person] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None


def make_team(name: str = "News") -> Team:
    team = Team(Project.objects.create(name=name))
    for role in ROLES:
        user = make_user(role, is_staff=role == "manager")
        Membership.objects.create(project=team.project, user=user, role=role)
        team.people[role] = Person(user)
    stranger = make_user("stranger", is_staff=True)
    Membership.objects.create(project=Project.objects.create(name="Elsewhere"), user=stranger, role=Role.MANAGER)
    team.people |= {"stranger": Person(stranger), "anonymous": Person()}
    return team


def problem_of(response: Any, status: int) -> dict[str, Any]:
    """The problem that a response is; fails if it is another one, or none."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = json.loads(response.content)
    assert problem["status"] == status
    assert problem["type"]
    assert problem["title"]
    assert problem["detail"].endswith(".") or "." in problem["detail"], problem["detail"]
    return problem
