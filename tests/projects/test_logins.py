"""Who is behind a credential, asked for many at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from projects.doors import admit, current_rights
from projects.logins import Credential, users_of
from projects.models import ApiToken, Document, Membership, Project, Role, Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> list[Any]:
    return [get_user_model().objects.create(username=name, password=f"hash of {name}") for name in ("ada", "ben", "cy")]


def session_of(user: Any) -> Credential:
    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return Credential("session", client.cookies["sessionid"].value)


def token_of(user: Any) -> Credential:
    return Credential("token", ApiToken.issue(user, "test")[1])


def test_everybody_is_known_by_a_few_queries(people: list[Any], django_assert_num_queries: Any) -> None:
    by_session = {session_of(user): user for user in people}
    by_token = {token_of(user): user for user in people}
    asked = [*by_session, *by_token, Credential("token", "nobody's"), Credential("session", "x" * 32)]
    with django_assert_num_queries(3):  # tokens, sessions, users
        assert users_of(asked) == {**by_session, **by_token}


@pytest.mark.parametrize("secret", ["", "\0", "a\0b", "short", "ü" * 32, "' or 1=1 --"])
@pytest.mark.parametrize("kind", ["session", "token", "none", "other"])
def test_a_secret_that_is_none_is_nobodys(kind: str, secret: str, people: list[Any]) -> None:
    good = session_of(people[0])
    assert users_of([Credential(kind, secret), good]) == {good: people[0]}


def test_who_may_not_be_in_any_more_is_nobody(people: list[Any]) -> None:
    ada, ben, cy = people
    inside = {user: (session_of(user), token_of(user)) for user in people}
    get_user_model().objects.filter(pk=ada.pk).update(password="hash of another")  # noqa: S106
    get_user_model().objects.filter(pk=ben.pk).update(is_active=False)
    Session.objects.filter(pk=inside[cy][0].secret).update(expire_date=timezone.now() - timedelta(seconds=1))
    asked = [credential for each in inside.values() for credential in each]
    assert users_of(asked) == {inside[ada][1]: ada, inside[cy][1]: cy}


def test_a_session_of_a_secret_that_was_replaced_still_holds(people: list[Any], settings: Any) -> None:
    good = session_of(people[0])
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "x" * 60, [settings.SECRET_KEY]
    for _ in range(2):  # it is not renewed: the browser would go on with what it holds
        assert users_of([good]) == {good: people[0]}


def test_rights_and_admissions_are_each_ones_own(people: list[Any], django_assert_num_queries: Any) -> None:
    ada, ben, cy = people
    boss = get_user_model().objects.create_superuser("boss")
    mine, other = (Project.objects.create(name=name) for name in ("mine", "other"))
    for user, project, role in ((ada, mine, Role.MANAGER), (ben, mine, Role.VIEWER), (cy, other, Role.ANNOTATOR)):
        Membership.objects.create(user=user, project=project, role=role)
    shared = Document.objects.create(task=Task.objects.create(project=mine, text="a"))
    bens = Document.objects.create(task=Task.objects.create(project=mine, text="b"), annotator=ben)
    tokens = {user: token_of(user) for user in (ada, ben, cy, boss)}
    asked = [(tokens[user], document.pk) for document in (shared, bens) for user in tokens]
    with django_assert_num_queries(3):  # tokens, documents, memberships
        found = admit([*asked, (tokens[ada], 10**18 - 1), (Credential("token", "no"), shared.pk)])
    said = [each.rights.role if not isinstance(each, int) else int(each) for each in found]
    assert said == ["manager", "viewer", 4404, "manager", 4404, "viewer", 4404, 4404, 4404, 4401]
    pairs = {(tokens[user], project.pk) for user in tokens for project in (mine, other)}
    rights = current_rights(pairs)
    assert rights[tokens[ada], other.pk] == 4404
    assert rights[tokens[cy], other.pk].may_write  # type: ignore[union-attr]
    assert not rights[tokens[ben], mine.pk].may_write  # type: ignore[union-attr]
    assert rights[tokens[boss], other.pk].role == "manager"  # type: ignore[union-attr]
