"""How much was done when and by whom: by the server's clock, once for each submission, in hours and days of UTC."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from projects import projection, throughput
from projects.document import TaskState
from projects.models import Document, Task
from projects.projection import Place, Work
from projects.resolution import Summary
from projects.schema import Schema
from tests.support.pages import Markup, Shown, make_shown

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, 34, tzinfo=UTC)


@pytest.fixture
def shown() -> Shown:
    return make_shown()


def done(shown: Shown, who: str | None, at: datetime, status: str = "submitted") -> Task:
    return shown.task(status=status, submitted_by=shown.users[who] if who else None, submitted_at=at)


def project_as(task: Task, status: str, by: int | None, large: bool) -> Any:
    """Make the rows of a task say what a document says that was decided so."""
    document = Document.objects.get(task=task)
    Document.objects.filter(pk=document.pk).update(head=document.head + 1)
    place = Place(document.pk, task.pk, task.project_id, task.text, Schema.load(task.project_id))
    summary = Summary(state=TaskState(status=status, by=by))
    if large:
        projection.write_changes(place, [], [], summary, document.head + 1)
    else:
        assert projection.write_together([Work(place, [], [], summary, document.head + 1)]) == [None]
    task.refresh_from_db()
    return task.submitted_at


@pytest.mark.parametrize("large", [False, True])
def test_a_task_is_submitted_when_the_server_hears_of_it_and_anew_after_it_was_opened(
    shown: Shown, large: bool
) -> None:
    task, ann = shown.task(), shown.users["annotator"]
    before = timezone.now()
    first = project_as(task, "submitted", ann.pk, large)
    assert before <= first <= timezone.now()
    assert project_as(task, "submitted", ann.pk, large) == first  # something else was changed
    assert project_as(task, "open", ann.pk, large) is None
    assert project_as(task, "submitted", ann.pk, large) > first


def test_what_was_submitted_elsewhere_is_nobodys_work_here(shown: Shown) -> None:
    task = shown.task(status="submitted")
    assert project_as(task, "submitted", None, large=False) is None


def test_hours_and_days_have_what_was_done_in_them(shown: Shown) -> None:
    ann, rev = shown.users["annotator"].pk, shown.users["reviewer"].pk
    for who, back in (
        ("annotator", timedelta(minutes=1)),
        ("annotator", timedelta(minutes=34)),
        ("reviewer", timedelta(minutes=35)),
        ("reviewer", timedelta(hours=23, minutes=34)),
        ("annotator", timedelta(hours=23, minutes=35)),
        ("annotator", timedelta(days=29)),
        ("annotator", timedelta(days=30)),
    ):
        done(shown, who, NOW - back)
    hours = throughput.hours(shown.project, NOW)
    assert len(hours) == 24
    assert (hours[-1].start, hours[-1].done) == (NOW.replace(minute=0), {ann: 2})
    assert hours[-2].done == {rev: 1}
    assert hours[0].done == {rev: 1}
    assert sum(sum(bucket.done.values()) for bucket in hours) == 4
    days = throughput.days(shown.project, NOW)
    assert (len(days), days[-1].done, days[-2].done) == (30, {ann: 2, rev: 1}, {rev: 1, ann: 1})
    assert days[0].done == {ann: 1}


def test_shares_are_of_members_and_of_who_was_one(shown: Shown) -> None:
    done(shown, "annotator", NOW)
    done(shown, "stranger", NOW)
    task = shown.task()
    ann, rev = shown.users["annotator"].pk, shown.users["reviewer"].pk
    shown.say(task, author_id=ann)
    shown.say(task, author_id=None, origin="model", decided_by_id=rev)
    found = {share.name: (share.role, share.done, share.annotations, share.decisions) for share in shares(shown)}
    assert found == {
        "annotator": ("annotator", 1, 1, 0),
        "stranger": ("", 1, 0, 0),
        "reviewer": ("reviewer", 0, 0, 1),
        "manager": ("manager", 0, 0, 0),
        "viewer": ("viewer", 0, 0, 0),
    }


def shares(shown: Shown) -> list[throughput.Share]:
    return throughput.shares(shown.project)


def test_figures_are_for_members_only(shown: Shown) -> None:
    path = "/projects/{id}/figures/"
    assert shown.get("stranger", path).status_code == 404
    assert shown.get("nobody", path).status_code == 302
    done(shown, "annotator", timezone.now())
    figures = json.loads(shown.get("viewer", path).content)
    assert figures["progress"]["submitted"] == 1
    assert [hour["done"] for hour in figures["hours"] if hour["done"]] == [{str(shown.users["annotator"].pk): 1}]


def test_the_page_says_in_words_what_its_charts_show(shown: Shown) -> None:
    done(shown, "annotator", timezone.now())
    page = Markup(shown.html("viewer", "/projects/{id}/"))
    assert "1 task done lately" in page.text
    assert ("canvas", "img") in [(tag, attributes.get("role")) for tag, attributes in page.elements]
    assert page.refused() == []
