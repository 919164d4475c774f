"""The memory backend: what was accepted elsewhere is suggested here."""

from __future__ import annotations

import time
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from hypothesis import given
from hypothesis import strategies as st

from projects.models import Annotation, Document, Project, Task
from projects.suggestions import memory
from projects.suggestions.events import Done, RunRequest, Suggestion
from projects.suggestions.nearest import Nearest, votes
from projects.suggestions.phrases import Phrases
from projects.suggestions.tokens import tokens


def words(text: str) -> list[str]:
    return [match.group() for match in tokens(text)]


def taught(*uses: tuple[str, str]) -> Phrases:
    """Each use is of a task of its own, numbered from 1."""
    phrases = Phrases()
    for number, (wording, label) in enumerate(uses, 1):
        phrases.learn(number, wording, label)
    return phrases


def found(phrases: Phrases, text: str, task: int = 99) -> list[tuple[str, str, float]]:
    own = phrases.own(task, text)
    labels = [(text[f.start : f.end], phrases.label(f, own)) for f in phrases.found(text)]
    return [(wording, *label) for wording, label in labels if label]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("New York's U.S.", ["New", "York", "'", "s", "U", ".", "S", "."]),
        ("e\u0301te\u0301 👍🏽", ["e\u0301te\u0301", "👍", "🏽"]),
        ("東京都", ["東", "京", "都"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("السلام عليكم", ["السلام", "عليكم"]),
    ],
)
def test_words_end_where_their_script_ends_them(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(st.text())
def test_words_lie_in_order_and_leave_out_only_space(text: str) -> None:
    spans = [match.span() for match in tokens(text)]
    assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))
    gaps = [text[a[1] : b[0]] for a, b in zip([(0, 0), *spans], [*spans, (len(text), 0)], strict=True)]
    assert all(not gap or not any(c.isalnum() for c in gap) for gap in gaps)


def test_it_finds_a_wording_again_on_borders_of_words() -> None:
    phrases = taught(("New York", "location"))
    assert [w for w, *_ in found(phrases, "New York, New\nYork, New Yorker, York")] == ["New York", "New\nYork"]


def test_it_finds_names_in_scripts_without_spaces() -> None:
    assert [w for w, *_ in found(taught(("東京", "location")), "私は東京都に行く")] == ["東京"]


def test_the_longest_wording_comes_first_and_nothing_crosses_it() -> None:
    phrases = taught(("New York Times", "organisation"), ("Times Square", "location"), ("New York", "location"))
    assert [w for w, *_ in found(phrases, "New York Times Square")] == ["New York Times"]


def test_a_wording_inside_a_longer_one_is_less_sure() -> None:
    phrases = taught(("Bank of London", "organisation"), ("London", "location"))
    outer, inner = found(phrases, "Bank of London")
    assert (outer[0], inner[0]) == ("Bank of London", "London")
    assert inner[2] < outer[2]


def test_other_capitals_are_less_sure() -> None:
    phrases = taught(("Apple", "organisation"))
    (exact,), (folded,) = found(phrases, "Apple"), found(phrases, "apple")
    assert folded[2] < exact[2]


def test_the_score_is_the_labels_share_and_grows_with_evidence() -> None:
    often = taught(*[("Ada", "person")] * 9, ("Ada", "product"))
    once = taught(("Ada", "person"))
    ((_, label, score),) = found(often, "Ada")
    assert (label, score) == ("person", pytest.approx(9 / 10.5, abs=0.01))
    assert found(once, "Ada")[0][2] == pytest.approx(1 / 1.5, abs=0.01)


def test_what_people_leave_unlabelled_counts_against_a_wording() -> None:
    phrases = taught(("May", "person"))
    before = found(phrases, "May")[0][2]
    for task in range(10, 20):
        list(phrases.observe(task, "In May it rains."))
    assert found(phrases, "May")[0][2] < before / 4


def test_a_task_teaches_nothing_about_itself() -> None:
    phrases = taught(("Ada", "person"), ("Rome", "location"), ("Rome", "location"))
    assert [w for w, *_ in found(phrases, "Ada in Rome", task=1)] == ["Rome"]
    before = found(phrases, "Rome", task=2)
    list(phrases.observe(2, "Rome and Rome and Rome"))
    assert found(phrases, "Rome and Rome and Rome", task=2)[:1] == before


