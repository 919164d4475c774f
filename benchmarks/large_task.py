"""A task with a long text and thousands of spans in it, in a project of a running server."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tests.support.projects import Made, make_project
from tests.support.servers import Server

SENTENCE = "Colabel lets people and models label the same text together, live, and nothing is lost. "
CHARACTERS_EACH = 20  # of text for each annotation: 200 kB for 10,000
MAX_CHARACTERS = 1_000_000
LABELS = ["person", "organisation", "location", "product"]


class Large(NamedTuple):
    made: Made
    task: int
    document: int


def plain_text(annotations: int) -> str:
    length = max(1000, min(MAX_CHARACTERS, annotations * CHARACTERS_EACH))
    return (SENTENCE * (length // len(SENTENCE) + 1))[:length]


def row(chance: random.Random, text: str, annotations: int) -> str:
    """One task as a line of JSON, with spans that overlap and nest."""
    spans = []
    for _ in range(annotations):
        start = chance.randrange(len(text) - 60)
        spans.append([start, start + chance.randrange(1, 60), chance.choice(LABELS)])
    return json.dumps({"text": text, "label": spans}) + "\n"


def make(server: Server, folder: Path, annotations: int, text: str | None = None) -> Large:
    """Import one task of so many spans into a new project, whose manager is `owner`."""
    source = folder / "large.jsonl"
    source.write_text(row(random.Random(1), text or plain_text(annotations), annotations))
    made = make_project(server, "open", [], {"owner": "manager"}, template="entities", memory=False)
    server.manage("import_tasks", str(made.project), str(source), "--create-labels")
    said = server.shell(
        "import json\nfrom projects.models import Document\n"
        "print('FOUND', json.dumps(Document.objects.values_list('task_id', 'pk').get()))"
    )
    task, document = json.loads(said.split("FOUND")[-1])
    return Large(replace(made, tasks=[task], documents=[document]), task, document)
