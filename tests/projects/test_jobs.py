"""A job goes on where it stopped, gives each task once, can be cancelled, and costs an edit no wait."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth import get_user_model
from huey.contrib.djhuey import HUEY

from projects import jobs, tasks
from projects.importing import steps
from projects.importing.carrying import carry, copy_of
from projects.models import Document, Job, JobState, Project, Task, Update
from tests.support.servers import ROOT, Server
from tests.support.transfer import export_lines, make_project

MAKE = """
from tests.support.transfer import make_project
make_project("both")
"""
WAIT_SECONDS = 60.0
only_sqlite = pytest.mark.skipif("TEST_POSTGRES" in os.environ, reason="PostgreSQL may have any number of workers")


def rows_file(folder: Path, count: int) -> Path:
    path = folder / "rows.jsonl"
    rows = ({"text": f"Ann {number} " + "word " * 40, "label": [[0, 3, "person"]]} for number in range(count))
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def project(db: None) -> Project:
    return make_project("both")


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "SMALLEST_STEP", 10)
    monkeypatch.setattr(steps, "LARGEST_STEP", 10)


def make_job(project: Project, path: Path, **options: Any) -> Job:
    user = get_user_model().objects.get(username="ann")
    return jobs.create_import(project, path, "", None, options, user, enqueue=False)


def numbers(project: Project) -> list[int]:
    texts = Task.objects.filter(project=project).order_by("id").values_list("text", flat=True)
    return [int(text.split()[1]) for text in texts]


def stop_after(count: int) -> Any:
    calls = iter(range(1, 10_000))
    return lambda: next(calls) >= count


@pytest.mark.usefixtures("small_steps")
def test_a_job_that_was_stopped_goes_on_from_its_cursor(project: Project, tmp_path: Path) -> None:
    job = make_job(project, rows_file(tmp_path, 95))
    carry(job.pk, stop_after(3))
    job.refresh_from_db()
    assert (job.state, job.taken) == ("running", 30)
    assert 0 < job.progress < 1
    assert jobs.unfinished() == [job.pk]
    carry(job.pk)
    job.refresh_from_db()
    assert (job.state, job.taken, job.refused, job.progress) == ("done", 95, 0, 1.0)
    assert numbers(project) == list(range(95))
    assert jobs.unfinished() == []
    assert not Path(job.options["path"]).exists()


@pytest.mark.usefixtures("small_steps")
def test_a_cancelled_job_keeps_what_it_took(project: Project, tmp_path: Path) -> None:
    job = make_job(project, rows_file(tmp_path, 95))
    carry(job.pk, stop_after(2))
    jobs.cancel(job)
    assert (job.state, job.cancel_requested) == ("running", True)
    carry(job.pk)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert job.ended
    assert numbers(project) == list(range(job.taken))
    assert not Path(job.options["path"]).exists()


def test_a_job_that_nobody_began_is_cancelled_at_once(project: Project, tmp_path: Path) -> None:
    job = make_job(project, rows_file(tmp_path, 5))
    jobs.cancel(job)
    assert job.state == "cancelled"
    assert not (tmp_path / "rows.jsonl").exists()
    carry(job.pk)
    assert numbers(project) == []


@pytest.mark.usefixtures("small_steps")
def test_two_who_carry_one_job_take_no_row_twice(project: Project, tmp_path: Path) -> None:
    job = make_job(project, rows_file(tmp_path, 60))
    met = []

    def other_comes(mine: Job) -> None:
        if mine.taken >= 20 and not met:
            met.append(mine.taken)
            carry(mine.pk, stop_after(1))

    carry(job.pk, advanced=other_comes)
    job.refresh_from_db()
    assert met
    assert job.state == "running"  # the first found its place taken, and left
    carry(job.pk)
    assert numbers(project) == list(range(60))


def test_a_step_that_cannot_be_stored_leaves_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    job = make_job(project, rows_file(tmp_path, 5))
    with monkeypatch.context() as patch:
        patch.setattr(steps, "advance", broken)
        carry(job.pk)
    job.refresh_from_db()
    assert (job.state, job.taken) == ("failed", 0)
    assert "broke off" in job.error
    assert not Task.objects.filter(project=project).exists()
    assert not Document.objects.exists()
    assert not Update.objects.exists()


def test_a_file_that_is_gone_fails_the_job(project: Project, tmp_path: Path) -> None:
    path = rows_file(tmp_path, 5)
    job = make_job(project, path)
    path.unlink()
    carry(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The uploaded file is gone.")


def test_problems_are_counted_all_and_kept_some(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("{}\n" * 500 + '{"text": "one"}\n')
    job = make_job(project, path)
    carry(job.pk)
    job.refresh_from_db()
    assert (job.taken, job.refused, len(job.problems)) == (1, 500, steps.KEPT_PROBLEMS)
    assert job.problems[0] == {"line": 1, "field": "text", "reason": "there is no “text”; the row holds nothing"}


def test_a_copy_in_utf8_is_put_away(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("one\ntwö\n".encode("utf-16"))
    job = make_job(project, path)
    carry(job.pk)
    assert [line["data"]["text"] for line in export_lines(project)] == ["one", "twö"]
    assert not copy_of(job).exists()


def test_who_deletes_the_project_ends_its_import(project: Project, tmp_path: Path) -> None:
    job = make_job(project, rows_file(tmp_path, 400))
    carry(job.pk, advanced=lambda mine: Project.objects.filter(pk=project.pk).delete() if mine.taken else None)
    assert not Task.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_queued_job_is_carried_by_its_message(tmp_path: Path) -> None:
    HUEY.flush()
    project = make_project("both")
    job = jobs.create_import(project, rows_file(tmp_path, 3), "", None, None, None)
    message = HUEY.dequeue()
    HUEY.execute(message)
    job.refresh_from_db()
    assert (job.state, job.taken) == ("done", 3)
    HUEY.execute(message)  # told twice, done once
    assert numbers(project) == [0, 1, 2]


def test_the_worker_is_told_to_stop_between_two_steps() -> None:
    assert not tasks.stopping.is_set()


# -- with processes of their own, and SIGKILL ----------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path: Path) -> Server:
    """A data folder without a server."""
    server = Server(tmp_path / "data")
    server.data_dir.mkdir()
    server.manage("migrate", "-v", "0")
    server.shell(MAKE)
    return server


def start(place: Server, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *command],
        env=place.environment,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def ask(place: Server, question: str) -> Any:
    if "DATABASE_URL" in place.environment:
        with psycopg.connect(place.environment["DATABASE_URL"]) as found:
            return found.execute(question).fetchall()
    connection = sqlite3.connect(f"file:{place.data_dir / 'db.sqlite3'}?mode=ro", uri=True, timeout=20)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def wait_for(fact: Any) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def taken(place: Server) -> int:
    found = ask(place, "SELECT taken FROM projects_job")
    return found[0][0] if found else 0


def state(place: Server) -> str:
    return str(ask(place, "SELECT state FROM projects_job")[0][0])


@pytest.mark.promise("P2")
def test_killed_again_and_again_it_takes_each_row_once(place: Server, tmp_path: Path) -> None:
    count = 6000
    path = rows_file(tmp_path, count)
    first = start(place, "import_tasks", "p", str(path))
    for killed_at in (500, 2000, 3500):
        wait_for(lambda at=killed_at: taken(place) >= at)
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert state(place) == "running"
        first = start(place, "run_worker")
    wait_for(lambda: state(place) == "done")
    assert taken(place) == count
    texts = ask(place, "SELECT text FROM projects_task ORDER BY id")
    assert [int(text.split()[1]) for (text,) in texts] == list(range(count))
    counts = [ask(place, f"SELECT COUNT(*) FROM projects_{t}")[0][0] for t in ("document", "update", "annotation")]
    assert counts == [count] * 3
    first.terminate()
    assert first.wait(10) == 0


def test_the_worker_ends_soon_when_asked_and_leaves_the_job_to_the_next(place: Server, tmp_path: Path) -> None:
    path = rows_file(tmp_path, 20_000)
    code = f"""
