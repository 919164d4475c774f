"""Who may not, cannot, whatever his browser tries; and what people and models write is text, never markup."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from pycrdt import Doc, Map, create_update_message

from tests.support.backends import Call, ScriptedBackend
from tests.support.browsers import Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server
from tests.support.wire import wire

pytestmark = pytest.mark.browser

TEXT = "Ada Lovelace met Charles Babbage in London."
PERSON = "1"
ATTACK = "window.taken = true"
HOSTILE = (
    f'Ada <img src=x onerror="{ATTACK}"> <script>{ATTACK}</script></script> {{{{7*7}}}} ${{7*7}} '
    f"\u202egnirts\u202c zero\u200bwidth <style>*{{display:none}}</style> \"'><svg onload={ATTACK}> "
    f"javascript:{ATTACK} &lt;b&gt; --> ]]>"
)
NAME = f'<img src=x onerror="{ATTACK}">'
CLOSING = f"</script><script>{ATTACK}</script>"

# Opens a socket, sends bytes when it may, and tells all that came of it.
TRY = """([address, bytes]) => new Promise((told) => {
    const heard = [];
    const socket = new WebSocket(address, ["colabel.v1"]);
    socket.onmessage = ({ data }) => {
        if (typeof data !== "string") return;
        heard.push(JSON.parse(data));
        if (heard.at(-1).type === "hello") socket.send(new Uint8Array(bytes));
        if (heard.at(-1).type === "refused" || heard.at(-1).type === "saved") { socket.close(); told({ heard }); }
    };
    socket.onclose = ({ code }) => told({ heard, code });
})"""


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    members = {"owner": "manager", "ann": "annotator", "vic": "viewer"}
    return without_models(server, make_project(server, "trust", [TEXT] * 3, members))


@pytest.fixture(scope="module")
def elsewhere(server: Server) -> Made:
    return make_project(server, "elsewhere", [TEXT], {"eve": "manager"})


def an_edit(made: Made, person: str) -> list[int]:
    """A well-formed message that says something as this person."""
    doc: Doc[Any] = Doc()
    doc.get("annotations", type=Map)["a-raw-edit-0001"] = {
        "kind": "span",
        "field": "entities",
        "label": "person",
        "value": {"start": 0, "end": 3},
        "author": made.users[person],
        "origin": "human",
        "created": "2026-01-01T00:00:00.000Z",
    }
    return list(create_update_message(doc.get_update()))


def try_socket(page: Page, made: Made, server: Server, person: str) -> dict[str, Any]:
    told: dict[str, Any] = page.evaluate(
        TRY, [f"{server.ws_url}/ws/documents/{made.documents[0]}/", an_edit(made, person)]
    )
    return told


@pytest.mark.promise("P5")
def test_a_viewer_sees_everything_live_and_can_write_nothing(server: Server, desk: Windows, made: Made) -> None:
    ann, vic = desk.open(made, "ann", 0), desk.open(made, "vic", 0)
    ann.label("Ada Lovelace", PERSON)
    vic.expect_said([("Ada Lovelace", "person")])
    expect(vic.page.get_by_text("You can look at this task, but not change it.")).to_be_visible()
    vic.label("London", "3")
    vic.line("Ada Lovelace").get_by_role("button", name="Ada Lovelace").click()
    for key in ("2", "Delete", "a", "x", "5", "Control+z", "Control+Enter"):
        vic.press(key)
    for button in ("Submit", "Skip", "Reopen", "Delete Ada Lovelace"):
        expect(vic.page.get_by_role("button", name=button)).to_have_count(0)
    expect(vic.palette("person")).to_be_disabled()
    expect(vic.answer("positive")).to_be_disabled()
    told = try_socket(vic.page, made, server, "vic")
    assert "saved" not in [event["type"] for event in told["heard"]]
    assert told["heard"][-1]["type"] == "refused"
    vic.until_saved()
    for window in (ann, vic):
        window.expect_said([("Ada Lovelace", "person")])
    assert len(ann.stored()) == 1


def test_a_viewer_who_becomes_an_annotator_may_write_at_once(server: Server, desk: Windows, made: Made) -> None:
    vic = desk.open(made, "vic", 1)
    expect(vic.palette("person")).to_be_disabled()
    set_role(server, made, "vic", "annotator")
    expect(vic.palette("person")).to_be_enabled()
    vic.label("Ada Lovelace", PERSON)
    vic.expect_said([("Ada Lovelace", "person")])
    vic.until_saved()
    set_role(server, made, "vic", "viewer")
    expect(vic.palette("person")).to_be_disabled()
    assert len(vic.stored()) == 1


def set_role(server: Server, made: Made, person: str, role: str) -> None:
    with wire(server, made.tokens["owner"]) as api:
        members = api.get(f"/projects/{made.project}/members").json()["items"]
        member = next(member for member in members if member["user"] == made.users[person])
        assert api.patch(f"/members/{member['id']}", json={"role": role}).status_code == 200


def test_a_stranger_finds_nothing(server: Server, desk: Windows, made: Made, elsewhere: Made) -> None:
    eve = desk.open(elsewhere, "eve", 0)
    eve.may_complain = True  # the browser notes each 404
    told = try_socket(eve.page, made, server, "owner")
    assert (told["code"], told["heard"]) == (4404, [])
    for path in (f"/projects/{made.project}/tasks/{made.tasks[0]}/", f"/projects/{made.project}/"):
        answer = eve.page.goto(server.url + path)
        assert answer is not None
        assert answer.status == 404
        assert "Ada" not in eve.page.content()
    assert eve.page.request.get(f"{server.url}/api/tasks/{made.tasks[0]}").status == 404


def test_who_is_not_logged_in_is_asked_to(server: Server, desk: Windows, made: Made) -> None:
    context: BrowserContext = desk.browser.new_context()
    page = context.new_page()
    page.goto(f"{server.url}/projects/{made.project}/tasks/{made.tasks[0]}/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    told = try_socket(page, made, server, "ann")
    assert (told["code"], told["heard"]) == (4401, [])
    context.close()


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9", "http://evil.example"])
def test_another_origins_socket_is_refused(server: Server, desk: Windows, made: Made, origin: str) -> None:
    """The first is the same site on another port: the cookie goes along, and only the Origin tells."""
    ann = desk.open(made, "ann", 0)
    ann.may_complain = True  # the browser notes that the socket was refused
    page = ann.new_page()
    page.route(f"{origin}/**", lambda route: route.fulfill(content_type="text/html", body="<title>Elsewhere</title>"))
    page.goto(f"{origin}/")
    told = try_socket(page, made, server, "ann")
    assert told["heard"] == []
    assert told["code"] in (1006, 4403)


def test_logging_out_in_one_tab_closes_the_other(server: Server, desk: Windows, made: Made) -> None:
    context = desk.browser.new_context(storage_state=desk.log_in(made.login("owner")))  # a session of its own, to end
    page = context.new_page()
    page.goto(f"{server.url}/projects/{made.project}/tasks/{made.tasks[2]}/")
    expect(page.locator("header .saved")).to_have_attribute("data-state", "saved")
    other = context.new_page()
    other.goto(server.url)
    other.locator("summary").click()
    other.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("alert").filter(has_text="logged out")).to_be_visible()
    expect(page.get_by_role("link", name="Log in")).to_be_visible()
    context.close()


async def hostile_model(call: Call) -> None:
    await call.head()
    await call.say("message", text=NAME + CLOSING)
    start = call.text.index("zero")
    await call.say("suggestion", field="entities", label=NAME, start=start, end=start + 10, score=0.9, version=CLOSING)
    await call.say("suggestion", field="entities", label=CLOSING * 2, start=0, end=3)
    await call.say("error", text=NAME)


@pytest.fixture(scope="module")
def hostile(server: Server) -> Made:
    members = {"owner": "manager", NAME: "annotator", CLOSING: "annotator"}
    labels = {"entities": [NAME, CLOSING, "{{7*7}}"], "category": [NAME, "\u202egnirts"]}
    made = make_project(server, CLOSING, [HOSTILE], members, "both", labels)
    with ScriptedBackend(hostile_model) as model, wire(server, made.tokens["owner"]) as api:
        without_models(server, made)
        path = f"/projects/{made.project}"
        guidelines = f"# {NAME}\n\n{CLOSING} [here](javascript:{ATTACK})"
        assert api.patch(path, json={"name": NAME + CLOSING, "guidelines": guidelines}).status_code == 200
        assert api.post(f"{path}/fields", json={"name": CLOSING, "kind": "text"}).status_code == 201
        backend = {"name": NAME, "kind": "stream", "url": model.url}
        assert api.post(f"{path}/backends", json=backend).status_code == 201
        yield made


@pytest.mark.promise("P8")
def test_hostile_words_stay_text_wherever_they_stand(desk: Windows, hostile: Made) -> None:
    one, two = desk.open(hostile, NAME), desk.open(hostile, CLOSING)
    for window in (one, two):
        window.until(lambda window=window: window.text.evaluate(READ) == HOSTILE)
        expect(window.palette(NAME).first).to_be_visible()
        expect(window.palette("{{7*7}}")).to_be_visible()
        expect(window.page.locator("header .project")).to_have_text(NAME + CLOSING)
        window.tab("Suggestions").click()
        card = window.page.get_by_role("region", name=f"Model {NAME}")
        expect(card.locator(".error")).to_contain_text(NAME)
        expect(card).to_contain_text(CLOSING)
        expect(window.line("zero\u200bwidth")).to_contain_text("0.90")
    one.label("Ada", "2")
    one.written(CLOSING).click()
    one.page.keyboard.insert_text(HOSTILE)
    expect(two.written(CLOSING)).to_have_text(HOSTILE)
    two.tab("Labels").click()
    two.expect_said([("Ada", CLOSING)])
    expect(two.marks("</script>")).to_have_attribute("data-label", CLOSING)
    expect(two.page.locator(".avatar").first).to_be_visible()
    for window in (one, two):
        window.press("Escape")
        window.press("g")
        expect(window.page.get_by_role("dialog")).to_contain_text("here")
        assert window.page.locator("img[src], svg[onload], a[href^=javascript]").count() == 0
        assert window.page.evaluate("window.taken") is None
        assert window.page.title() == f"Task 1 · {NAME}{CLOSING} · Colabel"
        window.until_saved()


READ = """(content) => {
    const copy = content.cloneNode(true);
    return [...copy.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\\n");
}"""


def test_the_page_runs_nothing_that_the_server_did_not_mean(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 0)
    ann.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), { text: 'window.taken = 1' }))"
    )
    ann.until(lambda: any("Content Security Policy" in said for said in ann.complaints))
    ann.may_complain = True
    assert ann.page.evaluate("window.taken") is None
