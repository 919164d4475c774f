"""A real server for tests: `manage.py serve` as a process of its own, in a temporary data folder, on a free port."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.support.ports import free_port
from tests.support.postgres import fresh_database

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 40.0


class Server:
    """Start, kill, start again: the data folder and the port stay."""

    def __init__(self, data_dir: Path, *, asgi: str = "daphne", worker: bool = True, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.asgi = asgi
        self.url = f"http://127.0.0.1:{self.port}"
        self.ws_url = f"ws://127.0.0.1:{self.port}"
        self.origin = self.url
        if "DATABASE_URL" not in environment and "TEST_POSTGRES" in os.environ:
            environment["DATABASE_URL"] = fresh_database(os.environ["TEST_POSTGRES"])
        self._worker = worker
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None
        self._prepared = (data_dir / "db.sqlite3").exists()
        self.log_path = data_dir / "server.log"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{k: v for k, v in os.environ.items() if k not in ("DJANGO_SETTINGS_MODULE",)},
            "DATA_DIR": str(self.data_dir),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **self._environment,
        }

    def manage(self, *arguments: str, check: bool = True, input: str | None = None) -> str:
        """Run `manage.py ...` on this server's data; returns what it printed."""
        self._prepared = self._prepared or arguments[0] == "migrate"
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment,
            cwd=ROOT,
            text=True,
            capture_output=True,
            input=input,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def shell(self, code: str) -> str:
        """Run code with Django set up, on this server's data."""
        return self.manage("shell", "--no-imports", "-v", "0", input=code)

    def start(self) -> Server:
        if not self._prepared:
            self.manage("migrate", "-v", "0")
        with open(self.log_path, "a") as log:
            self._process = subprocess.Popen(
                self._command(),
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self.wait_until_it_serves()
        return self

    def _command(self) -> list[str]:
        if self.asgi == "daphne":
            return [sys.executable, str(ROOT / "manage.py"), "serve", *([] if self._worker else ["--no-worker"])]
        address = ["--host", "127.0.0.1", "--port", str(self.port)]
        return [sys.executable, "-m", "uvicorn", "annotator.asgi:application", *address]

    def wait_until_it_serves(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended with {self._process.returncode}:\n{self.log()}")
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the server did not start:\n{self.log()}")

    def log(self) -> str:
        return self.log_path.read_text() if self.log_path.exists() else ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL of the server and its worker: nothing of them gets to say goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(20)
        self._end(signal.SIGKILL)
        return code

    def _end(self, number: int) -> None:
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
        self._process.wait(20)

    # -- accounts --------------------------------------------------------------------------------------------------

    def user(self, name: str, password: str = "a-long-password-1", staff: bool = False, superuser: bool = False) -> int:
        """Make an account (or find it); returns its id."""
        code = (
            "from django.contrib.auth import get_user_model\n"
            f"u, made = get_user_model().objects.get_or_create(username={name!r}, "
            f"defaults=dict(is_staff={staff or superuser}, is_superuser={superuser}))\n"
            f"u.set_password({password!r}); u.save(); print('USER', u.pk)"
        )
        return int(self.shell(code).split("USER")[-1])

    def token(self, name: str) -> str:
        return self.manage("token", name).split()[-1]
