"""A real PostgreSQL for tests, in a temporary folder, on a free port, with fsync on: start, kill, start again."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

import psycopg

from tests.support.ports import free_port
from tests.support.processes import end, own, program, somebody, wait_until

USER = "colabel"
numbers = itertools.count(1)


class Postgres:
    """The folder and the port stay until `remove`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="colabel-postgres-"))
        self.port = free_port()
        self.log_path = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> Postgres:
        if not (self.folder / "data").exists():
            self._make()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
            "fsync": "on",
            "shared_buffers": "64MB",
            "max_connections": "200",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [needed("postgres"), "-D", str(self.folder / "data"), *flags],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **somebody(),
            )
        wait_until(self.answers, "PostgreSQL's start")
        return self

    def _make(self) -> None:
        own(self.folder)
        command = [needed("initdb"), "-D", str(self.folder / "data"), "-U", USER, "-A", "trust", "--locale=C.UTF-8"]
        done = subprocess.run(
            [*command, "-E", "UTF8"], cwd=self.folder, capture_output=True, text=True, check=False, **somebody()
        )
        if done.returncode:
            raise AssertionError(f"initdb failed:\n{done.stderr}")

    def answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"PostgreSQL ended with {self._process.returncode}:\n{self.log_path.read_text()}")
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """A fast shutdown: connections are cut, everything is put away."""
        end(self._process, signal.SIGINT)

    def kill(self) -> None:
        """SIGKILL of the postmaster; its children notice and end."""
        end(self._process, signal.SIGKILL)

    def remove(self) -> None:
        if self._process is not None and self._process.poll() is None:
            end(self._process, signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def needed(name: str) -> str:
    found = program(name)
    assert found, f"{name} is not installed"
    return found


def fresh_database(url: str) -> str:
    """Make an empty database on the server of `url`; returns its address."""
    name = f"place_{os.getpid()}_{threading.get_ident() % 100_000}_{next(numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{url.rsplit('/', 1)[0]}/{name}"
