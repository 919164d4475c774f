"""Going to where a colleague is in a long text, and staying with him until one scrolls by hand."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

TEXT = "\n".join(f"Line {number} tells of Ada Lovelace in London." for number in range(400))

FIRST_LINE = """() => {
    const top = document.querySelector(".text .cm-scroller").getBoundingClientRect().top;
    const lines = [...document.querySelectorAll(".text .cm-line")];
    const seen = lines.find((line) => line.getBoundingClientRect().bottom > top + 8);
    return Number(/Line (\\d+)/.exec(seen.textContent)[1]);
}"""


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    return without_models(
        server,
        make_project(server, "following", [TEXT] * 3, {"owner": "manager", "ann": "annotator", "ben": "annotator"}),
    )


def first_line(window: Window) -> int:
    return int(window.page.evaluate(FIRST_LINE))


def scroll(window: Window, pixels: int) -> None:
    box = window.text.bounding_box()
    assert box is not None
    window.page.mouse.move(box["x"] + 100, 400)
    window.page.mouse.wheel(0, pixels)


def test_who_follows_goes_along_until_he_scrolls_himself(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 0), desk.open(made, "ben", 0)
    scroll(ben, 4000)
    ben.until(lambda: first_line(ben) > 50)
    button = ann.page.get_by_role("button", name=f"Follow {made.login('ben')}")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    ann.until(lambda: abs(first_line(ann) - first_line(ben)) <= 1, lambda: f"{first_line(ann)}, {first_line(ben)}")
    scroll(ben, 3000)
    ann.until(lambda: first_line(ann) > 100 and abs(first_line(ann) - first_line(ben)) <= 1)
    scroll(ann, -2000)
    expect(button).to_have_attribute("aria-pressed", "false")
    here = first_line(ann)
    scroll(ben, 2000)
    ben.until(lambda: first_line(ben) > here + 60)
    ann.page.wait_for_timeout(400)  # what must not happen would have
    assert abs(first_line(ann) - here) <= 60


def test_following_ends_when_he_leaves(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 1), desk.open(made, "ben", 1)
    button = ann.page.get_by_role("button", name=f"Follow {made.login('ben')}")
    button.click()
    ben.page.close()
    expect(ann.page.get_by_text(f"{made.login('ben')} has left this task.")).to_be_visible()
    expect(button).to_have_count(0)
