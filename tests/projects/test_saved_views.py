"""Views of the task table: a name for filters, one's own or shared, kept in the address and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from projects.models import SavedView
from tests.support.pages import Markup, Shown, make_shown

pytestmark = pytest.mark.django_db

VIEWS = "/projects/{id}/views/"
TABLE = "/projects/{id}/tasks/"


@pytest.fixture
def shown() -> Shown:
    return make_shown()


def save(shown: Shown, who: str, **given: Any) -> Any:
    path, said = VIEWS.format(id=shown.project.pk), {"name": "Mine", "query": "status=open"} | given
    return shown.browser(who).post(path, said, follow=True)


def links(shown: Shown, name: str) -> list[str]:
    return Markup(shown.html(name, TABLE)).links()


def test_a_view_is_an_address_with_a_name(shown: Shown) -> None:
    answer = save(shown, "annotator", query="status=open&nonsense=1&search=&after=7&score_from=0.5")
    assert answer.redirect_chain[-1][0].endswith("/tasks/?status=open&score_from=0.5")
    assert any(link.endswith("?status=open&score_from=0.5") for link in links(shown, "annotator"))


def test_one_s_own_view_is_shown_to_nobody_else(shown: Shown) -> None:
    save(shown, "annotator")
    assert not any(link.endswith("?status=open") for link in links(shown, "manager"))


def test_a_manager_shares_a_view_and_an_annotator_cannot(shown: Shown) -> None:
    save(shown, "manager", shared="1")
    assert any(link.endswith("?status=open") for link in links(shown, "viewer"))
    save(shown, "annotator", name="Theirs", query="status=skipped", shared="1")
    assert not any(link.endswith("?status=skipped") for link in links(shown, "viewer"))


def test_the_same_name_again_means_the_new_filters(shown: Shown) -> None:
    save(shown, "annotator")
    save(shown, "annotator", query="status=skipped")
    assert SavedView.objects.get().query == "status=skipped"


@pytest.mark.parametrize("given", [{"name": ""}, {"name": "x" * 61}, {"query": ""}, {"query": "nonsense=1"}])
def test_a_view_needs_a_name_and_a_filter(shown: Shown, given: dict[str, str]) -> None:
    answer = save(shown, "annotator", **given)
    assert not SavedView.objects.exists()
    assert "The view was not saved" in answer.content.decode()


def test_only_its_owner_or_a_manager_forgets_it(shown: Shown) -> None:
    save(shown, "manager", shared="1")
    view = SavedView.objects.get()
    path = f"{VIEWS.format(id=shown.project.pk)}{view.pk}/delete/"
    assert shown.browser("annotator").post(path).status_code == 404
    assert shown.browser("manager").post(path).status_code == 302
    assert not SavedView.objects.exists()


def test_a_stranger_saves_nothing(shown: Shown) -> None:
    assert save(shown, "stranger").status_code == 404
