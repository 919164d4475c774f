"""The tour that newcomers get in the demo project: once, and never in the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from projects import demo
from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server
from tests.support.wire import wire

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = "Ada Lovelace met Charles Babbage in London."


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    project = without_models(server, make_project(server, "tour", [TEXT] * 3, {"owner": "manager", "ann": "annotator"}))
    with wire(server, project.tokens["owner"]) as api:
        assert api.patch(f"/projects/{project.project}", json={"name": demo.NAME}).status_code == 200
    return project


def tour(window: Window) -> Locator:
    return window.page.get_by_role("region", name="Tour of the workspace")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_newcomer_is_shown_around_once(desk: Windows, made: Made, width: int) -> None:
    ann = desk.open(made, "ann", 0, viewport={"width": width, "height": 800})
    card = tour(ann)
    for number in range(1, 7):
        expect(card).to_contain_text(f"{number} of 6")
        box = card.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= 800
        card.get_by_role("button", name="Close" if number == 6 else "Next").click()
    expect(card).to_have_count(0)
    ann.page.reload()
    ann.until_saved()
    ann.page.wait_for_timeout(500)  # what must not come would have
    expect(tour(ann)).to_have_count(0)


def test_who_labels_during_the_tour_labels_and_may_skip_it(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 1)
    expect(tour(ann)).to_be_visible()
    ann.label("London", "3")
    ann.expect_said([("London", "location")])
    tour(ann).get_by_role("button", name="Skip the tour").click()
    expect(tour(ann)).to_have_count(0)
