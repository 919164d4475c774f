"""Runs: one call of a backend for one task. Started, watched and stopped."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field as Limits

from projects import access
from projects.api import answers, shapes
from projects.api.bodies import Body, Id, answer, in_thread
from projects.api.problems import Problem, wrong
from projects.models import Backend, Run, Task
from projects.suggestions import runner

router = Router(tags=["runs"])


class NewRun(Body):
    backend: Annotated[Id | str, Limits(description="The backend's id or its name.", examples=["memory"])]


def find_backend(task: Task, wanted: int | str) -> Backend:
    backends = Backend.objects.filter(project_id=task.project_id)
    found = (backends.filter(pk=wanted) if isinstance(wanted, int) else backends.filter(name=wanted)).first()
    if found is None:
        raise wrong("body: backend", f"the project has no backend “{wanted}”", "the id or the name of one")
    return found


@router.get("/tasks/{int:task_id}/runs", response=answers.Runs)
def list_runs(request: HttpRequest, task_id: int) -> HttpResponse:
    """The latest run of each backend."""
    task = access.get_task(request.user, task_id)
    return answer({"items": [shapes.run_json(run) for run in shapes.latest_runs(task.pk)], "next": None})


@router.post("/tasks/{int:task_id}/runs", response={201: answers.RunOut})
async def start_run(request: HttpRequest, task_id: int, body: NewRun) -> HttpResponse:
    """Call a backend for this task. Its suggestions appear in the task as they come."""
    task = await in_thread(access.get_task_to_write, request.user, task_id)
    backend = await in_thread(find_backend, task, body.backend)
    try:
        run = await runner.start(task.pk, backend.pk, request.user)
    except runner.RunUnderWay as refused:
        raise Problem(409, f"{refused} Expected to wait for it, or to stop it.", run=refused.run.pk)
    except runner.CannotRun as refused:
        raise Problem(409, str(refused))
    return answer(shown(run), status=201)


@router.get("/runs/{int:run_id}", response=answers.RunOut)
async def get_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """A run; while it is under way in this process, with its progress and the backend's last message."""
    return answer(shown(await in_thread(access.get_run, request.user, run_id)))


@router.delete("/runs/{int:run_id}", response=answers.RunOut)
async def stop_run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Stop a run; the connection to the backend is closed. What it has suggested stays."""
    run = await in_thread(access.get_run_to_write, request.user, run_id)
    return answer(shown(await runner.stop(run.pk, request.user)))


def shown(run: Run) -> shapes.Json:
    """`run` comes with its backend and its people: nothing is asked of the database here."""
    return runner.runner().shown(run.pk) or shapes.run_json(run)
