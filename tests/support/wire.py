"""A program's way to the REST API of a real server."""

from __future__ import annotations

import json

import httpx

from tests.support.servers import Server


def wire(server: Server, token: str | None) -> httpx.Client:
    """A client of a real server's API."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(base_url=f"{server.url}/api", headers=headers, timeout=30)


ISSUE_TOKENS = """
import json
from django.contrib.auth import get_user_model
from projects.models import ApiToken
tokens = {}
for name in %r:
    user, _ = get_user_model().objects.get_or_create(username=name, defaults=dict(is_staff=name.endswith("manager")))
    tokens[name] = [user.pk, ApiToken.issue(user)[1]]
print("TOKENS", json.dumps(tokens))
"""


def tokens_of(server: Server, names: list[str]) -> dict[str, tuple[int, str]]:
    """Accounts on a server (made where they are missing) with their ids and a token each, in one go."""
    printed = server.shell(ISSUE_TOKENS % (names,))
    return {name: (user_id, token) for name, (user_id, token) in json.loads(printed.split("TOKENS", 1)[1]).items()}
