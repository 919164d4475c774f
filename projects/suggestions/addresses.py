"""Which addresses a backend may have: the one place where a URL is checked before anything is sent to it."""

from __future__ import annotations

import httpx

from projects.suggestions.events import BackendFailed, quoted


def checked(url: str) -> httpx.URL:
    """The address to call. Raises BackendFailed with what is wrong with it."""
    if not url.strip():
        raise BackendFailed("The backend has no address; a manager can give it one.")
    try:
        parsed = httpx.URL(url.strip())
    except (httpx.InvalidURL, ValueError):
        raise BackendFailed(f"The backend's address {quoted(url, 80)} cannot be read.") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise BackendFailed(f"The backend's address must begin with http:// or https://; given is {quoted(url, 80)}.")
    if parsed.userinfo:
        raise BackendFailed("The backend's address must not hold a name or password.")
    return parsed


def shown(url: httpx.URL) -> str:
    """Where we called, for people who label: without path and query, which may hold what is not for them."""
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{url.scheme}://{host}" + (f":{url.port}" if url.port else "")
