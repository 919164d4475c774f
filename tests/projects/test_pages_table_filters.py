"""Further filters of the task table: score, assignee; how many match; whose turn it is; the part that is asked for alone."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.api.tasks import find_next
from projects.models import Comment, Task
from projects.task_table import NOBODY, Count, TaskFilters, count_matching, task_page
from tests.support.pages import Markup, Shown, make_shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown() -> Shown:
    return make_shown()


def found(shown: Shown, **filters: object) -> list[int]:
    page = task_page(shown.project, TaskFilters(**filters))  # type: ignore[arg-type]
    return [row.id for row in page.rows]


def suggest(shown: Shown, task: Task, score: float | None, label: str = "person", status: str = "suggested") -> None:
    shown.say(task, label, score=score, origin="model", status=status)


def test_a_score_is_that_of_a_suggestion_that_waits(shown: Shown) -> None:
    low, high, decided, without = (shown.task() for _ in range(4))
    suggest(shown, low, 0.3)
    suggest(shown, high, 0.3)
    suggest(shown, high, 0.9)
    suggest(shown, decided, 0.9, status="accepted")
    suggest(shown, without, None)
    assert found(shown, score_from=0.8) == [high.pk]
    assert found(shown, score_to=0.5) == [low.pk, high.pk]
    assert found(shown, score_from=0.4, score_to=0.6) == []
    assert found(shown, score_from=0.9, score_to=0.9) == [high.pk]


def test_label_and_score_must_hold_of_one_suggestion(shown: Shown) -> None:
    apart, together = shown.task(), shown.task()
    suggest(shown, apart, 0.9, "person")
    suggest(shown, apart, 0.2, "place")
    suggest(shown, together, 0.9, "place")
    assert found(shown, label="place", score_from=0.8) == [together.pk]


def test_an_annotator_and_a_score_must_hold_of_one_task(shown: Shown) -> None:
    theirs, others = shown.task(), shown.task()
    for task in (theirs, others):
        suggest(shown, task, 0.9)
    shown.say(theirs, author_id=7)
    assert found(shown, annotator=7, score_from=0.8) == [theirs.pk]


def test_tasks_of_an_assignee_are_in_order_whatever_their_status(shown: Shown) -> None:
    ann = shown.users["annotator"]
    statuses = ["submitted", "open", "skipped", "in_progress", "open"]
    tasks = [shown.task(status=status, assignee=ann) for status in statuses]
    shown.task()
    assert found(shown, assignee=ann.pk) == [task.pk for task in tasks]
    assert found(shown, assignee=ann.pk, status="open") == [tasks[1].pk, tasks[4].pk]
    assert len(found(shown, assignee=NOBODY)) == 1
    backwards = task_page(shown.project, TaskFilters(assignee=ann.pk), before=tasks[4].pk, limit=2)
    assert [row.id for row in backwards.rows] == [tasks[2].pk, tasks[3].pk]


@pytest.mark.parametrize(
    "filters", [TaskFilters(search="some"), TaskFilters(label="person"), TaskFilters(assignee=NOBODY), TaskFilters()]
)
def test_it_counts_tasks_once_and_says_where_it_stopped_counting(shown: Shown, filters: TaskFilters) -> None:
    for _ in range(5):
        task = shown.task("some text")
        shown.say(task)
        shown.say(task)
    assert count_matching(shown.project.pk, filters) == Count(5)
    assert count_matching(shown.project.pk, filters, most=5) == Count(5)
    assert count_matching(shown.project.pk, filters, most=4) == Count(4, more=True)


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        (TaskFilters(score_from=0.5), "annotation_waiting"),
        (TaskFilters(assignee=7), "task_by_assignee"),
        (TaskFilters(assignee=NOBODY, status="open"), "task_by_assignee"),
    ],
)
@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL plans by what is in the tables")
def test_its_walk_is_over_an_index(shown: Shown, filters: TaskFilters, index: str) -> None:
    with CaptureQueriesContext(connection) as queries:
        task_page(shown.project, filters)
    walks = [query["sql"] for query in queries if "LIMIT" in query["sql"]]
    assert walks
    for walk in walks:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {walk}")
            plan = " ".join(str(row[3]) for row in cursor.fetchall())
        assert index in plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan


def test_the_next_task_is_ones_own_then_nobodys_and_never_somebody_elses(shown: Shown) -> None:
    ann, rev = shown.users["annotator"], shown.users["reviewer"]
    free, own, theirs = shown.task(), shown.task(assignee=ann), shown.task(assignee=rev)
    assert find_next(shown.project, 0, set(), ann.pk) == own.pk
    Task.objects.filter(pk=own.pk).update(status="submitted")
    assert find_next(shown.project, 0, set(), ann.pk) == free.pk
    Task.objects.filter(pk=free.pk).update(status="submitted")
    assert find_next(shown.project, 0, set(), ann.pk) is None
    assert find_next(shown.project, 0, set(), rev.pk) == theirs.pk


def test_the_part_that_changes_is_sent_alone_when_it_is_asked_for(shown: Shown) -> None:
    shown.task("Ada")
    client = shown.browser("annotator")
    answer = client.get(f"/projects/{shown.project.pk}/tasks/?search=ada", headers={"X-Part": "table"})
    html = answer.content.decode()
    assert "<mark>Ada</mark>" in html
    assert "<html" not in html
    assert "X-Part" in answer.headers["Vary"]


def test_only_managers_have_boxes_to_tick(shown: Shown) -> None:
    shown.task()
    for name, may in (("manager", True), ("annotator", False), ("viewer", False)):
        elements = Markup(shown.html(name, "/projects/{id}/tasks/")).elements
        assert any(attributes.get("name") == "task" for _, attributes in elements) == may


@pytest.mark.parametrize("query", ["score_from=nan", "score_from=x", "assignee=x", "assignee=99999999999999999999"])
def test_what_cannot_be_read_does_not_filter(shown: Shown, query: str) -> None:
    shown.task("Ada")
    assert "Ada" in Markup(shown.html("annotator", f"/projects/{{id}}/tasks/?{query}")).text


def comment(task: Task, **more: object) -> Comment:
    said = {"author_id": 7, "body": "Why?", "created": ""} | more
    document, key = task.documents.get(), f"c{Comment.objects.count()}"
    return Comment.objects.create(project=task.project, task=task, document=document, key=key, **said)


def test_tasks_are_found_by_their_comments(shown: Shown) -> None:
    silent, asked, answered = (shown.task() for _ in range(3))
    comment(asked)
    comment(asked, reply_to="c0")
    comment(answered, resolved_by_id=7, resolved_at="2026-11-21T12:00:00.000Z")
    comment(answered, reply_to="c2")
    assert found(shown, comments="open") == [asked.pk]
    assert found(shown, comments="any") == [asked.pk, answered.pk]
    assert found(shown, comments="none") == [silent.pk]
    for task in (silent, asked):
        shown.say(task)
    assert found(shown, comments="open", label="person") == [asked.pk]
    assert found(shown, comments="none", label="person") == [silent.pk]
    assert count_matching(shown.project.pk, TaskFilters(comments="any")) == Count(2)
    Task.objects.filter(pk=asked.pk).update(status="submitted")
    assert found(shown, comments="any", status="submitted") == [asked.pk]
