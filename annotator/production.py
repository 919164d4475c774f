"""Which starts are refused because they would be unsafe, each with its sentence. Knows values; reads nothing itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

SHORTEST_SECRET = 50  # characters, as Django's own check wants
FEWEST_DIFFERENT = 5
PLACEHOLDERS = ("change", "insecure", "secret", "example", "default", "password")
FOR_A_TRIAL = "For a trial in a network that you trust, set PRODUCTION=0"


@dataclass(frozen=True)
class Given:
    """What the environment said."""

    production: bool | None  # None: to be told from the rest
    debug: bool
    https: bool
    host: str
    secret_key: str
    allowed_hosts: Sequence[str]
    origins: Sequence[str]

    @property
    def is_production(self) -> bool:
        """As it was said; otherwise, whether the site is reached over TLS or by a name that others know."""
        if self.production is not None:
            return self.production
        origins = [urlsplit(origin).hostname or "" for origin in self.origins]
        return self.https or not all(map(is_near, [*self.allowed_hosts, *origins]))


def is_near(host: str) -> bool:
    """Whether a name or address is this machine's, or of a private network."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return False


def is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def faults(given: Given) -> Iterator[str]:
    """Why this start is refused: which variable, and what was expected of it."""
    if given.debug and (given.is_production or not is_this_machine(given.host)):
        yield "DEBUG is on, which shows code and settings to everybody who meets an error; expected: not set"
    if given.is_production:
        yield from production_faults(given)


def production_faults(given: Given) -> Iterator[str]:
    if not given.https:
        yield f"HTTPS is off, so logins and tokens would travel in plain; expected HTTPS=1 behind a proxy with TLS. {FOR_A_TRIAL}"
    if not given.allowed_hosts:
        yield "ALLOWED_HOSTS is not set; expected the names under which the site is reached, separated by commas"
    for host in given.allowed_hosts:
        if "*" in host or host.startswith("."):
            yield f"ALLOWED_HOSTS holds “{host}”; expected whole names, no wildcards"
    for origin in given.origins:
        if not origin.startswith("https://") or "*" in origin:
            yield f"ORIGINS holds “{origin}”; expected https://name[:port], no wildcards"
    yield from secret_faults(given.secret_key)


def secret_faults(key: str) -> Iterator[str]:
    """Of a key that was given; one that was not is made at random, in the data folder."""
    if not key:
        return
    if len(key) < SHORTEST_SECRET or len(set(key)) < FEWEST_DIFFERENT:
        yield (
            f"SECRET_KEY is too short or too simple; expected at least {SHORTEST_SECRET} random characters, "
            "or none at all: then one is made and kept in DATA_DIR"
        )
    elif any(word in key.lower() for word in PLACEHOLDERS):
        yield "SECRET_KEY looks like a placeholder; expected random characters, or none at all"
