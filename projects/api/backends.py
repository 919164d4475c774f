"""Model backends, for managers: their addresses and settings may hold secrets."""

from __future__ import annotations

from typing import Annotated

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field as Limits

from projects import access
from projects.api import answers, shapes
from projects.api.bodies import Body, JsonObject, Name, answer, nothing
from projects.api.changing import change_of, give
from projects.api.problems import Problem, wrong
from projects.models import Backend
from projects.suggestions.backends import KINDS
from projects.suggestions.testing import test_connection

router = Router(tags=["backends"])

Kind = Annotated[str, Limits(max_length=20, examples=["stream"])]
Url = Annotated[str, Limits(max_length=500, examples=["http://127.0.0.1:9090/suggest"])]
Timeout = Annotated[int, Limits(ge=1, le=3600)]


class NewBackend(Body):
    name: Name
    kind: Annotated[Kind, Limits(description=f"One of {', '.join(sorted(KINDS))}.")]
    url: Url = ""
    enabled: bool = True
    run_on_open: bool = True
    timeout_seconds: Timeout = 60
    settings: JsonObject = {}


class BackendChange(Body):
    name: Name | None = None
    url: Url | None = None
    enabled: bool | None = None
    run_on_open: bool | None = None
    timeout_seconds: Timeout | None = None
    settings: JsonObject | None = None


def save(backend: Backend) -> None:
    """Keep a backend if its kind is known and the record itself finds nothing wrong with it."""
    if backend.kind not in KINDS:
        raise wrong("body: kind", f"there is no kind “{backend.kind}”", f"one of {', '.join(sorted(KINDS))}")
    if KINDS[backend.kind].needs_url and not backend.url:
        raise wrong("body: url", "is missing", f"the address that a backend of kind {backend.kind} is asked at")
    try:
        backend.full_clean()
    except ValidationError as error:
        places = [
            {"where": f"body: {name}", "what": "cannot be kept", "expected": " ".join(sentences)}
            for name, sentences in error.message_dict.items()
        ]
        first = places[0]
        raise Problem(422, f"{first['where']} {first['what']}: {first['expected']}", places)
    backend.save()


@router.get("/projects/{int:project_id}/backends", response=answers.Backends)
def list_backends(request: HttpRequest, project_id: int) -> HttpResponse:
    project = access.get_project_to_manage(request.user, project_id)
    return answer({"items": [shapes.backend_json(row) for row in project.backends.order_by("pk")], "next": None})


@router.post("/projects/{int:project_id}/backends", response={201: answers.BackendOut})
def create_backend(request: HttpRequest, project_id: int, body: NewBackend) -> HttpResponse:
    """A new backend; `POST /api/backends/{id}/test` says whether it answers."""
    project = access.get_project_to_manage(request.user, project_id)
    backend = Backend(project=project, **body.model_dump())
    with change_of(project.pk):
        save(backend)
    return answer(shapes.backend_json(backend), status=201)


@router.get("/backends/{int:backend_id}", response=answers.BackendOut)
def get_backend(request: HttpRequest, backend_id: int) -> HttpResponse:
    return answer(shapes.backend_json(access.get_backend_to_manage(request.user, backend_id)))


@router.patch("/backends/{int:backend_id}", response=answers.BackendOut)
def change_backend(request: HttpRequest, backend_id: int, body: BackendChange) -> HttpResponse:
    backend = access.get_backend_to_manage(request.user, backend_id)
    give(backend, body.given())
    with change_of(backend.project_id):
        save(backend)
    return answer(shapes.backend_json(backend))


@router.delete("/backends/{int:backend_id}", response={204: None})
def delete_backend(request: HttpRequest, backend_id: int) -> HttpResponse:
    """Delete a backend and the record of its runs; its suggestions stay, with their provenance."""
    backend = access.get_backend_to_manage(request.user, backend_id)
    with change_of(backend.project_id):
        backend.delete()
    return nothing()


@router.post("/backends/{int:backend_id}/test", response=answers.TestOut)
def test_backend(request: HttpRequest, backend_id: int) -> HttpResponse:
    """Ask the backend whether it answers; `message` says what is wrong if not."""
    backend = access.get_backend_to_manage(request.user, backend_id)
    ok, message = test_connection(backend)
    return answer({"ok": ok, "message": message})