from projects import jobs
from projects.models import Project
jobs.create_import(Project.objects.get(), {str(path)!r})
"""
    place.shell(code)
    worker = start(place, "run_worker")
    wait_for(lambda: taken(place) > 0)
    worker.terminate()
    assert worker.wait(10) == 0
    assert state(place) == "running"
    at = taken(place)
    assert ask(place, "SELECT COUNT(*) FROM projects_task")[0][0] == at < 20_000
    place.shell("from projects import jobs; from projects.models import Job; jobs.cancel(Job.objects.get())")
    worker = start(place, "run_worker")
    wait_for(lambda: state(place) == "cancelled")
    worker.terminate()
    assert worker.wait(10) == 0
    assert not path.exists()


@only_sqlite
def test_a_second_worker_waits_for_the_first(place: Server) -> None:
    first = start(place, "run_worker")
    wait_for(lambda: (place.data_dir / "worker.lock").exists())
    second = start(place, "run_worker")
    time.sleep(0.1)
    second.terminate()
    assert second.wait(20) in (0, -signal.SIGTERM)  # before or after it could listen
    first.kill()
    first.wait()


@only_sqlite
def test_a_worker_ends_with_the_process_that_started_it(place: Server, tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    code = (
        "import subprocess, sys, pathlib, time\n"
        f"p = subprocess.Popen([sys.executable, {str(ROOT / 'manage.py')!r}, 'run_worker', '--until-orphaned'])\n"
        f"pathlib.Path({str(noted)!r}).write_text(str(p.pid))\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], env=place.environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    wait_for(lambda: noted.exists() and noted.read_text() and (place.data_dir / "worker.lock").exists())
    worker = int(noted.read_text())
    parent.kill()
    parent.wait()
    wait_for(lambda: not is_running(worker))


def is_running(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0]
    except FileNotFoundError:
        return False


def test_ctrl_c_cancels_an_import_by_command(place: Server, tmp_path: Path) -> None:
    path = rows_file(tmp_path, 20_000)
    command = start(place, "import_tasks", "p", str(path))
    wait_for(lambda: taken(place) > 0)
    os.kill(command.pid, signal.SIGINT)
    assert command.wait(20) == 1
    assert state(place) == JobState.CANCELLED
    assert path.exists()
    assert ask(place, "SELECT COUNT(*) FROM projects_task")[0][0] == taken(place)


def test_an_edit_waits_for_no_import(place: Server, tmp_path: Path) -> None:
    """The journal's way of writing, beside an import: edits get their turn long before the import ends."""
    path = rows_file(tmp_path, 40_000)
    command = start(place, "import_tasks", "p", str(path))
    wait_for(lambda: taken(place) > 0)
    code = """
from django.db import transaction
from projects.models import Job, Project
from projects.write_turn import write_turn
for number in range(20):
    with write_turn(), transaction.atomic():
        Project.objects.update(description=str(number))
print("STATE", Job.objects.get().state)
"""
    assert place.shell(code).split("STATE")[-1].strip() == JobState.RUNNING
    os.kill(command.pid, signal.SIGINT)
    assert command.wait(WAIT_SECONDS) == 1
    assert ask(place, "SELECT description FROM projects_project") == [("19",)]
