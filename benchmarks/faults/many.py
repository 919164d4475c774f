"""The site as several processes on PostgreSQL and Redis, all of them here. The editors of a document are spread over them."""

from __future__ import annotations

from pathlib import Path

import psycopg

from benchmarks.faults.cluster import Cluster, read_from
from benchmarks.faults.editors import shown_of
from benchmarks.faults.hands import Shown
from tests.support.postgres import Postgres, fresh_database
from tests.support.redis import Redis
from tests.support.servers import Server

PROCESSES = 2


class Many(Cluster):
    """Besides the processes there are `postgres` and `redis` to stop, kill and start."""

    def __init__(self, folder: Path, processes: int = PROCESSES, **environment: str) -> None:
        self.processes = processes
        self.postgres, self.redis = Postgres(), Redis()
        super().__init__(folder, **environment)

    def make_servers(self) -> list[Server]:
        self.postgres.start()
        self.redis.start()
        self.url = fresh_database(self.postgres.url("postgres"))
        addresses = {"DATABASE_URL": self.url, "REDIS_URL": self.redis.url}
        made = [Server(self.folder, worker=False, **addresses, **self.environment) for _ in range(self.processes)]
        for number, server in enumerate(made):
            server.log_path = self.folder / f"server-{number}.log"
        return made

    def stored(self, document: int, alive: bool = False) -> Shown:
        with psycopg.connect(self.url) as database:
            database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            return shown_of(read_from(database, document))

    def remove(self) -> None:
        super().remove()
        self.redis.remove()
        self.postgres.remove()
