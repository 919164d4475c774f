"""What is selected on the screen is what is stored and exported, in code points, whatever the script."""

from __future__ import annotations

import json
import unicodedata

import pytest
from playwright.sync_api import expect

from tests.support.browsers import Windows, without_models
from tests.support.projects import Made, make_project
from tests.support.servers import Server

pytestmark = pytest.mark.browser


def decomposed(text: str) -> str:
    """Letters and their marks as code points of their own."""
    return unicodedata.normalize("NFD", text)


# A text, and wordings to draw over in it.
TRICKY: dict[str, tuple[str, list[str]]] = {
    "emoji": ("Go 🎉🎉 team 🚀 in Paris 🇫🇷 today 👍🏽!", ["🚀", "Paris", "🇫🇷", "👍🏽"]),
    "joined": ("A 👨‍👩‍👧‍👦 family with a 👩🏽‍🚀 met Ann 🏳️‍🌈 there", ["👨‍👩‍👧‍👦", "👩🏽‍🚀", "Ann"]),
    "combining": (decomposed("Zoë Škoda visited São Tomé with Éva"), [*map(decomposed, ("Škoda", "São Tomé", "Éva"))]),
    "stacked": ("Z̸̢̛a̴l̷g̵o̶ spoke to क्षत्रिय and நிலா", ["Z̸̢̛a̴l̷g̵o̶", "क्षत्रिय", "நிலா"]),
    "arabic": ("زار أحمد مدينة القاهرة يوم الأحد", ["أحمد", "القاهرة"]),
    "mixed": ("The book كتاب الحياة by طه حسين (1929) costs 12 €", ["كتاب الحياة", "طه حسين", "1929"]),
    "hebrew": ("שָׁלוֹם עולם, said Ben", ["עולם", "Ben"]),
    "cjk": ("東京で山田太郎に会いました。𠮷野家も。", ["東京", "山田太郎", "𠮷野家"]),
    "crlf": ("Dear Ada,\r\n\r\nCharles wrote\r\nfrom London.\r\n", ["Ada", "Charles", "London"]),
    "lines": ("first 👍\nsecond Ada\n\n\tfourth Ben\u2028fifth\u0085sixth Eve", ["Ada", "Ben", "Eve"]),
    "blanks": ("one\u00a0two \u200bthree\u2003four\ufeff five", ["two", "three", "five"]),
}
NAMES = list(TRICKY)
FIELD, LABEL = "1", "person"


@pytest.fixture(scope="module")
def made(server: Server) -> Made:
    texts = [text for text, _ in TRICKY.values()] + ["Ada saw\r\nBen and\r\nEve there.", "  Ada   and   Ben  "]
    return without_models(server, make_project(server, "texts", texts, {"owner": "manager", "ann": "annotator"}))


def exported(desk: Windows, made: Made, task: int) -> list[tuple[str, int, int]]:
    with desk.opened[0].api() as api:
        lines = [json.loads(line) for line in api.get(f"/projects/{made.project}/export").text.split("\n") if line]
    line = next(line for line in lines if line["id"] == made.tasks[task])
    return [place(said) for said in line["annotations"]]


def place(said: dict) -> tuple[str, int, int]:
    return said["text"], said["value"]["start"], said["value"]["end"]


def expected(text: str, wordings: list[str]) -> list[tuple[str, int, int]]:
    return [(wording, text.index(wording), text.index(wording) + len(wording)) for wording in wordings]


@pytest.mark.promise("P6")
@pytest.mark.parametrize("name", NAMES)
def test_offsets_agree_in_browser_server_and_export(desk: Windows, made: Made, name: str) -> None:
    number, (text, wordings) = NAMES.index(name), TRICKY[name]
    ann = desk.open(made, "ann", number)
    for wording in wordings:
        ann.label(wording, FIELD)
    ann.expect_said([(wording, LABEL) for wording in wordings])
    expect(ann.marks()).to_have_text(wordings)
    ann.until_saved()
    assert [place(row) for row in ann.stored()] == expected(text, wordings)
    assert exported(desk, made, number) == expected(text, wordings)


def test_a_selection_over_lines_keeps_their_ends(desk: Windows, made: Made) -> None:
    number = len(TRICKY)
    ann = desk.open(made, "ann", number)
    ann.label("Ada saw\r\nBen and\r\nEve", FIELD)
    ann.expect_said([("Ada saw Ben and Eve", LABEL)])
    ann.until_saved()
    assert exported(desk, made, number) == [("Ada saw\r\nBen and\r\nEve", 0, 21)]


def test_blanks_at_the_ends_of_a_selection_are_left_out(desk: Windows, made: Made) -> None:
    number = len(TRICKY) + 1
    ann = desk.open(made, "ann", number)
    ann.label("   and   ", FIELD)
    ann.expect_said([("and", LABEL)])
    ann.until_saved()
    assert exported(desk, made, number) == [("and", 8, 11)]
