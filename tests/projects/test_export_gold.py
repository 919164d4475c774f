"""What was imported comes out as it went in: the real files of tests/data, and all of the shared data where it is."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest

from projects.bio import is_well_formed, spans_of, tags_of, tokens_of_lengths
from projects.models import Job, Task
from tests.support.transfer import DATA, SHARED, export, export_lines, import_file, make_project, reasons

pytestmark = pytest.mark.django_db

CONLL = sorted((DATA / "ner").glob("*.conll"))
SHARED_CONLL = sorted([*SHARED.glob("ner/*.conll"), *SHARED.glob("ner_multilingual/*.txt")])


def normal_form(content: str) -> str:
    """Gold as an export writes it: one empty line after each sentence, and IOB2 where prefixes of tags were lost."""
    sentences: list[list[list[str]]] = [[]]
    for line in content.split("\n"):
        if line.strip():
            sentences[-1].append(line.split("\t"))
        elif sentences[-1]:
            sentences.append([])
    out = []
    for rows in filter(None, sentences):
        tokens = tokens_of_lengths([len(row[0]) for row in rows])
        tags = [row[-1] for row in rows]
        if not all(map(is_well_formed, tags)):
            tags = tags_of(tokens, spans_of(tokens, tags))
        out += ["\t".join([*row[:-1], tag]) + "\n" for row, tag in zip(rows, tags, strict=True)] + ["\n"]
    return "".join(out)


def import_gold(path: Path, template: str = "entities") -> Job:
    job = import_file(make_project(template, name=path.name), path, create_labels=True)
    assert (job.state, job.error, reasons(job)) == ("done", "", [])
    return job


@pytest.mark.parametrize("path", [*CONLL, *SHARED_CONLL], ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_conll_comes_out_as_the_gold(path: Path) -> None:
    job = import_gold(path)
    assert export(job.project, "conll").decode() == normal_form(path.read_text("utf-8"))


def test_gold_without_lost_prefixes_needs_no_normal_form_but_its_empty_lines() -> None:
    path = DATA / "ner" / "emerging.dev.conll"
    job = import_gold(path)
    assert export(job.project, "conll").decode() == path.read_text("utf-8").removesuffix("\n\n") + "\n\n"


def test_gold_entities_are_accepted_annotations_of_the_one_who_imports() -> None:
    job = import_gold(DATA / "ner" / "emerging.dev.conll")
    said = [said for line in export_lines(job.project) for said in line["annotations"]]
    assert len(said) == 836
    assert {(s["author"], s["origin"], s["decision"], s["field"]) for s in said} == {
        ("ann", "import", "accepted", "entities")
    }
    assert Counter(s["label"] for s in said)["person"] == 470


def test_tags_whose_prefix_was_lost_are_remembered() -> None:
    job = import_gold(DATA / "ner" / "Telugu-part.conll")
    odd = [
        task.meta["conll"]["odd_tags"]
        for task in Task.objects.filter(project=job.project)
        if "odd_tags" in task.meta["conll"]
    ]
    assert {tag for tags in odd for tag in tags.values()} >= {"-NEL", "-NEP"}


@pytest.mark.parametrize("path", [DATA / "textcat" / "banking77_part.csv", SHARED / "textcat" / "banking77_test.csv"])
def test_a_table_comes_out_with_its_labels(path: Path) -> None:
    if not path.exists():
        pytest.skip("the shared data are not here")
    job = import_gold(path, "classification")
    with path.open(newline="", encoding="utf-8") as file:
        gold = [(row["text"], row["category"]) for row in csv.DictReader(file)]
    assert [(line["data"]["text"], line["annotations"][0]["label"]) for line in export_lines(job.project)] == gold
    rows = csv.DictReader(io.StringIO(export(job.project, "csv").decode(), newline=""))
    assert [(row["text"], row["category"]) for row in rows] == gold


@pytest.mark.parametrize(
    "path", [DATA / "textcat" / "cooking_part.jsonl", SHARED / "textcat" / "cooking_multilabel_a.jsonl"]
)
def test_several_labels_come_out_with_their_text_and_data(path: Path) -> None:
    if not path.exists():
        pytest.skip("the shared data are not here")
    job = import_gold(path, "choices")
    gold = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lines = export_lines(job.project)
    assert [line["data"] for line in lines] == [{"text": row["text"], "meta": row["meta"]} for row in gold]
    assert [sorted(said["label"] for said in line["annotations"]) for line in lines] == [
        sorted(name for name, score in row["cats"].items() if score) for row in gold
    ]


def test_japanese_spans_come_out_by_code_points() -> None:
    path = DATA / "ner" / "ja_wikipedia_part.json"
    job = import_gold(path)
    gold = [
        [
            (*entity["span"], entity["type"], entity["name"])
            for entity in sorted(row["entities"], key=lambda e: e["span"])
        ]
        for row in json.loads(path.read_text("utf-8"))
    ]
    assert [
        [(s["value"]["start"], s["value"]["end"], s["label"], s["text"]) for s in line["annotations"]]
        for line in export_lines(job.project)
    ] == gold


@pytest.mark.parametrize("path", sorted((DATA / "tricky_text").iterdir()), ids=lambda path: path.name)
def test_tricky_text_comes_out_as_it_went_in(path: Path) -> None:
    job = import_gold(path)
    whole = path.read_bytes().decode()
    wanted = [whole] if path.suffix == ".md" else [line for line in whole.split("\n") if line.strip()]
    assert [line["data"]["text"] for line in export_lines(job.project)] == wanted
    for format in ("csv", "conll", "json"):
        assert export(job.project, format)
