"""A real PostgreSQL for tests, in a temporary folder, on a free port, with fsync on: start, kill, start again."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import threading

import psycopg

from tests.support.processes import Daemon, end, needed, own, somebody, wait_until

USER = "colabel"
numbers = itertools.count(1)


class Postgres(Daemon):
    """`kill` is a SIGKILL of the postmaster; its children notice and end."""

    def __init__(self) -> None:
        super().__init__("postgres")

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
        self.run([needed("postgres"), "-D", str(self.folder / "data"), *flags], cwd=self.folder, **somebody())
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
        self.need_running()
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """A fast shutdown: connections are cut, everything is put away."""
        end(self._process, signal.SIGINT)

    def remove(self) -> None:
        end(self._process, signal.SIGQUIT)  # at once, and its children with it
        super().remove()


def fresh_database(url: str) -> str:
    """Make an empty database on the server of `url`; returns its address."""
    name = f"place_{os.getpid()}_{threading.get_ident() % 100_000}_{next(numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{url.rsplit('/', 1)[0]}/{name}"
