"""The server-rendered pages in a real browser: who is here, what logging out leaves behind, the theme, the policy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

PASSWORD = "a-long-password-1"  # as `Server.user` gives it
HOSTILE = "Ariane <img src=x onerror=\"document.title='taken'\"> {{ 7*7 }}"
JOIN = """([document]) => new Promise((joined, failed) => {
    window.socket = new WebSocket(`ws://${location.host}/ws/documents/${document}/`, ["colabel.v1"]);
    window.socket.onmessage = joined;
    window.socket.onclose = failed;
}).then(() => true)"""
KEEP = """(names) => Promise.all(names.map((name) => new Promise((kept) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => { request.result.close(); kept(); };
})))"""

KEEP_UNSAVED = """(name) => new Promise((kept) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("unsaved").put(3, "a tab");
    request.onsuccess = () => { request.result.close(); kept(); };
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    return make_project(server, "seen", [HOSTILE, "Another text."], {"owner": "manager", "ann": "annotator"})


@pytest.fixture
def windows(browser: Browser) -> Iterator[list[BrowserContext]]:
    opened: list[BrowserContext] = []
    yield opened
    for context in opened:
        context.close()


def log_in(server: Server, browser: Browser, windows: list[BrowserContext], name: str) -> Page:
    context = browser.new_context()
    windows.append(context)
    page = context.new_page()
    page.goto(f"{server.url}/accounts/login/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="My projects")).to_be_visible()
    return page


def test_it_shows_who_is_on_a_task_and_when_they_leave(
    server: Server, browser: Browser, windows: list[BrowserContext], made: Made
) -> None:
    owner = log_in(server, browser, windows, "seen-owner")
    owner.goto(f"{server.url}/projects/{made.project}/tasks/")
    row = owner.locator(f'tr[data-task="{made.tasks[1]}"]')
    expect(row.locator(".avatar")).to_have_count(0)
    ann = log_in(server, browser, windows, "seen-ann")
    assert ann.evaluate(JOIN, [made.documents[1]])
    expect(row.get_by_role("img", name="seen-ann")).to_be_visible()
    ann.goto("about:blank")
    expect(row.locator(".avatar")).to_have_count(0)


def test_logging_out_removes_what_the_browser_keeps_and_nothing_else(
    server: Server, browser: Browser, windows: list[BrowserContext], made: Made
) -> None:
    page = log_in(server, browser, windows, "seen-ann")
    page.evaluate(KEEP, ["colabel/2/documents/1", "colabel/2/documents/2", "another site's"])
    page.locator("summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert page.evaluate("indexedDB.databases().then((all) => all.map(({ name }) => name))") == ["another site's"]
    page.goto(f"{server.url}/projects/{made.project}/")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_logging_out_asks_before_it_deletes_what_the_server_lacks(
    server: Server, browser: Browser, windows: list[BrowserContext], made: Made
) -> None:
    page = log_in(server, browser, windows, "seen-ann")
    page.evaluate(KEEP_UNSAVED, "colabel/2/1/1")
    page.evaluate("localStorage.setItem('colabel/refused/2/1', '[{}]')")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.locator("summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_function("indexedDB.databases().then((all) => all.length === 1)")
    assert "3 changes have not reached the server" in asked[0]
    assert "One refused edit is kept to be copied" in asked[0]
    expect(page.get_by_role("heading", name="My projects")).to_be_visible()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


def test_hostile_texts_are_read_and_not_run(
    server: Server, browser: Browser, windows: list[BrowserContext], made: Made
) -> None:
    page = log_in(server, browser, windows, "seen-ann")
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{server.url}/projects/{made.project}/tasks/?search=ariane")
    expect(page.get_by_role("link", name=HOSTILE)).to_be_visible()
    expect(page.locator("mark")).to_have_text("Ariane")
    assert page.locator("main img").count() == 0
    assert "taken" not in page.title()
    assert complaints == []


def test_filters_stay_in_the_address(
    server: Server, browser: Browser, windows: list[BrowserContext], made: Made
) -> None:
    page = log_in(server, browser, windows, "seen-ann")
    page.goto(f"{server.url}/projects/{made.project}/tasks/")
    page.get_by_label("Status").select_option("submitted")
    expect(page.get_by_text("No task matches")).to_be_visible()
    assert page.url == f"{server.url}/projects/{made.project}/tasks/?status=submitted"


def test_a_chosen_theme_holds_on_the_next_page(
    server: Server, browser: Browser, windows: list[BrowserContext], made: Made
) -> None:
    page = log_in(server, browser, windows, "seen-ann")
    page.emulate_media(color_scheme="light")
    page.locator("summary").click()
    page.get_by_role("button", name="Dark").click()
    page.goto(f"{server.url}/projects/{made.project}/")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 20, 26)"


@pytest.mark.parametrize("path", ["/", "/projects/{}/", "/projects/{}/tasks/", "/projects/{}/export/"])
def test_pages_fit_a_telephone(
    server: Server, browser: Browser, windows: list[BrowserContext], made: Made, path: str
) -> None:
    page = log_in(server, browser, windows, "seen-owner")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(server.url + path.format(made.project))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
