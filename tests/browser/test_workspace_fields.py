"""Questions besides spans, in two windows: choices, ratings and free text; and labels that change under everybody's hands."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.browsers import Window, Windows, at_once, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server
from tests.support.wire import wire

pytestmark = pytest.mark.browser

TEXT = "Ada Lovelace met Charles Babbage in London."
PERSON, LOCATION = "1", "3"
FIELDS: list[dict[str, Any]] = [
    {"name": "quality", "kind": "rating", "minimum": 1, "maximum": 5},
    {"name": "topics", "kind": "choice", "multiple": True, "labels": ["science", "sport", "culture"]},
    {"name": "note", "kind": "text"},
]


def ask(server: Server, made: Made, method: str, path: str, body: Any = None) -> Any:
    """Change the project, as its manager's program."""
    with wire(server, made.tokens["owner"]) as api:
        answer = api.request(method, path, json=body)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    made = make_project(server, "fields", [TEXT] * 7, {"owner": "manager", "ann": "annotator", "ben": "annotator"})
    for field in FIELDS:
        ask(server, made, "POST", f"/projects/{made.project}/fields", field)
    return without_models(server, made)


def both(desk: Windows, made: Made, task: int) -> tuple[Window, Window]:
    return desk.open(made, "ann", task), desk.open(made, "ben", task)


def chosen(window: Window, labels: tuple[str, ...]) -> list[str]:
    return [label for label in labels if window.answer(label).get_attribute("aria-checked") == "true"]


@pytest.mark.promise("P4")
def test_two_people_who_choose_differently_at_once_see_the_same_answer(desk: Windows, made: Made) -> None:
    ann, ben = both(desk, made, 0)
    labels = ("positive", "neutral", "negative")
    at_once(ann.answer("positive"), ben.answer("negative"))
    for window in (ann, ben):
        expect(window.page.get_by_role("radiogroup", name="category").get_by_role("radio", checked=True)).to_have_count(
            1
        )
        window.until_saved()
    expect(ann.page.get_by_role("radio", checked=True)).to_have_count(1)
    ann.until(lambda: chosen(ann, labels) == chosen(ben, labels))
    answers = [row["label"] for row in ann.stored() if row["status"] == "accepted"]
    assert answers == chosen(ann, labels)
    ann.answer("neutral").click()
    for window in (ann, ben):
        expect(window.answer("neutral")).to_have_attribute("aria-checked", "true")
        expect(window.page.get_by_role("radio", checked=True)).to_have_count(1)


def test_several_answers_hold_together(desk: Windows, made: Made) -> None:
    ann, ben = both(desk, made, 1)
    at_once(ann.answer("science"), ben.answer("culture"))
    for window in (ann, ben):
        expect(window.page.get_by_role("checkbox", checked=True)).to_have_count(2)
    ben.answer("science").click()
    for window in (ann, ben):
        expect(window.page.get_by_role("checkbox", checked=True)).to_have_count(1)
        expect(window.answer("culture")).to_have_attribute("aria-checked", "true")


def test_a_rating_is_one_number_for_all(desk: Windows, made: Made) -> None:
    ann, ben = both(desk, made, 2)
    four, two = ann.page.get_by_role("radio", name="4", exact=True), ben.page.get_by_role("radio", name="2", exact=True)
    at_once(four, two)
    quality = [
        window.page.get_by_role("radiogroup", name="quality").get_by_role("radio", checked=True)
        for window in (ann, ben)
    ]
    for window, checked in zip((ann, ben), quality, strict=True):
        expect(checked).to_have_count(1)
        window.until_saved()
    ann.until(lambda: quality[0].inner_text() == quality[1].inner_text())
    values = [row["value"] for row in ann.stored() if row["status"] == "accepted"]
    assert values == [int(quality[0].inner_text())]
    quality[1].click()  # pressed again, it is taken back
    for checked in quality:
        expect(checked).to_have_count(0)


