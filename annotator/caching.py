"""Django's cache in Redis, and in this process' memory while Redis is away. Knows nothing of what is kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

log = logging.getLogger(__name__)

AWAY_SECONDS = 2.0  # how long Redis is left alone after it did not answer
OPERATIONS = ("add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many", "clear")


class RedisOrMemoryCache(RedisCache):
    """The login throttle counts in all processes together; without Redis each counts for itself, and people still get in."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._memory = LocMemCache("while-redis-is-away", {})
        self._away_until = 0.0

    def _either(self, name: str, *args: Any, **more: Any) -> Any:
        if time.monotonic() >= self._away_until:
            try:
                return getattr(RedisCache, name)(self, *args, **more)
            except (NoConnection, NoAnswer) as error:
                self._away_until = time.monotonic() + AWAY_SECONDS
                log.warning("Redis does not answer (%s); the cache is in memory meanwhile", error)
        return getattr(self._memory, name)(*args, **more)


def either(name: str) -> Callable[..., Any]:
    def operation(self: RedisOrMemoryCache, *args: Any, **more: Any) -> Any:
        return self._either(name, *args, **more)

    return operation


for _name in OPERATIONS:
    setattr(RedisOrMemoryCache, _name, either(_name))
