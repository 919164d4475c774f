"""A task with thousands of annotations: only what is visible is drawn, and all of it can be reached and worked on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.browsers import Window, Windows
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser

LINES = 2_000
SPANS = 2 * LINES
PERSON = "1"


def line(number: int) -> str:
    return f"Line {number:05d} tells of person{number:05d} and of place{number:05d}, and of nobody else at all."


TEXT = "\n".join(line(number) for number in range(LINES))
MANY = 700  # marks that a screen and its margins may need; far fewer than there are


@pytest.fixture(scope="module")
def made(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = make_project(server, "large", [], {"owner": "manager"}, template="entities", memory=False)
    spans = []
    for number in range(LINES):
        for word, label in ((f"person{number:05d}", "person"), (f"place{number:05d}", "location")):
            start = TEXT.index(word, number * (len(line(0)) + 1))
            spans.append([start, start + len(word), label])
    source: Path = tmp_path_factory.mktemp("large") / "large.jsonl"
    source.write_text((json.dumps({"text": TEXT, "label": spans}) + "\n") * 2)
    server.manage("import_tasks", str(made.project), str(source), "--create-labels")
    tasks = f"print('TASKS', list(Task.objects.filter(project={made.project}).values_list('pk', flat=True)))"
    made.tasks.extend(json.loads(server.shell(f"from projects.models import Task\n{tasks}").split("TASKS")[-1]))
    return made


def drawn(window: Window) -> set[str]:
    """The words in the text that are drawn as marks."""
    found: list[str] = window.page.locator(".text .mark").all_inner_texts()
    return set(found)


def test_only_the_visible_part_is_drawn_and_all_is_counted(desk: Windows, made: Made) -> None:
    window = desk.open(made, "owner", 0)
    expect(window.page.locator(".text .mark", has_text="person00000")).to_be_visible()
    expect(window.tab("Labels")).to_contain_text(str(SPANS))
    expect(window.count_of("person")).to_have_text(f"{LINES} labels")
    assert 0 < len(drawn(window)) < MANY
    assert 0 < window.page.locator("aside.right li.entry").count() < 60


def test_what_is_scrolled_to_is_drawn_and_what_is_left_is_not(desk: Windows, made: Made) -> None:
    window = desk.open(made, "owner", 0)
    mark = window.page.locator(".text .mark")
    expect(mark.filter(has_text="person00000")).to_be_visible()
    scroller = window.page.locator(".text .cm-scroller")
    for part in (0.25, 0.5, 0.75):
        scroller.evaluate("(box, part) => { box.scrollTop = box.scrollHeight * part }", part)
        expect(mark.filter(has_text=f"person{int(LINES * part):05d}")).to_be_attached()
        assert len(drawn(window)) < MANY
    expect(mark.filter(has_text="person00000")).not_to_be_attached()


def test_a_line_of_the_list_leads_to_its_mark_far_down_and_a_label_there_is_saved(desk: Windows, made: Made) -> None:
    window = desk.open(made, "owner", 1)
    rows = window.page.locator("aside.right .rows")
    expect(window.line("person00000")).to_be_visible()
    rows.evaluate("(box) => { box.scrollTop = box.scrollHeight }")
    last = f"place{LINES - 1:05d}"
    window.line(last).get_by_role("button", name=last, exact=True).click()
    expect(window.page.locator(".text .mark-selected", has_text=last)).to_be_visible()
    window.press("Delete")
    expect(window.page.locator(".text .mark", has_text=last)).not_to_be_attached()
    window.label(f"Line {LINES - 1:05d}", PERSON)
    expect(window.tab("Labels")).to_contain_text(str(SPANS))
    window.until_saved()
    said = {(row["text"], row["label"], row["status"]) for row in window.stored()}
    assert (f"Line {LINES - 1:05d}", "person", "accepted") in said
    assert (last, "location", "rejected") in said
