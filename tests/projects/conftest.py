"""What tests of several files of this folder ask for: a site with a client for each role, a team that calls models."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.runs import Team, make_team
from tests.support.servers import Server
from tests.support.site import Site, clients, make_site, role_tokens


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    """A token for each role."""
    return role_tokens(server)


@pytest.fixture(scope="module")
def people(server: Server, tokens: dict[str, str]) -> Iterator[dict[str, httpx.Client]]:
    """A client for each role."""
    made = clients(server, tokens)
    yield made
    for client in made.values():
        client.close()


@pytest.fixture
def site(server: Server, people: dict[str, httpx.Client]) -> Site:
    """A project of the test's own."""
    return make_site(server, people)


@pytest.fixture(scope="module")
def team(server: Server, request: pytest.FixtureRequest) -> Team:
    """A project of the file's own, with a fresh task whenever one is asked for."""
    return make_team(server, request.module.__name__.rpartition("_")[2])
