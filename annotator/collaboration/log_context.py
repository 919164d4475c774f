"""What a log line says besides its message: whose request or session it was written in. Knows no Django and no content.

Bound once at the edge, carried by the context of the task. Work for everybody (a commit, a watch) runs in an empty
context: it must not be told as the work of whoever happened to start it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import MappingProxyType

Bound = Mapping[str, str | int]

NOTHING: Bound = MappingProxyType({})
_bound: ContextVar[Bound] = ContextVar("log_context", default=NOTHING)


def bind(**fields: str | int) -> Token[Bound]:
    """Say more of what is logged from here on in this task; the token takes it back."""
    return _bound.set({**_bound.get(), **fields})


def unbind(token: Token[Bound]) -> None:
    _bound.reset(token)


def bound() -> Bound:
    return _bound.get()


def told(error: BaseException) -> str:
    """An error in words that hold nobody's content: its type and, of the machine's own troubles, what they say.

    Messages of other errors quote what they were about: a value that cannot be read, a text that a slice went through.
    """
    kind = type(error).__name__
    if isinstance(error, OSError):
        return f"{kind}: {error.strerror}" if error.strerror else kind
    if kind == "OperationalError":  # the database's driver: disk full, locked, gone away
        return f"{kind}: {str(error).strip().partition(chr(10))[0]}"
    return kind
