"""Windows on the workspace: a real Chromium, people logged in, what a hand does there, and what stands on the screen."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as NotInTime

from tests.support.projects import PASSWORD, Made
from tests.support.servers import Server
from tests.support.wire import wire

WAIT_MS = 30_000
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]

# Where to press and where to let go so that `wording` is selected; by what the page shows, not by what we think it does.
PLACE = r"""([wording, nth]) => {
    const places = [];
    let text = "";
    document.querySelectorAll(".text .cm-line").forEach((line, number) => {
        if (number) { text += "\n"; places.push(null); }
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            for (let at = 0; at < node.data.length; at++) places.push([node, at]);
            text += node.data;
        }
    });
    let from = -1;
    for (let i = 0; i <= nth; i++) from = text.indexOf(wording, from + 1);
    if (from < 0) throw new Error(`“${wording}” does not stand in “${text}”`);
    const letters = [...new Intl.Segmenter().segment(wording)];
    const boxes = (letter) => {
        const range = document.createRange();
        const [first, last] = [places[from + letter.index], places[from + letter.index + letter.segment.length - 1]];
        range.setStart(first[0], first[1]);
        range.setEnd(last[0], last[1] + 1);
        return [...range.getClientRects()].filter((box) => box.width > 0);
    };
    const isRightToLeft = (letter) => /[\u0590-\u08ff]/.test(letter.segment);
    const [first, last] = [letters[0], letters[letters.length - 1]];
    const [begin, end] = [boxes(first)[0], boxes(last).at(-1)];
    return [
        isRightToLeft(first) ? begin.right - 1 : begin.left + 1, begin.top + begin.height / 2,
        isRightToLeft(last) ? end.left + 1 : end.right - 1, end.top + end.height / 2,
    ];
}"""

# Every line of the list: what it speaks of and how it is labelled; answers to a field speak for themselves.
SAID = """() => [...document.querySelectorAll('[aria-label="Labels in this task"] > li')].map((line) => {
    const chosen = line.querySelector("select.relabel")?.selectedOptions[0];
    const label = chosen ?? (line.querySelector(".about > span[aria-hidden]")?.previousElementSibling);
    return [line.querySelector(".wording").textContent, label?.textContent ?? null];
})"""

TELL_OF_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error("The policy forbids", event.violatedDirective, event.blockedURI, event.sample));"""

Said = list[tuple[str, str | None]]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that CHROMIUM names."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or shutil.which("chromium")
        running = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        running.close()


