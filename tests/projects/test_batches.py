"""Work on many tasks: only managers ask for it, it says how many before, takes what still matches, goes on, can be cancelled."""

from __future__ import annotations

import re
from typing import Any

import pytest

from projects import jobs
from projects.batches import asking, running
from projects.batches.asking import CannotDo
from projects.batches.selection import all_that_match, picked
from projects.importing.carrying import carry
from projects.models import Annotation, Backend, Job, JobKind, JobState, Task
from projects.task_table import NOBODY, TaskFilters, task_page
from tests.support.pages import Shown, make_shown

pytestmark = pytest.mark.django_db(transaction=True)

BATCH = "/projects/{id}/tasks/batch/"


@pytest.fixture
def shown() -> Shown:
    return make_shown()


def post(shown: Shown, name: str, path: str, **given: Any) -> Any:
    return shown.browser(name).post(path.format(id=shown.project.pk), given)


def left(shown: Shown) -> list[int]:
    return list(shown.project.tasks.values_list("pk", flat=True))


def carried(job: Job) -> Job:
    carry(job.pk)
    job.refresh_from_db()
    return job


def test_it_asks_before_it_deletes_and_says_how_many(shown: Shown) -> None:
    tasks = [shown.task(f"Text {number}.") for number in range(7)]
    answer = post(shown, "manager", BATCH, action="delete", task=[task.pk for task in tasks[:6]])
    words = re.sub(r"\s+", " ", answer.content.decode())
    assert "Delete 6 tasks?" in words
    assert "Text 0." in words
    assert "and 1 more" in words
    assert Job.objects.count() == 0


def test_what_was_picked_is_deleted_with_what_was_said_of_it(shown: Shown) -> None:
    tasks = [shown.task() for _ in range(3)]
    shown.say(tasks[0])
    post(shown, "manager", BATCH, action="delete", sure="1", task=[tasks[0].pk, tasks[2].pk])
    job = carried(Job.objects.get())
    assert (job.kind, job.state, job.taken, job.progress) == (JobKind.DELETE, JobState.DONE, 2, 1.0)
    assert left(shown) == [tasks[1].pk]
    assert not Annotation.objects.exists()


def test_all_that_match_are_taken_whatever_page_they_are_on(shown: Shown) -> None:
    for number in range(120):
        shown.task("an old text" if number % 2 else "a new text")
    post(shown, "manager", BATCH, action="delete", sure="1", everything="1", query="search=old")
    assert carried(Job.objects.get()).taken == 60
    assert len(left(shown)) == 60
    assert not shown.project.tasks.filter(text__contains="old").exists()


def test_what_came_or_changed_after_the_question_is_left_alone(shown: Shown) -> None:
    first, second = shown.task(), shown.task()
    job = asking.delete(shown.project, all_that_match(shown.project, TaskFilters(status="open")), None)
    newer = shown.task()
    Task.objects.filter(pk=second.pk).update(status="in_progress")  # somebody has begun with it
    assert carried(job).state == JobState.DONE
    assert left(shown) == [second.pk, newer.pk]
    assert first.pk not in left(shown)


def test_no_task_of_another_project_is_touched(shown: Shown) -> None:
    other = Shown(shown.users["stranger"].memberships.get().project)
    foreign, own = other.task(), shown.task()
    post(shown, "manager", BATCH, action="delete", sure="1", task=[foreign.pk, own.pk])
    assert carried(Job.objects.get()).taken == 1
    assert left(other) == [foreign.pk]


@pytest.mark.parametrize("name", ["reviewer", "annotator", "viewer"])
@pytest.mark.parametrize("action", ["delete", "assign", "run"])
def test_only_managers_may(shown: Shown, name: str, action: str) -> None:
    task = shown.task()
    assert post(shown, name, BATCH, action=action, sure="1", task=[task.pk]).status_code == 403
    assert Job.objects.count() == 0


def test_for_a_stranger_there_is_no_such_project(shown: Shown) -> None:
    task = shown.task()
    assert post(shown, "stranger", BATCH, action="delete", sure="1", task=[task.pk]).status_code == 404


