"""Whose a socket is, and what he may do: read from the database, at the start and again every few seconds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user

from annotator.collaboration.session import Person
from projects import access
from projects.models import Document, Project
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


def user_of(credential: Credential) -> Any | None:
    """The active user behind a credential, or None."""
    if credential.kind == "token":
        return access.user_of_token(credential.secret)
    if credential.kind != "session":
        return None
    engine = import_module(settings.SESSION_ENGINE)
    user = get_user(SimpleNamespace(session=engine.SessionStore(credential.secret)))  # type: ignore[arg-type]
    return user if user.is_authenticated and user.is_active else None


def person(user: Any) -> Person:
    return Person(user.pk, user.get_username(), colour_of(user.pk))


@dataclass(frozen=True)
class Rights:
    """What somebody may do in a project at this moment."""

    person: Person
    role: str
    may_write: bool
    revision: int


def rights_in(user: Any, project_id: int) -> Rights | None:
    """None for a stranger."""
    role = access.role_in(user, project_id)
    revision = Project.objects.filter(pk=project_id).values_list("revision", flat=True).first()
    if role is None or revision is None:
        return None
    return Rights(person(user), role.value, access.may_write(role), revision)


def document_for(user: Any, document_id: int) -> Document | None:
    """A document that `user` may open."""
    try:
        return access.get_document(user, document_id)
    except access.NotYours:
        return None