class Window:
    """One person's browser window. `complaints`: what the console and the content policy said, which should be nothing."""

    def __init__(self, server: Server, context: BrowserContext, made: Made, person: str) -> None:
        self.server, self.context, self.made, self.person = server, context, made, person
        self.complaints: list[str] = []
        self.may_complain = False
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(TELL_OF_VIOLATIONS)
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Another tab of the same person, which takes this one's place."""
        self.page = self.context.new_page()
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return self.page

    # -- going somewhere -------------------------------------------------------------------------------------------

    def address(self, task: int) -> str:
        return f"{self.server.url}/projects/{self.made.project}/tasks/{self.made.tasks[task]}/"

    def open(self, task: int = 0) -> Window:
        """Show a task (by its number in the project made), and wait until it is live."""
        self.task = task
        self.page.goto(self.address(task))
        self.until_saved()
        return self

    def until_saved(self) -> None:
        expect(self.saved).to_have_attribute("data-state", "saved")

    def until_offline(self, unsaved: int = 0) -> None:
        expect(self.saved).to_have_attribute("data-state", "offline")
        if unsaved:
            expect(self.saved).to_contain_text(f"{unsaved} unsaved")

    # -- what stands there -----------------------------------------------------------------------------------------

    @property
    def saved(self) -> Locator:
        return self.page.locator("header .saved")

    @property
    def text(self) -> Locator:
        return self.page.locator(".text .cm-content")

    @property
    def activity(self) -> Locator:
        """The line that says what a colleague did last."""
        return self.page.locator("footer .activity")

    def marks(self, label: str = "") -> Locator:
        """The end of each mark in the text, where its label stands."""
        return self.page.locator(f".text [data-label^='{label}']" if label else ".text [data-label]")

    def line(self, wording: str) -> Locator:
        """A line of the list in view: labels or suggestions."""
        button = self.page.get_by_role("button", name=wording, exact=True)
        return self.page.locator("aside.right li.entry").filter(has=button)

    def palette(self, label: str) -> Locator:
        name = self.page.locator(".name").get_by_text(label, exact=True)
        return self.page.locator("aside.left button.label").filter(has=name)

    def count_of(self, label: str) -> Locator:
        return self.palette(label).locator(".n")

    def answer(self, label: str) -> Locator:
        """A choice's answer, as a screen reader finds it: `radio` or `checkbox`."""
        return self.palette(label)

    def tab(self, name: str) -> Locator:
        return self.page.get_by_role("tab", name=name)

    def written(self, field: str) -> Locator:
        """The editor of a free-text field."""
        return self.page.get_by_role("textbox", name=field, exact=True)

    def said(self) -> Said:
        """The list of labels, as (wording, label)."""
        return [(wording, label) for wording, label in self.page.evaluate(SAID)]

    def expect_said(self, said: Said) -> None:
        self.until(lambda: self.said() == said, lambda: f"{self.person} sees {self.said()}, not {said}")

    def until(
        self, fact: Callable[[], bool], otherwise: Callable[[], str] = lambda: "It did not come to pass."
    ) -> None:
        """Wait until something holds that no locator can tell."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while not fact():
            if time.monotonic() > deadline:
                raise AssertionError(otherwise())
            self.page.wait_for_timeout(50)

    # -- what a hand does ------------------------------------------------------------------------------------------

    def select(self, wording: str, nth: int = 0) -> None:
        """Draw over the nth place where `wording` stands, with the mouse."""
        self.page.locator(".text .cm-line").first.wait_for()
        left, top, right, bottom = self.page.evaluate(PLACE, [wording, nth])
        mouse = self.page.mouse
        mouse.move(left, top)
        mouse.down()
        mouse.move((left + right) / 2, (top + bottom) / 2)
        mouse.move(right, bottom)
        mouse.up()

    def label(self, wording: str, key: str, nth: int = 0) -> None:
        """Select, and press a label's key."""
        self.select(wording, nth)
        self.press(key)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    # -- what the server says --------------------------------------------------------------------------------------

    def api(self) -> httpx.Client:
        """A program's way in, as the same person."""
        return wire(self.server, self.made.tokens[self.person])

    def stored(self, task: int | None = None) -> list[dict[str, Any]]:
        """What is committed of a task, as the API reads it."""
        number = self.made.tasks[self.task if task is None else task]
        with self.api() as api:
            answer = api.get(f"/tasks/{number}/annotations")
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


class Windows:
    """Opens windows, and closes them when a test ends. Each person logs in once a server."""

    _sessions: dict[tuple[str, str], Any] = {}

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server = browser, server
        self.opened: list[Window] = []

    def open(self, made: Made, person: str, task: int | None = 0, **context: Any) -> Window:
        """A window of `person`; on a task, if one is given."""
        state = self._session(made.login(person))
        context = {"viewport": {"width": 1280, "height": 800}, **context}
        window = Window(self.server, self.browser.new_context(storage_state=state, **context), made, person)
        self.opened.append(window)
        return window if task is None else window.open(task)

    def close(self) -> None:
        for window in self.opened:
            window.context.close()

    def complaints(self) -> list[str]:
        return [said for window in self.opened if not window.may_complain for said in window.complaints]

    def _session(self, login: str) -> Any:
        key = (self.server.url, login)
        if key not in self._sessions:
            self._sessions[key] = self.log_in(login)
        return self._sessions[key]

    def log_in(self, login: str) -> Any:
        """Through the login page's form, without a window: pages are tested elsewhere."""
        context = self.browser.new_context()
        address = f"{self.server.url}/accounts/login/"
        context.request.get(address)
        token = next(cookie["value"] for cookie in context.cookies() if cookie["name"] == "csrftoken")
        form = {"login": login, "password": PASSWORD, "csrfmiddlewaretoken": token}
        context.request.post(address, form=form, headers={"Referer": address})
        state = context.storage_state()
        context.close()
        assert any(cookie["name"] == "sessionid" for cookie in state["cookies"]), f"{login} could not log in"
        return state


def without_models(server: Server, made: Made) -> Made:
    """Put the project's own suggester out: what one test labels would be suggested in the next one's task."""
    with wire(server, next(iter(made.tokens.values()))) as api:
        for backend in api.get(f"/projects/{made.project}/backends").json()["items"]:
            assert api.patch(f"/backends/{backend['id']}", json={"enabled": False}).status_code == 200
    return made


def at_once(*buttons: Locator) -> None:
    """Click all of them at the same moment, in whatever windows they are."""
    moment = time.time() * 1000 + 500
    for button in buttons:
        button.evaluate("(button, moment) => void setTimeout(() => button.click(), moment - Date.now())", moment)


__all__ = ["NotInTime", "Window", "Windows", "at_once", "chromium", "expect", "without_models"]