def test_tasks_become_the_work_of_a_member_and_of_nobody_again(shown: Shown) -> None:
    tasks = [shown.task() for _ in range(3)]
    ann = shown.users["annotator"]
    ids = [task.pk for task in tasks[:2]]
    post(shown, "manager", BATCH, action="assign", sure="1", task=ids, assignee=ann.pk)
    carried(Job.objects.get())
    assert [row.assignee for row in task_page(shown.project, TaskFilters()).rows] == ["annotator", "annotator", None]
    post(shown, "manager", BATCH, action="assign", sure="1", task=ids[:1], assignee="")
    carried(Job.objects.first() or Job())
    page = task_page(shown.project, TaskFilters(assignee=NOBODY))
    assert [row.id for row in page.rows] == [tasks[0].pk, tasks[2].pk]
    assert [row.id for row in task_page(shown.project, TaskFilters(assignee=ann.pk)).rows] == [tasks[1].pk]


def test_nobody_but_a_member_gets_work(shown: Shown) -> None:
    task = shown.task()
    post(shown, "manager", BATCH, action="assign", sure="1", task=[task.pk], assignee=shown.users["stranger"].pk)
    assert Job.objects.count() == 0
    with pytest.raises(CannotDo):
        asking.assign(shown.project, picked([task.pk]), None, shown.users["stranger"])


def test_a_batch_that_changes_what_its_filter_asks_for_takes_each_task_once(shown: Shown) -> None:
    tasks = [shown.task() for _ in range(450)]  # more than two steps
    ann = shown.users["annotator"]
    job = asking.assign(shown.project, all_that_match(shown.project, TaskFilters(assignee=NOBODY)), None, ann)
    assert carried(job).taken == len(tasks)
    assert shown.project.tasks.filter(assignee=ann).count() == len(tasks)


def test_it_goes_on_where_it_stopped_and_stops_where_it_is_cancelled(shown: Shown) -> None:
    for _ in range(450):
        shown.task()
    job = asking.delete(shown.project, all_that_match(shown.project, TaskFilters()), None)
    carry(job.pk, stopping=lambda: True)
    job.refresh_from_db()
    assert (job.state, job.taken, len(left(shown))) == (JobState.RUNNING, 200, 250)
    jobs.cancel(job)
    assert carried(job).state == JobState.CANCELLED
    assert len(left(shown)) == 250


def test_a_manager_cancels_from_the_page_and_others_do_not(shown: Shown) -> None:
    shown.task()
    job = asking.delete(shown.project, all_that_match(shown.project, TaskFilters()), None)
    path = f"/projects/{{id}}/jobs/{job.pk}/cancel/"
    assert post(shown, "annotator", path).status_code == 403
    assert post(shown, "manager", path).status_code == 302
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_nothing_is_begun_for_tasks_that_are_gone(shown: Shown) -> None:
    task = shown.task()
    task_id = task.pk
    task.delete()
    path, asked = BATCH.format(id=shown.project.pk), {"action": "delete", "task": [task_id]}
    answer = shown.browser("manager").post(path, asked, follow=True)
    assert "No task is selected" in answer.content.decode()
    assert Job.objects.count() == 0


def test_a_model_that_is_switched_off_is_not_asked(shown: Shown) -> None:
    task = shown.task()
    off = Backend.objects.create(project=shown.project, name="off", kind="memory", enabled=False)
    with pytest.raises(CannotDo):
        asking.run(shown.project, picked([task.pk]), None, off)


def test_a_worker_leaves_runs_to_servers_of_which_one_takes_each(shown: Shown) -> None:
    task = shown.task()
    memory = Backend.objects.create(project=shown.project, name="memory", kind="memory")
    job = asking.run(shown.project, picked([task.pk]), shown.users["manager"], memory)
    assert jobs.unfinished() == []
    assert carried(job).state == JobState.QUEUED
    assert running.take(frozenset()) == [job.pk]
    assert running.take(frozenset()) == []  # another server, a moment later
    Job.objects.filter(pk=job.pk).update(seen=job.created - 2 * running.SILENT)
    assert running.take(frozenset()) == [job.pk]  # the first one has fallen silent
