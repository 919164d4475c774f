"""The table of tasks: what its filters mean, how its pages turn, what it never loads, how it shows what was found."""

from __future__ import annotations

from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Field, Label
from projects.task_table import EXCERPT_LENGTH, TaskFilters, TaskPage, task_page
from tests.support.pages import Markup, Shown, make_shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown() -> Shown:
    return make_shown()


def ids(page: TaskPage) -> list[int]:
    return [row.id for row in page.rows]


def found(shown: Shown, **filters: object) -> list[int]:
    return ids(task_page(shown.project, TaskFilters(**filters)))  # type: ignore[arg-type]


def forwards(shown: Shown, filters: TaskFilters, limit: int) -> list[TaskPage]:
    pages = [task_page(shown.project, filters, limit=limit)]
    while pages[-1].after is not None:
        pages.append(task_page(shown.project, filters, after=pages[-1].after, limit=limit))
    return pages


@pytest.mark.parametrize("filters", [TaskFilters(), TaskFilters(label="person"), TaskFilters(suggestions=True)])
def test_pages_show_every_task_once_and_turn_both_ways(shown: Shown, filters: TaskFilters) -> None:
    tasks = [shown.task(suggestion_count=1) for _ in range(7)]
    for task in tasks:
        shown.say(task)
        shown.say(task)  # two of a label in one task are one task
    pages = forwards(shown, filters, limit=3)
    assert [ids(page) for page in pages] == [[t.pk for t in tasks[at : at + 3]] for at in (0, 3, 6)]
    assert pages[0].before is None
    for earlier, later in pairwise(pages):
        assert task_page(shown.project, filters, before=later.before, limit=3).rows == earlier.rows


def test_a_last_page_that_is_exactly_full_has_none_behind_it(shown: Shown) -> None:
    for _ in range(4):
        shown.task()
    assert [len(page.rows) for page in forwards(shown, TaskFilters(), limit=2)] == [2, 2]


def test_it_shows_no_task_of_another_project(shown: Shown) -> None:
    other = Shown(shown.users["stranger"].memberships.get().project)
    foreign = other.task("Ada")
    other.say(foreign, author_id=7)
    for filters in ({}, {"search": "Ada"}, {"status": "open"}, {"annotator": 7}, {"origin": "human"}):
        assert found(shown, **filters) == []


def test_it_finds_part_of_a_text_in_any_case(shown: Shown) -> None:
    task = shown.task("The Ariane 6 flew.")
    shown.task("Nothing of it.")
    assert found(shown, search="aRiAnE") == [task.pk]


@pytest.mark.parametrize("literal", ["100 %", "a_b", "back\\slash", "it's", '"quoted"'])
def test_it_takes_a_search_literally(shown: Shown, literal: str) -> None:
    task = shown.task(f"before {literal} behind")
    shown.task("before 100 of axb backslash its quoted behind")
    assert found(shown, search=literal) == [task.pk]


def test_an_annotators_tasks_are_those_they_labelled_or_decided_in(shown: Shown) -> None:
    made, decided, both, rejected = (shown.task() for _ in range(4))
    shown.say(made, author_id=7)
    shown.say(decided, author_id=None, decided_by_id=7, origin="model")
    shown.say(both, author_id=7, decided_by_id=7)
    shown.say(rejected, author_id=7, status="rejected")
    assert found(shown, annotator=7) == [made.pk, decided.pk, both.pk]


def test_conditions_on_annotations_must_hold_of_one_annotation(shown: Shown) -> None:
    apart, together = shown.task(), shown.task()
    shown.say(apart, "person", author_id=7)
    shown.say(apart, "place", author_id=8)
    shown.say(together, "place", author_id=7)
    assert found(shown, label="place", annotator=7) == [together.pk]


def test_a_label_may_be_named_with_or_without_its_field(shown: Shown) -> None:
    other = Field.objects.create(project=shown.project, key="other", name="Other", kind="choice")
    Label.objects.create(field=other, key="person", name="Person")
    first, second = shown.task(), shown.task()
    shown.say(first, "person")
    shown.say(second, "person", field="other")
    assert found(shown, label="person") == [first.pk, second.pk]
    assert found(shown, label="other:person") == [second.pk]
    assert found(shown, label="nothing of the kind") == []


def test_filters_add_up(shown: Shown) -> None:
    wanted = shown.task("Ada", status="submitted", suggestion_count=2)
    shown.say(wanted, origin="import")
    for more in ({"status": "open"}, {"suggestion_count": 0}, {"text": "Bob"}):
        shown.say(shown.task(**{"text": "Ada", "status": "submitted", "suggestion_count": 2} | more), origin="import")
    assert found(shown, search="ada", status="submitted", suggestions=True, origin="import", label="person") == [
        wanted.pk
    ]


def test_it_never_loads_a_whole_text_nor_counts_nor_skips(shown: Shown) -> None:
    task = shown.task("x" * 100_000)
    with CaptureQueriesContext(connection) as queries:
        page = task_page(shown.project, TaskFilters(search="x"))
    assert ids(page) == [task.pk]
    assert len(page.rows[0].excerpt) == EXCERPT_LENGTH
    for query in queries:
        assert "OFFSET" not in query["sql"]
        assert "COUNT(" not in query["sql"].upper()


def test_an_excerpt_shows_what_was_found_far_behind_the_beginning(shown: Shown) -> None:
    shown.task("word " * 1000 + "the needle itself " + "word " * 1000)
    html = shown.html("viewer", "/projects/{id}/tasks/?search=NEEDLE")
    assert "the <mark>needle</mark> itself" in html
    assert "…" in html


@pytest.mark.parametrize("search", ["<b>", "&", "onerror", "'", '"', "<", "amp", "b>bold"])
def test_what_is_searched_for_is_marked_as_text(shown: Shown, search: str) -> None:
    text = """<b>bold</b> & <img src=x onerror=alert(1)> it's "so" &amp;"""
    shown.task(text)
    html = shown.browser("viewer").get(f"/projects/{shown.project.pk}/tasks/", {"search": search}).content.decode()
    page = Markup(html)
    assert """onerror=alert(1)> it's "so" &amp;""" in page.text
    assert page.refused() == []
    assert not {"b", "img"} & {tag for tag, _ in page.elements}
    assert "mark" in {tag for tag, _ in page.elements}


@pytest.mark.parametrize(
    "query",
    [
        "status=bogus",
        "annotator=x",
        "annotator=99999999",
        "label=%00",
        "after=-1",
        "after=x",
        f"before={2**70}",
        "search=%00",
    ],
)
def test_a_filter_that_cannot_be_read_does_not_filter(shown: Shown, query: str) -> None:
    task = shown.task()
    assert f'data-task="{task.pk}"' in shown.html("viewer", f"/projects/{{id}}/tasks/?{query}")


def test_turning_the_page_keeps_the_filters(shown: Shown) -> None:
    for _ in range(51):
        last = shown.task("Ada")
    page = Markup(shown.html("viewer", "/projects/{id}/tasks/?search=Ada&status=open"))
    turn = next(link for link in page.links() if "after=" in link)
    assert "search=Ada" in turn
    assert "status=open" in turn
    second = shown.html("viewer", f"/projects/{{id}}/tasks/{turn}")
    assert f'data-task="{last.pk}"' in second
    assert second.count("data-task=") == 1
