"""Logging in and out: one door for all, throttled; closed to who has no account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client

from tests.support.pages import Markup

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
PASSWORD = "a long enough secret"


@pytest.fixture(autouse=True)
def no_earlier_attempts(settings: Any) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # dozens of attempts in a second
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def ann() -> Any:
    return get_user_model().objects.create_user("ann", password=PASSWORD)


def attempt(client: Client, name: str, password: str, **more: str) -> Any:
    return client.post(LOGIN, {"login": name, "password": password, **more})


def is_logged_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_a_name_and_its_password_open_the_door(ann: Any) -> None:
    client = Client()
    response = attempt(client, "ann", PASSWORD, next="/projects/7/")
    assert (response.status_code, response.headers["Location"]) == (302, "/projects/7/")
    assert is_logged_in(client)


def test_it_says_no_more_than_that_name_and_password_do_not_fit(ann: Any) -> None:
    wrong, unknown = Client(), Client()
    texts = [
        Markup(attempt(client, name, "wrong").content.decode()).text
        for client, name in ((wrong, "ann"), (unknown, "ben"))
    ]
    assert "do not belong together" in texts[0]
    assert texts[0] == texts[1]
    assert not is_logged_in(wrong)


def test_it_stops_guessing_at_a_name_even_with_the_right_password(ann: Any) -> None:
    for _ in range(5):
        attempt(Client(), "ann", "wrong")
    client = Client()
    response = attempt(client, "ann", PASSWORD)
    assert "Too many failed attempts" in response.content.decode()
    assert not is_logged_in(client)


def test_it_stops_guessing_from_an_address_over_many_names(ann: Any) -> None:
    for number in range(20):
        attempt(Client(), f"somebody-{number}", "wrong")
    client = Client()
    attempt(client, "ann", PASSWORD)
    assert not is_logged_in(client)


def test_people_who_log_in_well_do_not_use_up_the_attempts(ann: Any) -> None:
    for _ in range(8):
        assert attempt(Client(), "ann", PASSWORD).status_code == 302


@pytest.mark.parametrize("path", ["signup/", "password/reset/", "email/", "confirm-email/", "social/connections/"])
def test_pages_that_we_do_not_want_are_not_there(path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize("elsewhere", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_it_leads_nobody_to_another_site(ann: Any, elsewhere: str) -> None:
    response = attempt(Client(), "ann", PASSWORD, next=elsewhere)
    assert response.headers["Location"] == "/"


def test_a_closed_account_stays_closed(ann: Any) -> None:
    get_user_model().objects.update(is_active=False)
    client = Client()
    attempt(client, "ann", PASSWORD)
    assert not is_logged_in(client)


def test_the_administration_uses_the_same_door(ann: Any) -> None:
    for path in ("/admin/", "/admin/login/"):
        response = Client().get(path, follow=True)
        assert response.redirect_chain[-1][0].startswith(LOGIN)
    client = Client()
    client.force_login(ann)
    assert client.get("/admin/login/").status_code == 403


def test_logging_out_takes_a_form_and_ends_the_session(ann: Any) -> None:
    client = Client()
    client.force_login(ann)
    asked = client.get("/accounts/logout/")
    assert asked.status_code == 200
    assert is_logged_in(client)
    assert client.post("/accounts/logout/").headers["Location"] == LOGIN
    assert not is_logged_in(client)


def test_every_form_that_logs_out_wipes_what_the_browser_keeps(ann: Any) -> None:
    client = Client()
    client.force_login(ann)
    for path in ("/", "/accounts/logout/"):
        page = Markup(client.get(path).content.decode())
        forms = [more for tag, more in page.elements if tag == "form" and more.get("action") == "/accounts/logout/"]
        assert forms
        assert all("data-logout" in form for form in forms)
        assert any(more.get("src", "").endswith("js/pages.js") for tag, more in page.elements if tag == "script")


def test_logging_in_wants_the_token_of_its_form(ann: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    response = attempt(client, "ann", PASSWORD)
    assert response.status_code == 403
    assert "form is too old" in response.content.decode()


def test_a_password_can_be_changed_by_who_knows_it(ann: Any) -> None:
    client = Client()
    client.force_login(ann)
    new = "another long secret"
    given = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/accounts/password/change/", given | {"oldpassword": "wrong"}).status_code == 200
    assert client.post("/accounts/password/change/", given).status_code == 302
    assert get_user_model().objects.get(username="ann").check_password(new)


def test_who_has_no_password_yet_is_asked_to_set_one() -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_user("ben"))
    assert client.get("/accounts/password/change/").headers["Location"] == "/accounts/password/set/"
