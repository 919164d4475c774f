"""The page that everybody starts from: what waits for them, where they were; nothing of projects that are not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from projects import visits
from projects.models import Comment, CommentRead, Mention, Task, Visit
from tests.support.pages import Markup, Shown, make_shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown() -> Shown:
    return make_shown()


def visit(shown: Shown, who: str, *tasks: Task) -> None:
    """One after the other, a minute apart."""
    for task in tasks:
        Visit.objects.filter(user=shown.users[who]).update(at=_earlier())
        visits.note([(shown.users[who].pk, task.pk)])


def _earlier() -> object:

    return F("at") - timedelta(minutes=1)


def page(shown: Shown, who: str) -> Markup:
    return Markup(shown.html(who, "/"))


def test_the_last_task_is_one_click_away_and_those_before_it_follow(shown: Shown) -> None:
    tasks = [shown.task(f"Text {number}.") for number in range(3)]
    visit(shown, "annotator", *tasks)
    links = [link for link in page(shown, "annotator").links() if "/tasks/" in link]
    assert links == [f"/projects/{shown.project.pk}/tasks/{task.pk}/" for task in reversed(tasks)]


def test_what_was_begun_and_left_waits(shown: Shown) -> None:
    begun, last = shown.task("Half done.", status="in_progress"), shown.task("Seen.")
    visit(shown, "annotator", begun, last)
    text = page(shown, "annotator").text
    assert "Half done.begun, not submitted" in text
    Task.objects.filter(pk=begun.pk).update(status="submitted")
    assert "begun, not submitted" not in page(shown, "annotator").text


def test_what_is_assigned_and_what_is_to_be_decided_is_counted(shown: Shown) -> None:
    ann = shown.users["annotator"]
    for status in ("open", "in_progress", "submitted"):
        shown.task(assignee=ann, status=status, suggestion_count=1)
    text = page(shown, "annotator").text
    assert "2 tasks assigned to you" in text
    assert "3 tasks with suggestions to decide" in text
    assert "assigned to you" not in page(shown, "reviewer").text.replace("Nothing is assigned to you", "")
    assert "suggestions to decide" not in page(shown, "viewer").text


def test_nothing_is_shown_of_projects_that_one_has_left(shown: Shown) -> None:
    task = shown.task("A secret.", assignee=shown.users["annotator"])
    visit(shown, "annotator", task)
    shown.project.memberships.filter(user=shown.users["annotator"]).delete()
    text = page(shown, "annotator").text
    assert "A secret." not in text
    assert "assigned to you" not in text


def test_only_the_latest_visits_are_kept_each_task_once(shown: Shown) -> None:
    tasks = [shown.task() for _ in range(visits.KEPT + 5)]
    visit(shown, "annotator", *tasks)
    visit(shown, "annotator", tasks[-1])
    visit(shown, "reviewer", tasks[0])
    kept = Visit.objects.filter(user=shown.users["annotator"]).values_list("task", flat=True)
    assert sorted(kept) == [task.pk for task in tasks[5:]]
    assert Visit.objects.filter(user=shown.users["reviewer"]).count() == 1


def test_a_task_or_an_account_that_is_gone_is_no_place_to_go_back_to(shown: Shown) -> None:
    task = shown.task()
    stranger = get_user_model().objects.create_user("gone")
    came = [(stranger.pk, task.pk), (shown.users["annotator"].pk, task.pk + 1), (shown.users["annotator"].pk, task.pk)]
    stranger.delete()
    visits.note(came)
    assert Visit.objects.get().user == shown.users["annotator"]


def test_more_tasks_and_projects_cost_no_more_queries(shown: Shown) -> None:
    client = shown.browser("annotator")
    visit(shown, "annotator", shown.task(suggestion_count=1))
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    visit(shown, "annotator", *(shown.task(suggestion_count=1, assignee=shown.users["annotator"]) for _ in range(9)))
    with CaptureQueriesContext(connection) as many:
        client.get("/")
    assert len(many) == len(few)


def test_who_mentions_me_waits_until_i_have_read_it(shown: Shown) -> None:
    task, ann = shown.task(), shown.users["annotator"]
    where = {"project": shown.project, "task": task, "document": task.documents.get()}
    said = Comment.objects.create(**where, key="c", author_id=0, body="Look, @annotator!", created="")
    Mention.objects.create(comment=said, user=ann)
    assert "Look, @annotator!mentions you" in page(shown, "annotator").text
    assert "mentions you" not in page(shown, "reviewer").text
    CommentRead.objects.create(user=ann, document=said.document, key="c")
    assert "mentions you" not in page(shown, "annotator").text
