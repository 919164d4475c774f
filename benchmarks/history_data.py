"""What `benchmarks.history` does with the database of its server, in a process of its own: fill, weigh, replay."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from pycrdt import Doc

from projects.history.compaction import keep_checkpoint
from projects.models import Checkpoint, Document, Project, Task, Update
from projects.store import INSERT, adapted
from tests.support.histories import Made, history, shown

DISTINCT = 20  # histories; every document has one of them
PEOPLE = (11, 12, 13, 14)
BEHIND = 20  # rows after the checkpoint, as a room leaves them that was closed a while ago
TEXT = "Colabel lets people and models label the same text together. " * 90


def fill(project_id: int, documents: int, each: int) -> None:
    """Documents with so many updates each, two months old: as four people and a model made them within an hour."""
    begun = datetime.now(UTC) - timedelta(days=60)
    kept: dict[int, Checkpoint] = {}
    histories = [history(seed, each, PEOPLE, begun, seconds=3600 / each) for seed in range(min(DISTINCT, documents))]
    project = Project.objects.get(pk=project_id)
    for number in range(documents):
        which = number % DISTINCT
        with transaction.atomic():
            document = Document.objects.create(task=Task.objects.create(project=project, text=TEXT))
            insert(document.pk, histories[which], 0, each - BEHIND)
        if which not in kept:
            keep_checkpoint(document.pk)
            kept[which] = Checkpoint.objects.get(document=document)
        else:
            like = kept[which]
            Checkpoint.objects.create(
                document=document, epoch=1, seq=like.seq, state=like.state, memory=like.memory, at=like.at
            )
        with transaction.atomic():
            insert(document.pk, histories[which], each - BEHIND, each)
    print("FILLED")


def insert(document_id: int, made: list[Made], start: int, end: int) -> None:
    rows = [
        (document_id, 1, seq, m.author, m.origin, adapted(m.at), m.data)
        for seq, m in enumerate(made[start:end], start + 1)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(INSERT, rows)
    Document.objects.filter(pk=document_id).update(head=end, projected=end)


def weigh() -> None:
    """Rows, bytes and pages."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*), SUM(LENGTH(data)) FROM projects_update")
        rows, size = cursor.fetchone()
        pages = {}
        for name in ("page_count", "freelist_count", "page_size"):
            cursor.execute(f"PRAGMA {name}")
            pages[name] = cursor.fetchone()[0]
    used = (pages["page_count"] - pages["freelist_count"]) * pages["page_size"]
    print("WEIGHED", json.dumps({"rows": rows, "data_bytes": size, "database_bytes": used}))


def replay(project_id: int) -> None:
    """A digest of what every document's history says at its end, replayed row by row from its first."""
    found: dict[int, str] = {}
    for document_id in Document.objects.filter(task__project_id=project_id).order_by("pk").values_list("pk", flat=True):
        doc: Doc[Any] = Doc()
        rows = Update.objects.filter(document_id=document_id).order_by("seq").values_list("data", flat=True)
        for data in rows.iterator(1000):
            doc.apply_update(bytes(data))
        found[document_id] = hashlib.sha256(json.dumps(shown(doc), sort_keys=True).encode()).hexdigest()
    print("REPLAYED", json.dumps(found))