def test_the_nearest_texts_vote() -> None:
    nearest = Nearest()
    for number, (text, label) in enumerate(
        [("my card is lost", "card"), ("card was stolen", "card"), ("pay rent", "rent")]
    ):
        nearest.add(number, text, {"topic": (label,)})
    list(nearest.finish())
    ((label, share), *_) = votes(nearest.alike("I lost the card", leaving_out=99), "topic")
    assert label == "card"
    assert 0.3 < share < 1
    assert votes(nearest.alike("my card is lost", leaving_out=0), "topic")[0][1] < share
    assert votes(nearest.alike("something else entirely", leaving_out=99), "topic") == []


def test_a_hundred_thousand_accepted_spans_are_learned_in_no_time() -> None:
    began = time.process_time()
    phrases = Phrases()
    for number in range(100_000):
        phrases.learn(number, f"Name{number % 30_000} Surname", "person")
    assert time.process_time() - began < 1.5
    text = "Then Name7 Surname met somebody. " * 3000
    began = time.process_time()
    assert sum(1 for _ in phrases.found(text)) == 3000
    assert time.process_time() - began < 1


# -- on rows ---------------------------------------------------------------------------------------------------------

FIELDS: list[dict[str, Any]] = [
    {"key": "entities", "kind": "span", "multiple": False, "labels": [{"key": "person"}, {"key": "location"}]},
    {"key": "topic", "kind": "choice", "multiple": False, "labels": [{"key": "travel"}, {"key": "food"}]},
]


class Rows:
    """A project with accepted annotations as the projection writes them."""

    def __init__(self) -> None:
        self.project = Project.objects.create(name="Memory")

    def task(self, text: str, *said: tuple[str, str, str | None], status: str = "accepted") -> Task:
        task = Task.objects.create(project=self.project, text=text)
        document = Document.objects.create(task=task, projected=len(said), head=len(said))
        for number, (field, label, wording) in enumerate(said):
            Annotation.objects.create(
                project=self.project,
                task=task,
                document=document,
                key=f"{task.pk}-{number}",
                field=field,
                kind="choice" if wording is None else "span",
                label=label,
                text=wording,
                origin="human",
                status=status,
                created="",
            )
        return task

    async def suggested(self, task: Task) -> list[tuple[str | None, str | None, str]]:
        request = RunRequest(self.project.pk, task.pk, task.text, {"fields": FIELDS})
        events = [event async for event in memory.suggest(request)]
        assert isinstance(events[-1], Done)
        said = [event for event in events if isinstance(event, Suggestion)]
        return [(s.field, s.label, task.text[s.value["start"] : s.value["end"]] if s.value else "") for s in said]


@pytest.fixture
def rows(transactional_db: None) -> Rows:
    return Rows()


async def on_thread(function: Any, *args: Any, **more: Any) -> Any:
    return await sync_to_async(function)(*args, **more)


async def test_it_suggests_what_was_accepted_in_other_tasks(rows: Rows) -> None:
    await on_thread(rows.task, "Ada went to Rome by train", ("entities", "person", "Ada"), ("topic", "travel", None))
    await on_thread(rows.task, "Pasta with tomatoes", ("topic", "food", None))
    task = await on_thread(rows.task, "By train to Rome with Ada")
    assert await rows.suggested(task) == [("topic", "travel", ""), ("entities", "person", "Ada")]


async def test_it_does_not_learn_from_what_nobody_accepted(rows: Rows) -> None:
    await on_thread(rows.task, "Ada", ("entities", "person", "Ada"), status="suggested")
    await on_thread(rows.task, "Ada", ("entities", "person", "Ada"), status="rejected")
    assert await rows.suggested(await on_thread(rows.task, "Ada")) == []


async def test_it_does_not_repeat_a_tasks_own_annotations(rows: Rows) -> None:
    task = await on_thread(rows.task, "Ada and Ada", ("entities", "person", "Ada"), ("topic", "food", None))
    assert await rows.suggested(task) == []


async def test_it_knows_at_once_what_was_accepted_since(rows: Rows) -> None:
    task = await on_thread(rows.task, "Ada")
    assert await rows.suggested(task) == []
    await on_thread(rows.task, "Ada", ("entities", "person", "Ada"))
    assert await rows.suggested(task) == [("entities", "person", "Ada")]


async def test_it_suggests_no_label_that_the_project_no_longer_has(rows: Rows) -> None:
    await on_thread(rows.task, "Ada", ("entities", "robot", "Ada"))
    assert await rows.suggested(await on_thread(rows.task, "Ada")) == []
