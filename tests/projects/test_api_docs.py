"""The API's own description: an OpenAPI document, and a page that reads it without any script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from projects.api import docs

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> Any:
    return Client().get("/api/openapi.json").json()


def test_the_openapi_document_names_every_resource(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    for path in (
        "/api/projects",
        "/api/projects/{project_id}/import",
        "/api/projects/{project_id}/export",
        "/api/projects/{project_id}/tasks",
        "/api/tasks/{task_id}",
        "/api/tasks/{task_id}/annotations",
        "/api/annotations/{annotation_id}",
        "/api/tasks/{task_id}/runs",
        "/api/runs/{run_id}",
        "/api/jobs/{job_id}",
    ):
        assert path in document["paths"]


def test_the_openapi_document_says_how_to_log_in(document: Any) -> None:
    schemes = document["components"]["securitySchemes"]
    assert {"type": "http", "scheme": "bearer"}.items() <= schemes["Token"].items()
    assert document["paths"]["/api/projects"]["get"]["security"] == [{"Token": []}, {"Session": []}]


def test_every_reference_leads_somewhere_and_every_operation_is_told_apart(document: Any) -> None:
    references = set(re.findall(r"#/components/schemas/([^'\"]+)", str(document)))
    assert references <= set(document["components"]["schemas"])
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)


def test_every_operation_says_what_a_problem_looks_like(document: Any) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            problem = operation["responses"]["default"]["content"]["application/problem+json"]
            assert problem["schema"]["$ref"].endswith("/ProblemOut"), (method, path)


def test_the_page_shows_every_operation_without_script_or_help_from_elsewhere(document: Any) -> None:
    response = Client().get("/api/docs")
    assert response.status_code == 200
    page = response.content.decode()
    for path, methods in document["paths"].items():
        assert f"<code>{path}</code>" in page
        for method in methods:
            assert f'id="{docs.slug(f"{method} {path}")}"' in page
    assert not re.search(r"<script(?![^>]*\ssrc=\"/static/)", page)
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert not re.search(r"\son\w+=|\sstyle=", page)
    assert "'unsafe-inline'" not in response["Content-Security-Policy"].split("script-src")[1].split(";")[0]


def test_the_root_leads_to_the_page() -> None:
    assert Client().get("/api/")["Location"] == "/api/docs"
