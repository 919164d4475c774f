"""How long browsers keep static files."""

from __future__ import annotations

import re
from wsgiref.headers import Headers

BUILT = re.compile(r"^/static/dist/assets/.+-[\w-]{8}\.\w+$")  # the frontend's build names it by its content


def keep_for_ever_what_is_built(headers: Headers, path: str, url: str) -> None:
    """`SERVESTATIC_ADD_HEADERS_FUNCTION`; servestatic itself knows only names that Django's storage hashed."""
    if BUILT.match(url):
        headers["Cache-Control"] = "max-age=315360000, public, immutable"
