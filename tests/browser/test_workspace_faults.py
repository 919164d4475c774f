"""What windows do when the server dies or the connection goes: nothing that was saved is missing, nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browsers import Window, Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server
from tests.support.wire import wire

pytestmark = pytest.mark.browser

TEXT = "Ada Lovelace met Charles Babbage in London. Both knew Mary Somerville and Michael Faraday."
PERSON, ORGANISATION, LOCATION = "1", "2", "3"
ADA, CHARLES, LONDON = ("Ada Lovelace", "person"), ("Charles Babbage", "person"), ("London", "location")
MARY, MICHAEL = ("Mary Somerville", "person"), ("Michael Faraday", "person")


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of this file's own, to kill and start again."""
    running = Server(tmp_path_factory.mktemp("mortal")).start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def made(mortal: Server) -> Made:
    made = make_project(mortal, "faults", [TEXT] * 6, {"owner": "manager", "ann": "annotator", "ben": "annotator"})
    with wire(mortal, made.tokens["owner"]) as api:
        assert api.post(f"/projects/{made.project}/fields", json={"name": "note", "kind": "text"}).status_code == 201
    return without_models(mortal, made)


@pytest.fixture
def desk(mortal: Server, browser: Browser) -> Iterator[Windows]:
    """Windows on the mortal server. That a socket broke is told in the console; nothing else may be."""
    windows = Windows(browser, mortal)
    yield windows
    complaints = [said for window in windows.opened for said in window.complaints]
    windows.close()
    assert [said for said in complaints if "WebSocket" not in said and "net::ERR_" not in said] == []


def agree(made: Made, windows: list[Window], said: list[tuple[str, str]]) -> None:
    """Every window, the API and the export hold exactly this."""
    for window in windows:
        window.expect_said(list(said))
        expect(window.marks()).to_have_count(len(said))
        window.until_saved()
    window = windows[0]
    assert sorted((row["text"], row["label"]) for row in window.stored()) == sorted(said)
    with window.api() as api:
        lines = api.get(f"/projects/{made.project}/export").text.splitlines()
    line = next(line for line in lines if f'"id":{made.tasks[window.task]},' in line.replace(" ", ""))
    assert line.count('"kind"') == len(said)


@pytest.mark.promise("P2")
@pytest.mark.promise("P3")
def test_nothing_is_missing_or_doubled_after_sigkill_while_two_people_edit(
    mortal: Server, desk: Windows, made: Made
) -> None:
    ann, ben = desk.open(made, "ann", 0), desk.open(made, "ben", 0)
    ann.label("Ada Lovelace", PERSON)
    ben.expect_said([ADA])  # its tag moves the words that he is about to draw over
    ben.label("London", LOCATION)
    for window in (ann, ben):
        window.expect_said([ADA, LONDON])
        window.until_saved()
    ann.select("Charles Babbage")
    ben.select("Mary Somerville")
    ann.press(PERSON)
    ben.press(PERSON)
    mortal.kill()  # these two may have been saved or not; they must come out as one each
    ann.until_offline()
    ben.until_offline()
    ben.label("Michael Faraday", PERSON)
    mortal.start()
    agree(made, [ann, ben], [ADA, CHARLES, LONDON, MARY, MICHAEL])
    ann.page.reload()
    ann.until_saved()
    agree(made, [ann, ben], [ADA, CHARLES, LONDON, MARY, MICHAEL])


@pytest.mark.promise("P2")
def test_what_was_shown_as_saved_needs_no_browser_to_survive(mortal: Server, desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 1), desk.open(made, "ben", 1)
    ann.label("Ada Lovelace", PERSON)
    ann.until_saved()
    ben.label("London", LOCATION)
    ben.until_saved()
    mortal.kill()
    for window in (ann, ben):
        window.context.close()
    mortal.start()
    agree(made, [desk.open(made, "ann", 1)], [ADA, LONDON])


@pytest.mark.promise("P3")
def test_what_is_typed_while_the_server_dies_arrives_once(mortal: Server, desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 2), desk.open(made, "ben", 2)
    ann.written("note").click()
    ann.page.keyboard.type("She wrote the first program.")
    expect(ben.written("note")).to_have_text("She wrote the first program.")
    ben.written("note").click()
    ben.press("Control+End")
    ann.press("Control+Home")
    for at, letter in enumerate("In the end, "):
        ann.page.keyboard.type(letter)
        ben.page.keyboard.type(letter.upper())
        if at == 5:
            mortal.kill()
    ann.until_offline()
    mortal.start()
    written = "In the end, She wrote the first program.IN THE END, "
    for window in (ann, ben):
        window.until_saved()
        expect(window.written("note")).to_have_text(written)
    assert [row["value"] for row in ann.stored()] == [written]


@pytest.mark.promise("P4")
def test_windows_that_were_offline_at_the_same_time_merge(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 3), desk.open(made, "ben", 3)
    ann.label("Ada Lovelace", PERSON)
    ben.expect_said([ADA])
    for window in (ann, ben):
        window.context.set_offline(True)
        window.until_offline()
    ann.label("London", LOCATION)
    ann.label("Charles Babbage", ORGANISATION)
    ann.until_offline(unsaved=2)
    ben.page.locator(".text [data-mark]", has_text="Ada Lovelace").click()
    ben.press(ORGANISATION)
    ben.label("Michael Faraday", PERSON)
    ben.until_offline(unsaved=2)
    ann.expect_said([ADA, ("Charles Babbage", "organisation"), LONDON])
    for window in (ann, ben):
        window.context.set_offline(False)
    both = [("Ada Lovelace", "organisation"), ("Charles Babbage", "organisation"), LONDON, MICHAEL]
    agree(made, [ann, ben], both)


@pytest.mark.promise("P3")
def test_offline_edits_arrive_after_their_tab_was_closed(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 4), desk.open(made, "ben", 4)
    ann.context.set_offline(True)
    ann.until_offline()
    ann.label("Ada Lovelace", PERSON)
    ann.label("London", LOCATION)
    ann.until_offline(unsaved=2)
    ann.page.close()
    ben.label("Charles Babbage", PERSON)
    ben.until_saved()
    ann.context.set_offline(False)
    ann.new_page()
    ann.open(4)
    agree(made, [ann, ben], [ADA, CHARLES, LONDON])


@pytest.mark.promise("P3")
def test_a_deletion_made_offline_arrives_after_its_tab_was_closed(desk: Windows, made: Made) -> None:
    ann, ben = desk.open(made, "ann", 5), desk.open(made, "ben", 5)
    ann.label("Ada Lovelace", PERSON)
    ann.label("London", LOCATION)
    ben.expect_said([ADA, LONDON])
    ann.until_saved()
    ann.context.set_offline(True)
    ann.until_offline()
    ann.page.get_by_role("button", name="Delete London").click()
    ann.until_offline(unsaved=1)
    ann.page.close()
    ann.context.set_offline(False)
    ben.expect_said([ADA, LONDON])
    ann.new_page()
    ann.open(5)
    agree(made, [ann, ben], [ADA])
