"""Who asks: a program by its bearer token, or a person by the session cookie, which then needs the CSRF token, too."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from projects import access
from projects.api.problems import Problem


class Token(HttpBearer):
    """`Authorization: Bearer <token>`. A token that is no good is refused, even where a cookie came along."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        user = access.user_of_token(token.strip())
        if user is None:
            raise Problem(401, "The bearer token is not valid; expected one that `manage.py token USER` printed.")
        request.user = user
        return user


class Session(APIKeyCookie):
    """The cookie of a logged-in browser. Changes need the CSRF token, since a browser sends cookies for any page."""

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> Any | None:
        if not request.user.is_authenticated:
            return None
        if check_csrf(request):
            raise Problem(
                403, "The CSRF token is missing or wrong; expected the header X-CSRFToken with the value of the cookie."
            )
        return request.user

    def authenticate(self, request: HttpRequest, key: str | None) -> Any | None:
        return self(request)


AUTH = [Token(), Session()]
