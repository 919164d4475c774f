"""A real Redis for tests, in a temporary folder, on a free port: start, kill, start again."""

from __future__ import annotations

import signal

import redis

from tests.support.processes import Daemon, end, needed, wait_until


class Redis(Daemon):
    """Nothing is written to disk: it is only a bell, and what it forgets must not matter."""

    def __init__(self, password: str = "") -> None:
        super().__init__("redis")
        self.url = f"redis://{f':{password}@' if password else ''}127.0.0.1:{self.port}/0"
        self._password = ["--requirepass", password] if password else []

    def start(self) -> Redis:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        folder = ["--dir", str(self.folder)]
        self.run([needed("redis-server"), *options, *self._password, *folder], cwd=self.folder)
        wait_until(self.answers, "Redis' start")
        return self

    def answers(self) -> bool:
        self.need_running()
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def stop(self) -> None:
        end(self._process, signal.SIGTERM)
