"""Every page keeps the strict policy: no inline script or style, and what people typed stays text."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.test.utils import override_settings
from django.urls import path
from django.views.defaults import permission_denied

from annotator.urls import urlpatterns as site_urls
from projects.models import Field, Label
from tests.support.pages import Markup, Shown, make_shown

pytestmark = pytest.mark.django_db

HOSTILE = "<img src=x onerror=alert(1)>{{ 7*7 }}</title><script>alert(1)</script>'\""
PAGES = (
    "/",
    "/projects/{id}/",
    "/projects/{id}/tasks/",
    "/projects/{id}/tasks/?search=img",
    "/projects/{id}/tasks/?search=%3Cscript%3Ealert(1)%3C/script%3E%22%3E",
    "/projects/{id}/export/",
    "/accounts/logout/",
    "/accounts/password/set/",
)


def broken(request: object) -> None:
    raise RuntimeError("on purpose")


urlpatterns = [
    path("broken/", broken),
    path("forbidden/", permission_denied, {"exception": HOSTILE}),
    *site_urls,
]


@pytest.fixture
def shown() -> Shown:
    """A project in which everything that can be named is named by an enemy."""
    shown = make_shown(name=HOSTILE, description=f"javascript:alert(1) {HOSTILE}", guidelines=HOSTILE)
    shown.users["annotator"].username = HOSTILE
    shown.users["annotator"].save()
    Field.objects.update(name=HOSTILE)
    Label.objects.update(name=HOSTILE[:100], colour="red;background:url(//elsewhere.example)"[:7])
    shown.say(shown.task(f"{HOSTILE} {'x' * 300}"))
    return shown


def assert_keeps_the_policy(response: object) -> Markup:
    policy = response.headers["Content-Security-Policy"]  # type: ignore[attr-defined]
    for part in (
        "script-src 'self'",
        "default-src 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ):
        assert re.search(rf"(^|; ){re.escape(part)}(;|$)", policy), policy
    page = Markup(response.content.decode())  # type: ignore[attr-defined]
    assert page.refused() == []
    assert "img" not in {tag for tag, _ in page.elements}
    return page


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("name", ["manager", "annotator"])
def test_what_people_typed_is_text_on_every_page(shown: Shown, path: str, name: str) -> None:
    response = shown.get(name, path)
    assert response.status_code == 200
    page = assert_keeps_the_policy(response)
    if path.startswith("/projects"):
        assert HOSTILE in page.text


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/login/?next=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/nothing/"]
)
def test_pages_for_anybody_keep_it_too(path: str) -> None:
    assert_keeps_the_policy(Client().get(path))


@override_settings(ROOT_URLCONF="tests.projects.test_csp")
def test_pages_of_errors_keep_it_and_say_what_happened() -> None:
    client = Client(raise_request_exception=False)
    for path_, status, words in (
        ("/broken/", 500, "What was shown as saved is safe."),
        ("/forbidden/", 403, HOSTILE),
        ("/nothing/", 404, "belongs to a project that you are not a member of"),
    ):
        response = client.get(path_)
        assert response.status_code == status
        page = assert_keeps_the_policy(response)
        assert words in page.text


def test_style_attributes_hold_positions_and_sound_colours_only(shown: Shown) -> None:
    page = Markup(shown.html("viewer", "/projects/{id}/"))
    styles = [more["style"] for _, more in page.elements if "style" in more]
    assert styles
    for style in styles:
        assert re.fullmatch(r"(width:\d+%;?)?((background|--u):#[0-9a-fA-F]{6})?", style or ""), style


def test_pages_cannot_be_framed_guessed_at_or_kept_by_others(shown: Shown) -> None:
    headers = shown.get("viewer", "/projects/{id}/").headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
