"""A real Redis for tests, in a temporary folder, on a free port: start, kill, start again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import redis

from tests.support.ports import free_port
from tests.support.processes import end, program, wait_until


class Redis:
    """Nothing is written to disk: it is only a bell, and what it forgets must not matter."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="colabel-redis-"))
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.log_path = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Redis:
        found = program("redis-server")
        assert found, "redis-server is not installed"
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [found, *options, "--dir", str(self.folder)], stdout=log, stderr=log, cwd=self.folder
            )
        wait_until(self.answers, "Redis' start")
        return self

    def answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def stop(self) -> None:
        end(self._process, signal.SIGTERM)

    def kill(self) -> None:
        end(self._process, signal.SIGKILL)

    def remove(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
