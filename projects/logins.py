"""Whose a socket is, and what he may do: read from the database, at the start and again every few seconds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.cookies import CookieError, SimpleCookie
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from annotator.collaboration.session import Person
from projects import access
from projects.models import Project
from projects.people import colour_of


@dataclass(frozen=True)
class Credential:
    """How a socket says who it is: a bearer token, or the key of a login session. Never logged."""

    kind: str  # token, session, none
    secret: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(f"{self.kind}:{self.secret}".encode()).hexdigest()


def credential_of(scope: dict[str, Any]) -> Credential:
    """The credential of a WebSocket handshake; a token goes before a cookie."""
    headers = dict(scope["headers"])
    authorization = headers.get(b"authorization", b"").decode("latin1")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return Credential("token", token.strip())
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin1"))
    except CookieError:
        return Credential("none", "")
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return Credential("session", morsel.value) if morsel else Credential("none", "")


def users_of(credentials: Collection[Credential]) -> dict[Credential, Any]:
    """The active users behind credentials; those that are no good are not in it. A few queries, however many they are."""
    by_secret: dict[str, dict[str, Any]] = {
        "token": access.users_of_tokens([each.secret for each in credentials if each.kind == "token"]),
        "session": users_of_sessions([each.secret for each in credentials if each.kind == "session"]),
    }
    found = ((each, by_secret.get(each.kind, {}).get(each.secret)) for each in credentials)
    return {credential: user for credential, user in found if user is not None}


class Login(NamedTuple):
    """What a session says of who logged in."""

    user_id: int
    backend: str
    hash: str  # of the password that was true then


@lru_cache(10_000)
def login_of(session_data: str) -> Login | None:
    said = SessionStore().decode(session_data)
    try:
        return Login(int(said[SESSION_KEY]), said[BACKEND_SESSION_KEY], said[HASH_SESSION_KEY])
    except (KeyError, ValueError):
        return None


def users_of_sessions(keys: Collection[str]) -> dict[str, Any]:
    """As `django.contrib.auth.get_user`, for many at once; but a session is not renewed: a socket cannot set a cookie."""
    keys = [key for key in keys if key.isascii() and key.isalnum()]  # a cookie may hold what no database takes
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    logins = {key: login_of(data) for key, data in rows.values_list("session_key", "session_data")}
    ids = {login.user_id for login in logins.values() if login is not None}
    users = get_user_model().objects.filter(is_active=True).in_bulk(ids)
    found = {}
    for key, login in logins.items():
        user = users.get(login.user_id) if login is not None else None
        if login is None or user is None or login.backend not in settings.AUTHENTICATION_BACKENDS:
            continue
        if any(constant_time_compare(login.hash, known) for known in hashes_of(user)):
            found[key] = user
    return found


def hashes_of(user: Any) -> Iterator[str]:
    """What a session of this user holds, by the secret of now and by those that it replaced."""
    yield user.get_session_auth_hash()
    yield from user.get_session_auth_fallback_hash()


def person(user: Any) -> Person:
    return Person(user.pk, user.get_username(), colour_of(user.pk))


@dataclass(frozen=True)
class Rights:
    """What somebody may do in a project at this moment."""

    person: Person
    role: str
    may_write: bool
    revision: int


def rights_of(users: Collection[Any], revisions: Mapping[int, int]) -> dict[tuple[int, int], Rights]:
    """What people may do in projects, by (user id, project id); strangers are not in it. `revisions`: by project id."""
    people = {user.pk: person(user) for user in users}
    return {
        (user_id, project_id): Rights(people[user_id], role.value, access.may_write(role), revisions[project_id])
        for (user_id, project_id), role in access.roles_in(users, list(revisions)).items()
    }


def revisions_of(project_ids: Collection[int]) -> dict[int, int]:
    """The revisions of those projects that there are."""
    return dict(Project.objects.filter(pk__in=project_ids).values_list("pk", "revision"))
