"""A project to look at through its pages, the people who look, and a reader of the HTML they get."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client

from projects.models import Annotation, Document, Field, FieldKind, Label, Membership, Project, Role, Task

ROLES = ("manager", "reviewer", "annotator", "viewer")


@dataclass
class Shown:
    """A project with a field `entities`, and a logged-in browser for each of its people."""

    project: Project
    users: dict[str, Any] = field(default_factory=dict)

    def browser(self, name: str) -> Client:
        """Of `name`; nobody is logged in where there is no such user."""
        client = Client()
        if name in self.users:
            client.force_login(self.users[name])
        return client

    def get(self, name: str, path: str) -> Any:
        return self.browser(name).get(path.format(id=self.project.pk))

    def html(self, name: str, path: str) -> str:
        response = self.get(name, path)
        assert response.status_code == 200, response
        return str(response.content.decode())

    def task(self, text: str = "A text.", **more: Any) -> Task:
        task = Task.objects.create(project=self.project, text=text, **more)
        Document.objects.create(task=task)
        return task

    def say(self, task: Task, label: str = "person", **more: Any) -> Annotation:
        """A row of the projection, as if somebody had said so in the task's document."""
        said = {"field": "entities", "kind": "span", "origin": "human", "status": "accepted", "created": ""} | more
        key = f"said-{Annotation.objects.count()}"
        return Annotation.objects.create(
            project=self.project, task=task, document=task.documents.get(), key=key, label=label, **said
        )


def make_shown(name: str = "News", **more: Any) -> Shown:
    """A project with somebody of each role, and a `stranger`, who has a project of his own."""
    shown = Shown(Project.objects.create(name=name, **more))
    users = get_user_model().objects
    for role in ROLES:
        shown.users[role] = users.create_user(role, is_staff=role == "manager")
        Membership.objects.create(project=shown.project, user=shown.users[role], role=role)
    shown.users["stranger"] = users.create_user("stranger")
    own = Project.objects.create(name="Elsewhere")
    Membership.objects.create(project=own, user=shown.users["stranger"], role=Role.MANAGER)
    entities = Field.objects.create(project=shown.project, key="entities", name="Entities", kind=FieldKind.SPAN)
    for position, key in enumerate(("person", "place")):
        Label.objects.create(field=entities, key=key, name=key.title(), colour="#1878fc", position=position)
    return shown


class Markup(HTMLParser):
    """The elements of a page, the text in them, and what a strict policy would refuse."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._skipped = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def links(self) -> list[str]:
        return [attributes.get("href") or "" for tag, attributes in self.elements if tag == "a"]

    def refused(self) -> list[str]:
        """Inline scripts and styles, handlers, and addresses that run."""
        found = []
        for tag, attributes in self.elements:
            if tag == "style" or (tag == "script" and not attributes.get("src") and attributes.get("type") != JSON):
                found.append(tag)
            found += [f"{tag} {name}" for name in attributes if name.startswith("on")]
            found += [f"{tag} {v}" for v in attributes.values() if v and v.strip().lower().startswith("javascript:")]
        return found


JSON = "application/json"
