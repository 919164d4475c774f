"""Small projects on a running server, made as a script of a user would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from projects.document import statement
from tests.support.servers import Server

PASSWORD = "a-long-password-1"
# One start of Django for all of it: each costs more than the rest together.
MAKE = """
import json
from django.contrib.auth.models import User
from projects import live, project_templates
from projects.models import ApiToken, Membership, Task
users, tokens = {{}}, {{}}
for person in {members!r}:
    user = User.objects.create_user({name!r} + "-" + person, password={password!r})
    users[person], tokens[person] = user, ApiToken.issue(user)[1]
owner = users[next(iter(users))]
project = project_templates.create_project({name!r}, {template!r}, {labels!r}, owner)
for person, role in {members!r}.items():
    if users[person] != owner:
        Membership.objects.create(project=project, user=users[person], role=role)
project.backends.update(enabled={memory!r})
tasks = [Task.objects.create(project=project, text=text) for text in {texts!r}]
documents = [live.document_of(task.pk).pk for task in tasks]
ids = {{person: user.pk for person, user in users.items()}}
print("MADE", json.dumps([project.pk, [t.pk for t in tasks], documents, ids, tokens]))
"""


@dataclass
class Made:
    """What was made: ids, and the ids and tokens of its people by their short names. A login is `<name>-<person>`."""

    name: str
    project: int
    tasks: list[int]
    documents: list[int]
    users: dict[str, int]
    tokens: dict[str, str]

    def login(self, person: str) -> str:
        return f"{self.name}-{person}"

    def span(self, person: str, start: int = 0, end: int = 6, label: str = "location") -> dict[str, Any]:
        """What this person says about the field of entities."""
        value = {"start": start, "end": end}
        return statement("span", "entities", label, value, self.users[person], "human", "2026-11-21T12:00:00.000Z")


def make_project(
    server: Server,
    name: str,
    texts: list[str],
    members: dict[str, str],
    template: str = "both",
    labels: dict[str, list[str]] | None = None,
    memory: bool = True,
) -> Made:
    """A project of a template. `members`: role by person; the first is its owner (manager).

    Without `memory` nothing is in its documents but what people say.
    """
    code = MAKE.format(
        name=name, template=template, labels=labels, members=members, texts=texts, memory=memory, password=PASSWORD
    )
    return Made(name, *json.loads(server.shell(code).split("MADE")[-1]))
