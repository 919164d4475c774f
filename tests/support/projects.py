"""Small projects on a running server, made as a script of a user would."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.support.servers import Server

MAKE = """
import json
from django.contrib.auth import get_user_model
from projects import live, project_templates
from projects.models import Label, Membership, Role, Task
U = get_user_model().objects
owner = U.get(username={owner!r})
project = project_templates.create_project({name!r}, {template!r}, {labels!r}, owner)
for name, role in {members!r}.items():
    if name != {owner!r}:
        Membership.objects.create(project=project, user=U.get(username=name), role=role)
tasks = [Task.objects.create(project=project, text=text) for text in {texts!r}]
documents = [live.document_of(task.pk).pk for task in tasks]
print("MADE", json.dumps([project.pk, [t.pk for t in tasks], documents]))
"""


@dataclass
class Made:
    """What was made: ids, and the tokens of its people by name."""

    project: int
    tasks: list[int]
    documents: list[int]
    users: dict[str, int]
    tokens: dict[str, str]


def make_project(
    server: Server,
    name: str,
    texts: list[str],
    members: dict[str, str],
    template: str = "both",
    labels: dict[str, list[str]] | None = None,
) -> Made:
    """A project of a template. `members`: role by name; the first is its owner (manager). Names get the project's as prefix."""
    named = {f"{name}-{person}": role for person, role in members.items()}
    users = {person: server.user(f"{name}-{person}") for person in members}
    owner = next(iter(named))
    code = MAKE.format(owner=owner, name=name, template=template, labels=labels, members=named, texts=texts)
    project, tasks, documents = json.loads(server.shell(code).split("MADE")[-1])
    tokens = {person: server.token(f"{name}-{person}") for person in members}
    return Made(project, tasks, documents, users, tokens)
