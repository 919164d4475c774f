"""A stock `WebsocketProvider` of y-websocket joins, edits and converges, with a token and with a login's cookie."""

from __future__ import annotations

import re
import uuid

import httpx
import pytest

from tests.support.node import StockProvider
from tests.support.peers import Peer
from tests.support.projects import Made, make_project
from tests.support.servers import Server

TEXT = "Empire State Building = ESB."


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    roles = {"owner": "manager", "ann": "annotator", "ben": "annotator", "vic": "viewer"}
    return make_project(server, f"stock{uuid.uuid4().hex[:6]}", [TEXT] * 4, roles)


def login_cookie(server: Server, name: str) -> dict[str, str]:
    with httpx.Client(base_url=server.url, headers={"Origin": server.origin}) as browser:
        page = browser.get("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        form = {"login": name, "password": "a-long-password-1", "csrfmiddlewaretoken": token[1]}
        answer = browser.post("/accounts/login/", data=form)
        assert answer.status_code == 302, answer.text
        return {"Cookie": f"sessionid={browser.cookies['sessionid']}", "Origin": server.origin}


@pytest.mark.promise("P4")
async def test_it_joins_with_a_token_edits_and_converges(server: Server, made: Made) -> None:
    document = made.documents[0]
    bearer = {"Authorization": f"Bearer {made.tokens['ann']}"}
    async with (
        StockProvider(server.ws_url, document, bearer) as stock,
        Peer(server.ws_url, document, made.tokens["ben"]) as ben,
    ):
        assert await stock.hear("synced")
        stock.tell("put", root="annotations", key="from-stock", value=made.span("ann"))
        await ben.until(lambda: "from-stock" in ben.map("annotations"))
        ben.map("annotations")["from-ben-1"] = made.span("ben", end=9)
        found = await stock.until("annotations", lambda all: "from-ben-1" in all)
        assert found["from-ben-1"] == ben.map("annotations")["from-ben-1"]
        people = await stock.ask("people", "people")
        assert people[0].get("user", {}).get("name", "").endswith("ann") or people[0] == {"cursor": 1}


async def test_it_joins_with_the_cookie_of_a_login(server: Server, made: Made) -> None:
    document = made.documents[1]
    name = made.login("ann")
    async with StockProvider(server.ws_url, document, login_cookie(server, name)) as stock:
        assert await stock.hear("synced")
        stock.tell("put", root="annotations", key="from-cookie", value=made.span("ann"))
        async with Peer(server.ws_url, document, made.tokens["ben"]) as ben:
            await ben.until(lambda: "from-cookie" in ben.map("annotations"))


@pytest.mark.promise("P3")
async def test_what_it_edits_offline_on_both_sides_merges_when_it_is_back(server: Server, made: Made) -> None:
    document = made.documents[2]
    bearer = {"Authorization": f"Bearer {made.tokens['ann']}"}
    async with (
        StockProvider(server.ws_url, document, bearer) as stock,
        Peer(server.ws_url, document, made.tokens["ben"]) as ben,
    ):
        assert await stock.hear("synced")
        stock.tell("disconnect")
        await stock.hear("closed")
        offline = {f"{what}-{number}" for what in ("offline", "meanwhile") for number in range(20)}
        for number in range(20):
            stock.tell("put", root="annotations", key=f"offline-{number}", value=made.span("ann"))
            ben.map("annotations")[f"meanwhile-{number}"] = made.span("ben")
        await ben.until_saved()
        stock.tell("connect")
        await stock.until("annotations", lambda all: offline <= set(all))
        await ben.until(lambda: offline <= set(ben.map("annotations")))


@pytest.mark.promise("P5")
async def test_its_wrong_edit_sends_it_away_for_good(server: Server, made: Made) -> None:
    document = made.documents[3]
    async with StockProvider(server.ws_url, document, {"Authorization": f"Bearer {made.tokens['vic']}"}) as stock:
        assert await stock.hear("synced")
        stock.tell("put", root="annotations", key="from-viewer", value=made.span("vic"))
        assert await stock.hear("closed") == 4422
