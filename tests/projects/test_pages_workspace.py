"""Ways into a task: the workspace's own page, and the button that finds the next one."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings

from tests.support.pages import Shown, make_shown

BUILT = settings.DJANGO_VITE["default"]["manifest_path"].exists()
needs_build = pytest.mark.skipif(not BUILT, reason="the frontend is not built")

HOSTILE = "</script><img src=x onerror=alert(1)> {{ 7*7 }} \u2028 'x' \"y\""


@pytest.fixture
def shown() -> Shown:
    return make_shown()


@needs_build
@pytest.mark.django_db
@pytest.mark.parametrize("role", ["manager", "reviewer", "annotator", "viewer"])
def test_the_workspace_starts_from_what_the_api_says(shown: Shown, role: str) -> None:
    task = shown.task(HOSTILE)
    html = shown.html(role, f"/projects/{{id}}/tasks/{task.pk}/")
    match = re.search(r'<script id="boot" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert match
    boot = json.loads(match[1])
    assert boot["task"]["text"] == HOSTILE
    assert (boot["project"]["id"], boot["project"]["role"]) == (shown.project.pk, role)
    assert boot["me"]["name"] == role
    assert re.fullmatch("#[0-9a-f]{6}", boot["me"]["colour"])
    assert "<img" not in html


@needs_build
@pytest.mark.django_db
def test_the_workspace_holds_a_long_text_once(shown: Shown) -> None:
    text = "A long text, told once. " * 50
    html = shown.html("annotator", f"/projects/{{id}}/tasks/{shown.task(text, data={'n': 7}).pk}/")
    assert html.count(text) == 1
    assert '"n": 7' in html


@needs_build
@pytest.mark.django_db
def test_the_workspace_names_all_of_its_scripts(shown: Shown) -> None:
    html = shown.html("annotator", f"/projects/{{id}}/tasks/{shown.task().pk}/")
    named = re.findall(r'"(/static/dist/assets/[^"]+\.js)"', html)
    assert {name.removeprefix("/static/dist/") for name in named} == needed_at_once()
    for name in named:
        response = shown.get("annotator", name)
        assert response.status_code == 200, name


def needed_at_once() -> set[str]:
    """The page's scripts and all that they import; what a script fetches when it is wanted is not among it."""
    manifest = json.loads(settings.DJANGO_VITE["default"]["manifest_path"].read_text())
    found: set[str] = set()
    waiting = ["src/workspace/main.tsx", "src/workspace/page.tsx"]
    while waiting:
        entry = manifest[waiting.pop()]
        if entry["file"] not in found:
            found.add(entry["file"])
            waiting += entry.get("imports", [])
    return found


@pytest.mark.django_db(transaction=True)
def test_continuing_leads_to_the_first_open_task(shown: Shown) -> None:
    shown.task(status="submitted")
    wanted = shown.task()
    response = shown.get("annotator", "/projects/{id}/continue/")
    assert response.headers["Location"] == f"/projects/{shown.project.pk}/tasks/{wanted.pk}/"


@pytest.mark.django_db(transaction=True)
def test_continuing_where_all_is_done_leads_to_the_table(shown: Shown) -> None:
    shown.task(status="submitted")
    response = shown.get("annotator", "/projects/{id}/continue/")
    assert response.headers["Location"] == f"/projects/{shown.project.pk}/tasks/"


@pytest.mark.django_db(transaction=True)
def test_continuing_in_anothers_project_is_not_found(shown: Shown) -> None:
    assert shown.get("stranger", "/projects/{id}/continue/").status_code == 404
