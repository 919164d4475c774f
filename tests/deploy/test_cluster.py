"""The layout of deploy/ as plain processes: nginx with TLS, PostgreSQL, Redis, two Daphnes, two workers."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
import websockets
from pycrdt import Doc

from annotator.collaboration.messages import encode_awareness
from tests.support.backends import Call, ScriptedBackend
from tests.support.cluster import NAME, NEEDED, Cluster, Unit
from tests.support.peers import Peer
from tests.support.processes import missing, wait_until
from tests.support.projects import PASSWORD, Made, make_project

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(missing(*NEEDED)), reason=missing(*NEEDED))]

ROLES = {"owner": "manager", "ann": "annotator", "ben": "annotator"}
TEXT = "Empire State Building = ESB. Pretty bad storm here last evening."


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    try:
        yield made.start()
    finally:
        made.remove()


@pytest.fixture(scope="module")
def made(cluster: Cluster) -> Made:
    return make_project(cluster, "cluster", [TEXT] * 10, ROLES, memory=False)


@pytest.fixture(autouse=True)
def trusted(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets, too, trust the certificate of this installation."""
    monkeypatch.setenv("SSL_CERT_FILE", str(cluster.certificate))


def api(cluster: Cluster, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=f"{cluster.url}/api", headers=headers, verify=cluster.tls(), timeout=60)


def browser(cluster: Cluster) -> httpx.Client:
    return httpx.Client(base_url=cluster.url, verify=cluster.tls(), timeout=30)


