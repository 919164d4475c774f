"""A project on a real server, with somebody of each role who asks over the wire."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.servers import Server
from tests.support.wire import tokens_of, wire

TEXT = "👍 Ada met Bob in Köln."
FIELDS = [
    {"name": "entities", "kind": "span", "labels": ["person", "place"]},
    {"name": "tone", "kind": "choice", "labels": ["good", "bad"]},
    {"name": "topics", "kind": "choice", "multiple": True, "labels": ["news", "travel"]},
    {"name": "stars", "kind": "rating", "minimum": 1, "maximum": 5},
    {"name": "note", "kind": "text"},
]
ROLES = ("manager", "annotator", "viewer", "stranger")
numbers = itertools.count(1)


@dataclass
class Site:
    """A project on the server, and a client for each role."""

    server: Server
    people: dict[str, httpx.Client]
    project: int

    def __getattr__(self, name: str) -> httpx.Client:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def task(self, text: str = TEXT) -> int:
        made = self.manager.post(f"/projects/{self.project}/tasks", json={"text": text})
        assert made.status_code == 201, made.text
        return int(made.json()["id"])

    def say(self, task: int, **said: Any) -> dict[str, Any]:
        made = self.annotator.post(f"/tasks/{task}/annotations", json=said)
        assert made.status_code == 201, made.text
        return dict(made.json())

    def said(self, task: int) -> dict[str, Any]:
        """What holds now, by id."""
        items = self.viewer.get(f"/tasks/{task}/annotations").json()["items"]
        return {item["id"]: item for item in items}


def role_tokens(server: Server) -> dict[str, str]:
    """A token for each role; the same people on every call."""
    made = tokens_of(server, [f"rest-{role}" for role in ROLES])
    return {role: made[f"rest-{role}"][1] for role in ROLES}


def clients(server: Server, tokens: dict[str, str]) -> dict[str, httpx.Client]:
    return {role: wire(server, tokens[role]) for role in ROLES}


def make_site(server: Server, people: dict[str, httpx.Client]) -> Site:
    """A project of its own for each test."""
    members = [{"username": f"rest-{role}", "role": role} for role in ("annotator", "viewer")]
    body = {"name": f"Live {next(numbers)}", "fields": FIELDS, "members": members}
    made = people["manager"].post("/projects", json=body)
    assert made.status_code == 201, made.text
    return Site(server, people, made.json()["id"])
