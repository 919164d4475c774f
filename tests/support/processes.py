"""Programs beside the tests: found, started as somebody who is not root, started again, and ended."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.support.ports import free_port

WAIT_SECONDS = 30.0
DEBIAN_POSTGRES = "/usr/lib/postgresql"


def program(name: str) -> str | None:
    """Where a program lies; Debian keeps PostgreSQL's and nginx out of the usual path."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]
    places += sorted(map(str, Path(DEBIAN_POSTGRES).glob("*/bin")), reverse=True)
    return shutil.which(name, path=os.pathsep.join(places))


def needed(name: str) -> str:
    """Where a program lies that must be there."""
    found = program(name)
    assert found, f"{name} is not installed"
    return found


def missing(*names: str) -> str:
    """The sentence with which a test is skipped; empty where every program is there."""
    absent = [name for name in names if program(name) is None]
    return f"Not installed here: {', '.join(absent)}" if absent else ""


def somebody() -> dict[str, Any]:
    """For Popen: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def own(path: Path) -> None:
    """Let `somebody` have a folder."""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(path, nobody.pw_uid, nobody.pw_gid)


def wait_until(fact: Callable[[], Any], what: str, seconds: float = WAIT_SECONDS) -> Any:
    """Wait for a fact, and hand it over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            found = fact()
            if found:
                return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not happen within {seconds:.0f} s")


def end(process: subprocess.Popen[Any] | None, number: int) -> None:
    """Send a signal and wait for the end."""
    if process is not None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        process.wait(WAIT_SECONDS)


class Program:
    """A process with a log, which may be started again."""

    def __init__(self, log_path: Path) -> None:
        self.log_path = log_path
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, command: Sequence[str], **how: Any) -> None:
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **how)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def need_running(self) -> None:
        """Fail with what it said, if it has ended."""
        assert self._process is not None
        assert self._process.poll() is None, f"it ended with {self._process.returncode}:\n{self.log_path.read_text()}"

    def kill(self) -> None:
        end(self._process, signal.SIGKILL)


class Daemon(Program):
    """A program with a temporary folder and a free port, which stay until `remove`."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"colabel-{name}-"))
        self.port = free_port()
        super().__init__(self.folder / "log")

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
