"""Who may see which page: the viewer all of it without the manager's links, the stranger nothing, nobody the log-in."""

from __future__ import annotations

import pytest

from tests.support.pages import ROLES, Markup, Shown, make_shown

pytestmark = pytest.mark.django_db

PAGES = ("/projects/{id}/", "/projects/{id}/tasks/", "/projects/{id}/export/")


@pytest.fixture
def shown() -> Shown:
    shown = make_shown(guidelines="Mark *names*.")
    shown.task()
    return shown


@pytest.mark.parametrize("path", ["/", *PAGES, "/projects/{id}/continue/", "/projects/{id}/tasks/1/"])
def test_it_sends_who_is_not_logged_in_to_the_log_in(shown: Shown, path: str) -> None:
    response = shown.get("nobody", path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={path.format(id=shown.project.pk)}"


@pytest.mark.parametrize("path", PAGES)
def test_it_does_not_tell_a_stranger_whether_a_project_exists(shown: Shown, path: str) -> None:
    refused, absent = shown.get("stranger", path), shown.get("stranger", path.format(id=10**6))
    assert (refused.status_code, absent.status_code) == (404, 404)
    assert refused.content == absent.content


def test_it_does_not_show_a_task_to_a_stranger(shown: Shown) -> None:
    task = shown.project.tasks.get()
    assert shown.get("stranger", f"/projects/{{id}}/tasks/{task.pk}/").status_code == 404


def test_it_does_not_show_a_task_under_another_project(shown: Shown) -> None:
    task = shown.project.tasks.get()
    assert shown.get("manager", f"/projects/{shown.project.pk + 1}/tasks/{task.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["/", *PAGES])
@pytest.mark.parametrize("role", ROLES)
def test_it_shows_the_managers_links_to_managers_only(shown: Shown, path: str, role: str) -> None:
    links = [
        link
        for link in Markup(shown.html(role, path)).links()
        if f"/admin/projects/project/{shown.project.pk}/" in link
    ]
    if role != "manager" or path == "/":
        assert links == []
    else:
        assert f"/admin/projects/project/{shown.project.pk}/change/" in links


def test_it_lists_a_persons_own_projects_only(shown: Shown) -> None:
    assert "News" in shown.html("viewer", "/")
    assert "News" not in shown.html("stranger", "/")


@pytest.mark.parametrize(
    "path", ["/projects/{number}/", "/projects/{id}/tasks/{number}/", "/projects/{number}/export/"]
)
def test_a_number_that_no_database_holds_is_not_found(shown: Shown, path: str) -> None:
    path = path.replace("{number}", str(2**80))
    assert shown.get("manager", path).status_code == 404


@pytest.mark.parametrize("path", ["/", *PAGES])
def test_pages_take_no_writing_requests(shown: Shown, path: str) -> None:
    response = shown.browser("manager").post(path.format(id=shown.project.pk))
    assert response.status_code == 405


def test_it_tells_who_has_no_project_what_to_do_next(shown: Shown) -> None:
    shown.users["viewer"].memberships.all().delete()
    shown.users["manager"].memberships.all().delete()
    assert "makes you a member" in shown.html("viewer", "/")
    assert "/admin/projects/project/add/" in Markup(shown.html("manager", "/")).links()
