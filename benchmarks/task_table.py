"""A page of the task table in a project of 100,000 tasks: over REST and as a web page, first, deep, filtered and searched.

A third of the tasks is a person's, a third has suggestions with scores, a fifth is done: filters find much, little, nothing.
Beside them the pages around the table: the project's, with its charts, and where a person starts.

python -m benchmarks.task_table [--tasks 100000]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.import_export import write_tasks
from benchmarks.open_document import session_cookie
from benchmarks.report import finish, percentile, table
from tests.support.projects import make_project
from tests.support.servers import Server

REQUESTS = 30
# As people and models would have left it; by the rows, as the table only reads those.
WORK = """
from django.db import connection
from django.db.models import F
from django.utils import timezone
from datetime import timedelta
from django.contrib.auth.models import User
from projects.models import Annotation, Task
owner = User.objects.get(username="big-owner")
tasks = Task.objects.filter(project=%(project)s)
tasks.alias(third=F("pk") %% 3).filter(third=0).update(assignee=owner)
with connection.cursor() as cursor:
    cursor.execute('''
        INSERT INTO projects_annotation (project_id, task_id, document_id, "key", field, kind, label, value, text, origin,
            status, corrected, score, backend, version, run, created)
        SELECT t.project_id, t.id, d.id, 'bench-' || t.id, 'entities', 'span', 'person', '{"start": 0, "end": 3}',
            substr(t.text, 1, 3), 'model', 'suggested', 0, (t.id %% 1000) / 1000.0, 'bench', '', '', ''
        FROM projects_task t JOIN projects_document d ON d.task_id = t.id
        WHERE t.project_id = %(project)s AND t.id %% 3 = 1''')
    cursor.execute("UPDATE projects_task SET suggestion_count = 1 WHERE project_id = %(project)s AND id %% 3 = 1")
now = timezone.now()
for day in range(20):
    tasks.alias(part=F("pk") %% 100).filter(part=day).update(
        status="submitted", submitted_by=owner, submitted_at=now - timedelta(days=day, hours=day)
    )
"""
PAGE = 50
# A page of 50 with 100,000 tasks, first and deep, p50 ms; measured on a machine of the same kind, 2026-11-21.
PEERS = {"Label Studio 1.23.2": {"first": 121, "deep": 123}, "doccano 1.8.4": {"first": 71, "deep": 153}}


def requests_ms(client: httpx.Client, address: str, **parameters: Any) -> dict[str, float]:
    client.get(address, params=parameters).raise_for_status()
    took = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        client.get(address, params=parameters).raise_for_status()
        took.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": statistics.median(took), "p95_ms": percentile(took, 95)}


def measure(server: Server, folder: Path, count: int) -> dict[str, dict[str, float]]:
    made = make_project(server, "big", [], {"owner": "manager"}, template="entities")
    source = folder / "tasks.jsonl"
    write_tasks(source, count)
    server.manage("import_tasks", str(made.project), str(source))
    server.shell(WORK % {"project": made.project})
    owner = made.users["owner"]
    deep = int(count * 0.9)
    cases: dict[str, dict[str, Any]] = {
        "first": {},
        "deep": {"after": deep},
        "status": {"status": "open"},
        "label": {"label": "person"},
        "search, found often": {"search": "Oslo"},
        "search, found nowhere": {"search": "Reykjavík"},
        "score, many": {"score_from": 0.5},
        "score, none": {"score_from": 2},
        "assignee": {"assignee": owner},
        "assignee, status": {"assignee": owner, "status": "submitted"},
        "all at once": {"search": "Oslo", "status": "open", "label": "person", "assignee": owner},
    }
    found = {}
    with httpx.Client(
        base_url=server.url, headers={"Authorization": f"Bearer {made.tokens['owner']}"}, timeout=60
    ) as api:
        for name, parameters in cases.items():
            found[f"REST, {name}"] = requests_ms(api, f"/api/projects/{made.project}/tasks", limit=PAGE, **parameters)
    cookie = session_cookie(server, made.login("owner"))
    with httpx.Client(base_url=server.url, cookies={cookie["name"]: cookie["value"]}, timeout=60) as browser:
        for name, parameters in cases.items():
            found[f"page, {name}"] = requests_ms(browser, f"/projects/{made.project}/tasks/", **parameters)
        found["project's page"] = requests_ms(browser, f"/projects/{made.project}/")
        found["project's figures"] = requests_ms(browser, f"/projects/{made.project}/figures/")
        found["export, seen before"] = requests_ms(browser, f"/projects/{made.project}/export/")
        found["my work"] = requests_ms(browser, "/")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        server = Server(data).start()
        try:
            found = measure(server, Path(folder), options.tasks)
        finally:
            server.kill()
    rows = [[name, each["p50_ms"], each["p95_ms"]] for name, each in found.items()]
    table(f"a page of {PAGE} in a project of {options.tasks:,} tasks, ms", ["", "p50", "p95"], rows)
    peers = [[name, peer["first"], peer["deep"]] for name, peer in PEERS.items()]
    table("beside others: p50 over their REST", ["", "first", "deep"], peers)
    finish("task_table", tasks=options.tasks, page=PAGE, pages=found, peers=PEERS)


if __name__ == "__main__":
    main()
