"""A whole installation as plain processes, from the files in deploy/: nginx, PostgreSQL, Redis, Daphnes and workers."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from tests.support.ports import free_port
from tests.support.postgres import Postgres, fresh_database
from tests.support.processes import Program, end, needed, wait_until
from tests.support.redis import Redis
from tests.support.servers import ROOT, Server

DEPLOY = ROOT / "deploy"
NEEDED = ("nginx", "postgres", "initdb", "redis-server", "openssl")
NAME = "localhost"
PYTHON = "/opt/colabel/.venv/bin/python"
AROUND = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
{user}
events {{ worker_connections 512; }}
http {{
    types {{ text/css css; application/javascript js; image/svg+xml svg; }}
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/colabel.conf;
}}
"""


class Unit(Program):
    """A process as a systemd unit of deploy/ describes it."""

    def __init__(self, unit: str, instance: str, environment: dict[str, str], log_path: Path) -> None:
        lines = (DEPLOY / "systemd" / unit).read_text().splitlines()
        command = next(line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart="))
        assert command.startswith(PYTHON)
        self.instance = instance
        self._command = [sys.executable, *shlex.split(command.replace("%i", instance))[1:]]
        self._environment = environment
        super().__init__(log_path)

    def start(self) -> None:
        self.run(self._command, env=self._environment, cwd=ROOT)

    def stop(self) -> int:
        """SIGTERM, as systemd stops it; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(20)


class Cluster(Server):
    """Two of each; `url` and `ws_url` lead through nginx."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="colabel-cluster-"))
        self.postgres, self.redis = Postgres(), Redis()
        self.http_port, self.https_port = free_port(), free_port()
        self.ports = [free_port(), free_port()]
        data = self.folder / "data"
        data.mkdir()
        super().__init__(data, DATABASE_URL="")
        self.url = self.origin = f"https://{NAME}:{self.https_port}"
        self.ws_url = f"wss://{NAME}:{self.https_port}"
        self.certificate = self.folder / "fullchain.pem"
        self.daphnes: list[Unit] = []
        self.workers: list[Unit] = []
        self._nginx: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        lines = (DEPLOY / "environment.example").read_text().splitlines()
        example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {**kept, **example, **self._environment, "PYTHONUNBUFFERED": "1"}

    def start(self) -> Cluster:
        self.postgres.start()
        self.redis.start()
        self._environment = {
            "DATABASE_URL": fresh_database(self.postgres.url("postgres")),
            "REDIS_URL": self.redis.url,
            "DATA_DIR": str(self.data_dir),
            "ALLOWED_HOSTS": NAME,
            "ORIGINS": self.origin,
        }
        self.manage("migrate", "-v", "0")
        self.manage("collectstatic", "--noinput", "-v", "0")
        self._start_nginx()
        for number, port in enumerate(self.ports):
            self.daphnes.append(self._unit("colabel-daphne@.service", str(port)))
            self.workers.append(self._unit("colabel-worker@.service", str(number)))
        for unit in [*self.daphnes, *self.workers]:
            unit.start()
        for unit in self.daphnes:
            self.wait_for_daphne(unit)
        return self

    def _unit(self, name: str, instance: str) -> Unit:
        return Unit(name, instance, self.environment, self.folder / f"{name.split('@')[0]}-{instance}.log")

    def wait_for_daphne(self, unit: Unit) -> None:
        """As deploy/rolling-restart asks."""
        headers = {"Host": NAME, "X-Forwarded-Proto": "https"}
        request = urllib.request.Request(f"http://127.0.0.1:{unit.instance}/healthz", headers=headers)

        def serves() -> bool:
            unit.need_running()
            with urllib.request.urlopen(request, timeout=2) as answer:
                return bool(answer.status == 200)

        wait_until(serves, f"Daphne on port {unit.instance} serves")

    def _start_nginx(self) -> None:
        key = self.folder / "privkey.pem"
        make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        openssl = [needed("openssl"), *make.split(), "-keyout", str(key), "-out", str(self.certificate)]
        subprocess.run(openssl, check=True, capture_output=True)
        config = (DEPLOY / "nginx.conf").read_text()
        for before, after in {
            "listen 80;": f"listen 127.0.0.1:{self.http_port};",
            "listen 443 ssl http2;": f"listen 127.0.0.1:{self.https_port} ssl http2;",
            "colabel.example.com": NAME,
            "/etc/ssl/colabel/fullchain.pem": str(self.certificate),
            "/etc/ssl/colabel/privkey.pem": str(key),
            "127.0.0.1:8001": f"127.0.0.1:{self.ports[0]}",
            "127.0.0.1:8002": f"127.0.0.1:{self.ports[1]}",
            "/var/lib/colabel": str(self.data_dir),
        }.items():
            assert before in config, f"deploy/nginx.conf has no {before} any more"
            config = config.replace(before, after)
        (self.folder / "colabel.conf").write_text(config)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder, user=user))
        command = [needed("nginx"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        self._nginx = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._nginx_answers, "nginx' start")

    def _nginx_answers(self) -> bool:
        assert self._nginx is not None
        assert self._nginx.poll() is None, (self.folder / "nginx.log").read_text()
        try:
            urllib.request.urlopen(f"{self.url}/static/", timeout=2, context=self.tls())
        except urllib.error.HTTPError:
            return True
        return True

    def tls(self) -> ssl.SSLContext:
        """Trusts this installation's certificate and no other."""
        return ssl.create_default_context(cafile=str(self.certificate))

    def log(self) -> str:
        paths = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text()[-4000:]}" for path in paths)

    def remove(self) -> None:
        for unit in [*self.daphnes, *self.workers]:
            unit.kill()
        end(self._nginx, signal.SIGQUIT)
        self.redis.remove()
        self.postgres.remove()
        shutil.rmtree(self.folder, ignore_errors=True)