@pytest.mark.promise("P4")
def test_free_text_is_written_by_two_people_at_once(desk: Windows, made: Made) -> None:
    ann, ben = both(desk, made, 3)
    ann.written("note").click()
    ann.page.keyboard.type("Lovelace ")
    expect(ben.written("note")).to_have_text("Lovelace ", use_inner_text=True)
    ben.written("note").click()
    ben.press("Control+End")
    ann.press("Control+Home")
    for mine, his in zip("Ada ", "👩🏽‍🚀 é!", strict=False):
        ann.page.keyboard.insert_text(mine)
        ben.page.keyboard.insert_text(his)
    expected = "Ada Lovelace 👩🏽‍🚀 é!"[: len("Ada Lovelace ") + 4]
    for window in (ann, ben):
        expect(window.written("note")).to_have_text(expected)
        window.until_saved()
    assert [row["value"] for row in ben.stored()] == [expected]
    name = made.login("ben")
    expect(ann.page.locator(f".free-text .colleague-caret[data-name='{name}']")).to_have_count(1)


def test_undo_takes_back_only_what_i_typed(desk: Windows, made: Made) -> None:
    ann, ben = both(desk, made, 4)
    ann.written("note").click()
    ann.page.keyboard.type("mine ")
    expect(ben.written("note")).to_have_text("mine ")
    ben.written("note").click()
    ben.press("Control+End")
    ben.page.keyboard.type("his")
    expect(ann.written("note")).to_have_text("mine his")
    ann.press("Control+z")
    for window in (ann, ben):
        expect(window.written("note")).to_have_text("his")
    ann.press("Control+Shift+z")
    for window in (ann, ben):
        expect(window.written("note")).to_have_text("mine his")


def test_a_long_paste_arrives_whole_and_is_one_step_back(desk: Windows, made: Made) -> None:
    ann, ben = both(desk, made, 5)
    pasted = "".join(f"{number} 👍 words. " for number in range(6000))
    ann.written("note").click()
    ann.page.keyboard.insert_text(pasted)
    ann.until_saved()
    assert [row["value"] for row in ann.stored()] == [pasted]
    ben.written("note").click()
    expect(ben.written("note")).to_contain_text("0 👍 words. 1 👍 words.")  # an editor holds only what is seen of it
    ben.press("Control+End")
    expect(ben.written("note")).to_contain_text("5999 👍 words.")
    ann.press("Control+z")
    expect(ben.written("note")).not_to_contain_text("words")
    ann.until_saved()
    assert [row["value"] for row in ann.stored()] == []


def test_labels_that_change_reach_open_windows_and_marks_of_removed_ones_stay(
    server: Server, desk: Windows, made: Made
) -> None:
    ann, ben = both(desk, made, 6)
    ann.label("Ada Lovelace", PERSON)
    ann.label("London", LOCATION)
    project = ask(server, made, "GET", f"/projects/{made.project}")
    entities = project["fields"][0]
    person, location = (
        next(row for row in entities["labels"] if row["name"] == name) for name in ("person", "location")
    )
    ask(server, made, "PATCH", f"/labels/{person['id']}", {"name": "human being", "colour": "#c04ec6"})
    ask(server, made, "POST", f"/fields/{entities['id']}/labels", {"name": "date", "hotkey": "d"})
    ask(server, made, "DELETE", f"/labels/{location['id']}")
    for window in (ann, ben):
        window.expect_said([("Ada Lovelace", "human being"), ("London", "location")])
        expect(window.marks("human being")).to_have_text("Ada Lovelace")
        expect(window.palette("date")).to_be_enabled()
        expect(window.palette("location")).to_contain_text("removed")
        expect(window.palette("location")).to_be_disabled()
        expect(window.line("London")).to_contain_text("label removed")
        expect(window.page.locator(".text .mark-removed")).to_have_text("London")
    ben.label("Charles Babbage", "d")
    ann.page.get_by_role("combobox", name="Label of London").select_option("human being")
    for window in (ann, ben):
        said = [("Ada Lovelace", "human being"), ("Charles Babbage", "date"), ("London", "human being")]
        window.expect_said(said)
        expect(window.palette("location")).to_have_count(0)
        window.until_saved()
    stored = {(row["text"], row["label"]) for row in ann.stored()}
    assert stored == {("Ada Lovelace", "human being"), ("Charles Babbage", "date"), ("London", "human being")}
