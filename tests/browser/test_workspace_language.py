"""The workspace in the language that the browser asks for."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browsers import Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = "Ada Lovelace met Charles Babbage in London."


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    return without_models(
        server, make_project(server, "language", [TEXT] * 3, {"owner": "manager", "ann": "annotator"})
    )


def test_a_german_browser_gets_a_german_workspace(desk: Windows, made: Made) -> None:
    ann = desk.open(made, "ann", 0, locale="de-DE")
    expect(ann.page.locator("html")).to_have_attribute("lang", "de")
    expect(ann.saved).to_contain_text("Gespeichert")
    expect(ann.page.get_by_role("button", name="Abgeben")).to_be_visible()
    ann.label("London", "3")
    ann.expect_said([("London", "location")])
    ann.press("Control+z")
    expect(ann.page.locator(".said-note")).to_contain_text("Rückgängig: ")


@pytest.mark.parametrize("locale", ["en-GB", "eo"])
def test_every_other_browser_gets_english(desk: Windows, made: Made, locale: str) -> None:
    ann = desk.open(made, "ann", 1, locale=locale)
    expect(ann.page.locator("html")).to_have_attribute("lang", "en")
    expect(ann.page.get_by_role("button", name="Submit")).to_be_visible()
