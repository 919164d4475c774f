"""Every page under axe-core's rules for WCAG 2.2 AA, light and dark, wide and narrow."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = f"() => axe.run(document, {{ runOnly: {{ type: 'tag', values: {json.dumps(TAGS)} }} }})"
LOOKS = [
    ("light", 1440),
    ("dark", 390),
    pytest.param("dark", 1440, marks=pytest.mark.slow),
    pytest.param("light", 390, marks=pytest.mark.slow),
]
TEXT = "Ada Lovelace met Charles Babbage in London, at the University of London."


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    members = {"owner": "manager", "ann": "annotator"}
    project = make_project(server, "accessible", [TEXT] * 3, members)
    return without_models(server, project)


def violations(window: Window) -> list[str]:
    """What axe finds that is serious or worse, with the elements."""
    window.page.wait_for_timeout(300)  # what fades in has no contrast before it is there
    # Run in a world of its own: the page's content policy allows no foreign script, rightly.
    window.page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = window.page.evaluate(RUN)["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:160]} {node['failureSummary'].splitlines()[1:2]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def look(desk: Windows, made: Made, person: str, theme: str, width: int) -> Window:
    return desk.open(made, person, None, viewport={"width": width, "height": 900}, color_scheme=theme)


def of_project(path: str) -> Callable[[Made], str]:
    return lambda made: f"/projects/{made.project}/{path}"


PAGES: dict[str, Callable[[Made], str]] = {
    "start": lambda made: "/",
    "project": of_project(""),
    "tasks": of_project("tasks/"),
    "tasks, filtered": of_project("tasks/?search=Ada&score_from=0&suggestions=on"),
    "export": of_project("export/?format=conll"),
    "log in": lambda made: "/accounts/login/",
    "not found": lambda made: "/projects/999999/",
}


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_pages_have_nothing_serious(desk: Windows, made: Made, theme: str, width: int) -> None:
    window = look(desk, made, "owner", theme, width)
    window.may_complain = True  # of the page that is not there
    found = {}
    for name, address in PAGES.items():
        window.page.goto(window.server.url + address(made))
        found[name] = violations(window)
    assert found == {name: [] for name in PAGES}


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_what_opens_on_pages_has_nothing_serious(desk: Windows, made: Made, theme: str, width: int) -> None:
    window = look(desk, made, "owner", theme, width)
    page, table = window.page, f"{window.server.url}/projects/{made.project}/tasks/?search=Ada"
    page.goto(table)
    page.get_by_text("More filters").click()
    page.get_by_role("checkbox", name="Select task").first.check()
    page.get_by_text("Views").click()
    assert violations(window) == []
    for action in ("Delete…", "Assign…", "Run a model…"):
        page.goto(table)
        page.get_by_role("checkbox", name="Select task").first.check()
        page.get_by_role("button", name=action).click()
        page.get_by_role("link", name="Leave them as they are").wait_for()
        assert violations(window) == []
    page.goto(f"{window.server.url}/projects/{made.project}/")
    for summary in page.get_by_text("As a table").all():
        summary.click()
    assert violations(window) == []


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_the_workspace_has_nothing_serious(desk: Windows, made: Made, theme: str, width: int) -> None:
    owner, window = desk.open(made, "owner", 0), look(desk, made, "ann", theme, width).open(0)
    window.page.get_by_role("button", name=f"Follow {made.login('owner')}").wait_for()
    window.label("Ada Lovelace", "1")
    window.until_saved()
    assert violations(window) == []
    owner.page.close()
    window.press("?")
    window.page.get_by_role("dialog").wait_for()
    assert violations(window) == []
