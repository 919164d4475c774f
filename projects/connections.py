"""Connections of threads and processes that live long: looked at before use, and known when they are lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from threading import local
from typing import ParamSpec, TypeVar

from django.db import Error, close_old_connections, connection

P = ParamSpec("P")
T = TypeVar("T")

TRUSTED_SECONDS = 5.0  # a connection that was used so lately is taken to be alive
CONNECTION_LOST = ("08", "57P")  # SQLSTATE classes: no connection; the server is shutting down

_thread = local()


def fresh(function: Callable[P, T]) -> Callable[P, T]:
    """For functions that are called in threads of our own: a connection that the server cut is left before it is used.

    After an error, or a pause, it is looked at; otherwise an edit need not pay for the look.
    """

    @wraps(function)
    def called(*args: P.args, **more: P.kwargs) -> T:
        if connection.vendor != "postgresql":
            return function(*args, **more)
        if time.monotonic() - getattr(_thread, "trusted", 0.0) > TRUSTED_SECONDS and not connection.in_atomic_block:
            close_old_connections()
        _thread.trusted = 0.0
        found = function(*args, **more)
        _thread.trusted = time.monotonic()
        return found

    return called


def fresh_to_read(function: Callable[P, T]) -> Callable[P, T]:
    """`fresh` for functions that only read: what a lost connection did not answer is asked once more."""
    checked = fresh(function)

    @wraps(function)
    def called(*args: P.args, **more: P.kwargs) -> T:
        try:
            return checked(*args, **more)
        except Error as error:
            if not is_lost(error):
                raise
        return checked(*args, **more)

    return called


def is_lost(error: BaseException) -> bool:
    """Whether PostgreSQL went away, so that what was tried may well be tried again."""
    if connection.vendor != "postgresql" or not isinstance(error, Error):
        return False
    state = getattr(error.__cause__, "sqlstate", None)  # an error that the client noticed has none
    return state is None or state.startswith(CONNECTION_LOST)