def log_in(cluster: Cluster, name: str) -> httpx.Client:
    client = browser(cluster)
    client.get("/accounts/login/")
    form = {"login": name, "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
    answer = client.post("/accounts/login/", data=form, headers={"Origin": cluster.origin})
    assert answer.status_code == 302, answer.text
    return client


def exported(cluster: Cluster, made: Made) -> dict[int, set[str]]:
    """Ids of annotations by task."""
    with api(cluster, made.tokens["owner"]) as client:
        answer = client.get(f"/projects/{made.project}/export")
    assert answer.status_code == 200, answer.text
    lines = [json.loads(line) for line in answer.text.splitlines()]
    return {line["id"]: {each["id"] for each in line["annotations"]} for line in lines}


def test_a_login_goes_through_tls_only(cluster: Cluster, made: Made) -> None:
    plain = httpx.get(f"http://127.0.0.1:{cluster.http_port}/projects/", headers={"Host": "localhost"})
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://localhost/projects/")
    client = log_in(cluster, made.login("ann"))
    session = next(cookie for cookie in client.cookies.jar if cookie.name == "sessionid")
    assert session.secure
    page = client.get(f"/projects/{made.project}/")
    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    client.close()


def test_nginx_serves_static_files_itself(cluster: Cluster) -> None:
    with browser(cluster) as client:
        answer = client.get("/static/icons/favicon.svg")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Server"] == "nginx"
    assert "max-age=3600" in answer.headers["Cache-Control"]


def test_failed_logins_are_counted_in_all_processes_together(cluster: Cluster) -> None:
    said = []
    with browser(cluster) as client:
        for _ in range(7):  # each goes to either process
            client.get("/accounts/login/")
            form = {"login": "nobody", "password": "wrong", "csrfmiddlewaretoken": client.cookies["csrftoken"]}
            said.append(client.post("/accounts/login/", data=form, headers={"Origin": cluster.origin}).text)
    assert "Too many failed attempts" not in said[4]
    assert "Too many failed attempts" in said[5]


async def test_a_browser_comes_through_nginx_with_its_cookie(cluster: Cluster, made: Made) -> None:
    client = await asyncio.to_thread(log_in, cluster, made.login("ann"))
    cookie = f"sessionid={client.cookies['sessionid']}"
    client.close()
    document = made.documents[0]
    async with Peer(cluster.ws_url, document, headers={"Cookie": cookie, "Origin": cluster.origin}) as ann:
        ann.map("annotations")["annotation-1"] = made.span("ann")
        await ann.until_saved()
    with pytest.raises(websockets.InvalidStatus):
        await websockets.connect(
            f"{cluster.ws_url}/ws/documents/{document}/",
            additional_headers={"Cookie": cookie, "Origin": "https://evil.example"},
        )
    assert exported(cluster, made)[made.tasks[0]] == {"annotation-1"}


@pytest.mark.promise("P4")
async def test_what_was_said_on_one_daphne_is_there_for_who_comes_to_the_other(cluster: Cluster, made: Made) -> None:
    one, other = (f"ws://127.0.0.1:{port}" for port in cluster.ports)
    async with Peer(one, made.documents[1], made.tokens["ann"]) as ann:
        ann.map("annotations")["annotation-1"] = made.span("ann")
        await ann.until_saved()
        async with Peer(other, made.documents[1], made.tokens["ben"]) as ben:
            assert "annotation-1" in ben.map("annotations")


@pytest.mark.promise("P4")
async def test_two_people_on_different_daphnes_see_each_other_label(cluster: Cluster, made: Made) -> None:
    one, other = (f"ws://127.0.0.1:{port}" for port in cluster.ports)
    async with (
        Peer(one, made.documents[2], made.tokens["ann"]) as ann,
        Peer(other, made.documents[2], made.tokens["ben"]) as ben,
    ):
        ann.map("annotations")["annotation-1"] = made.span("ann")
        await ben.until(lambda: "annotation-1" in ben.map("annotations"))
        ben.map("annotations")["annotation-2"] = made.span("ben")
        await ann.until(lambda: "annotation-2" in ann.map("annotations"))


@pytest.mark.promise("P4")
async def test_people_on_different_daphnes_are_seen_in_the_task_and_in_the_queue(cluster: Cluster, made: Made) -> None:
    one, other = (f"ws://127.0.0.1:{port}" for port in cluster.ports)
    document, task = made.documents[3], made.tasks[3]
    async with (
        Peer(one, document, made.tokens["ann"]) as ann,
        Peer(other, document, made.tokens["ben"]) as ben,
        watching(other, made) as here,
    ):
        ann.send(encode_awareness([(ann.doc.client_id, 1, '{"cursor":3}')]))
        await ben.until(lambda: any('"cursor":3' in (state or "") for state in ben.awareness.values()))
        while not {(made.users["ann"], task), (made.users["ben"], task)} <= await here():
            pass


@contextlib.asynccontextmanager
async def watching(address: str, made: Made) -> AsyncIterator[Callable[[], Awaitable[set[tuple[int, int]]]]]:
    """A project's socket, read until the next list of who is where."""
    headers = {"Authorization": f"Bearer {made.tokens['owner']}"}
    async with websockets.connect(f"{address}/ws/projects/{made.project}/", additional_headers=headers) as socket:

        async def here() -> set[tuple[int, int]]:
            async with asyncio.timeout(20):
                while (event := json.loads(await socket.recv()))["type"] != "here":
                    pass
            return {(person["user"]["id"], person["task"]) for person in event["people"]}

        yield here


async def test_a_run_is_seen_on_every_daphne_and_stopped_from_any(cluster: Cluster, made: Made) -> None:
    await see_and_stop_a_run(cluster, made, 3)


async def test_a_run_is_seen_and_stopped_from_any_daphne_without_redis(cluster: Cluster, made: Made) -> None:
    cluster.redis.kill()
    try:
        await see_and_stop_a_run(cluster, made, 9)
    finally:
        cluster.redis.start()


async def see_and_stop_a_run(cluster: Cluster, made: Made, number: int) -> None:
    """A run is started at one Daphne; who has the task open at the other sees it, and stops it there."""
    one, other = cluster.ports
    document, task = made.documents[number], made.tasks[number]

    async def endless(call: Call) -> None:
        await call.head()
        await call.span("Empire", "location")
        await call.hang()

    def ask(port: int, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {made.tokens['owner']}", "Host": NAME, "X-Forwarded-Proto": "https"}
        return httpx.request(method, f"http://127.0.0.1:{port}/api{path}", headers=headers, timeout=30, **more)

    with ScriptedBackend(endless) as backend:
        settings = {"name": f"slow {number}", "kind": "stream", "url": backend.url, "run_on_open": False}
        added = await asyncio.to_thread(ask, one, "POST", f"/projects/{made.project}/backends", json=settings)
        assert added.status_code == 201, added.text
        async with Peer(f"ws://127.0.0.1:{other}", document, made.tokens["ben"]) as ben:
            asked = {"backend": added.json()["id"]}
            run = await asyncio.to_thread(ask, one, "POST", f"/tasks/{task}/runs", json=asked)
            assert run.status_code == 201, run.text
            await ben.until(lambda: any(e["run"]["suggestions"] == 1 for e in ben.events if e["type"] == "run"))
            await ben.until(
                lambda: any(e["origin"] == "model" for e in (ben.map("annotations").to_py() or {}).values())
            )
            stopped = await asyncio.to_thread(ask, other, "DELETE", f"/runs/{run.json()['id']}")
            assert stopped.json()["state"] == "stopped"
            assert stopped.json()["stopped_by"] == made.login("owner")
            assert backend.wait_for_call().gone.wait(10)
            await ben.until(lambda: any(e["run"]["state"] == "stopped" for e in ben.events if e["type"] == "run"))


@contextlib.contextmanager
def without_redis(cluster: Cluster) -> Iterator[None]:
    """Redis is away, and is there again for the next test whatever comes of this one."""
    cluster.redis.kill()
    try:
        yield
    finally:
        cluster.redis.start()


@pytest.mark.promise("P4")
async def test_without_redis_nothing_stops_and_nothing_is_lost(cluster: Cluster, made: Made) -> None:
    one, other = (f"ws://127.0.0.1:{port}" for port in cluster.ports)
    document = made.documents[8]
    async with (
        Peer(one, document, made.tokens["ann"]) as ann,
        Peer(one, document, made.tokens["owner"]) as beside,
        Peer(other, document, made.tokens["ben"]) as ben,
    ):
        with without_redis(cluster):
            for number in range(5):
                ann.map("annotations")[f"annotation-{number}"] = made.span("ann")
                await ann.until_saved()
                await beside.until(lambda number=number: f"annotation-{number}" in beside.map("annotations"))
            await ben.until(lambda: "annotation-4" in ben.map("annotations"))  # by a look at the heads
            async with Peer(other, document, made.tokens["owner"]) as late:
                assert "annotation-4" in late.map("annotations")
        ben.map("annotations")["annotation-5"] = made.span("ben")
        await ann.until(lambda: "annotation-5" in ann.map("annotations"))


def test_an_upload_is_imported_by_a_worker_and_exported_again(cluster: Cluster) -> None:
    imports = make_project(cluster, "imports", [], {"owner": "manager"})
    project = imports.project
    with api(cluster, imports.tokens["owner"]) as client:
        rows = [{"text": f"Row {number} {'word ' * 2000}"} for number in range(1200)]  # 12 MB: more than a form may be
        file = "".join(json.dumps(row) + "\n" for row in rows).encode()
        job = client.post(f"/projects/{project}/import", files={"file": ("rows.jsonl", file)})
        assert job.status_code == 202, job.text

        def ended() -> Any:
            found = client.get(f"/jobs/{job.json()['id']}").json()
            return found if found["state"] in ("done", "failed", "cancelled") else None

        found = wait_until(ended, "the job's end")
        assert (found["state"], found["taken"]) == ("done", 1200), found
        lines = client.get(f"/projects/{project}/export").text.splitlines()
        assert [json.loads(line)["data"]["text"] for line in lines] == [row["text"] for row in rows]
        assert client.post("/projects", content=b" " * 10_000_000).status_code == 413


def test_without_redis_people_log_in_and_uploads_are_imported(cluster: Cluster) -> None:
    imports = make_project(cluster, "bellless", [], {"owner": "manager"})
    with without_redis(cluster):
        log_in(cluster, imports.login("owner")).close()
        with api(cluster, imports.tokens["owner"]) as client:
            file = b"one\ntwo\nthree\n"
            job = client.post(f"/projects/{imports.project}/import", files={"file": ("rows.txt", file)})
            assert job.status_code == 202, job.text
            wait_until(lambda: client.get(f"/jobs/{job.json()['id']}").json()["state"] == "done", "the job's end")


# -- a rolling restart under editing -------------------------------------------------------------------------------------


class Editor:
    """Somebody who labels on and on, and comes back whenever he is sent away."""

    def __init__(self, cluster: Cluster, made: Made, document: int, who: str, number: int) -> None:
        self.doc: Doc[Any] = Doc()
        self.made_: set[str] = set()
        self.acknowledged: set[str] = set()
        self.closed_with: list[int | None] = []
        self._at = cluster, made, document, who, number

    async def work(self, ending: asyncio.Event) -> None:
        cluster, made, document, who, _ = self._at
        while not ending.is_set() or self.acknowledged != self.made_:
            with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError):
                async with Peer(cluster.ws_url, document, made.tokens[who], doc=self.doc) as peer:
                    await self._label(peer, ending)
                    self.closed_with.append(peer.close_code)
            await asyncio.sleep(0.05)

    async def _label(self, peer: Peer, ending: asyncio.Event) -> None:
        _, made, _, who, number = self._at
        while peer.close_code is None:
            await peer.until(lambda: peer.saved >= peer.sent or peer.close_code is not None)
            if peer.saved >= peer.sent:
                self.acknowledged = set(self.made_)
            if ending.is_set() and self.acknowledged == self.made_:
                return
            id = f"annotation-{number}-{len(self.made_)}"
            self.made_.add(id)
            peer.map("annotations")[id] = made.span(who)
            await asyncio.sleep(0.01)


async def restart(cluster: Cluster, unit: Unit) -> None:
    assert await asyncio.to_thread(unit.stop) == 0
    unit.start()
    await asyncio.to_thread(cluster.wait_for_daphne, unit)


@pytest.mark.promise("P2")
async def test_a_rolling_restart_loses_nothing_that_was_acknowledged(cluster: Cluster, made: Made) -> None:
    editors = [
        Editor(cluster, made, made.documents[4 + number // 2], ("ann", "ben")[number % 2], number)
        for number in range(4)
    ]
    ending = asyncio.Event()
    work = [asyncio.create_task(editor.work(ending)) for editor in editors]
    async with asyncio.timeout(100):
        while not all(len(editor.acknowledged) > 5 for editor in editors):
            await asyncio.sleep(0.02)
        for unit in cluster.daphnes:
            await restart(cluster, unit)
            before = [len(editor.acknowledged) for editor in editors]
            while not all(len(e.acknowledged) > n for e, n in zip(editors, before, strict=True)):
                await asyncio.sleep(0.02)
        ending.set()
        await asyncio.gather(*work)
    assert 1012 in {code for editor in editors for code in editor.closed_with}
    found = await asyncio.to_thread(exported, cluster, made)
    for number in (0, 2):
        task = made.tasks[4 + number // 2]
        assert found[task] == editors[number].made_ | editors[number + 1].made_


@pytest.mark.promise("P2")
async def test_people_go_on_after_postgresql_was_restarted(cluster: Cluster, made: Made) -> None:
    editor = Editor(cluster, made, made.documents[7], "ann", 7)
    ending = asyncio.Event()
    work = asyncio.create_task(editor.work(ending))
    async with asyncio.timeout(100):
        while len(editor.acknowledged) < 5:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(cluster.postgres.stop)
        before = len(editor.acknowledged)
        await asyncio.to_thread(cluster.postgres.start)
        while len(editor.acknowledged) < before + 5:
            await asyncio.sleep(0.02)
        ending.set()
        await work
    found = await asyncio.to_thread(exported, cluster, made)
    assert found[made.tasks[7]] == editor.made_
