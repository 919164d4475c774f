"""Runs of other processes: left alone while those live, ended when they are silent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from projects.models import Backend, Project, Run, RunState, Task
from projects.suggestions import runs

pytestmark = pytest.mark.django_db


def begun(seen_seconds_ago: int) -> Run:
    project = Project.objects.create(name="p")
    backend = Backend.objects.create(project=project, name="b", kind="memory")
    seen = timezone.now() - timedelta(seconds=seen_seconds_ago)
    task = Task.objects.create(project=project, text="t")
    return Run.objects.create(task=task, backend=backend, state=RunState.RUNNING, started=seen, seen=seen)


def test_only_runs_of_silent_processes_are_ended() -> None:
    alive, silent, own = begun(60), begun(60), begun(60)
    runs.beat([alive.pk])
    assert runs.recover(timezone.now() - timedelta(seconds=20), [own.pk]) == 1
    states = [Run.objects.get(pk=run.pk).state for run in (alive, silent, own)]
    assert states == ["running", "failed", "running"]
    assert runs.is_active(alive.pk)
    assert not runs.is_active(silent.pk)
