"""What a store promises, on every store; and group commit on top of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pycrdt import Doc, Map

from annotator.collaboration.journal import Entry, Journal, NoSuchDocument, StaleEpoch, Store
from projects.models import Document, Project, Task
from projects.store import DatabaseStore, read_document
from tests.support.memory_store import MemoryStore

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def update(key: str) -> bytes:
    doc = Doc()
    doc.get("annotations", type=Map)[key] = 1
    return doc.get_update()


def entry(document_id: int, key: str, author: int | None = 1, epoch: int = 1) -> Entry:
    return Entry(document_id, epoch, author, "human", NOW, update(key))


class Sunk:
    """A sink that notes what it hears."""

    def __init__(self) -> None:
        self.stored_: list[tuple[int, int, int]] = []
        self.errors: list[Exception] = []

    def stored(self, count: int, rows: int, head: int) -> None:
        self.stored_.append((count, rows, head))

    def not_stored(self, error: Exception) -> None:
        self.errors.append(error)


@pytest.fixture(params=["memory", "database"])
def store_and_documents(request: pytest.FixtureRequest) -> Iterator[tuple[Store, list[int]]]:
    if request.param == "memory":
        yield MemoryStore([1, 2]), [1, 2]
        return
    request.getfixturevalue("transactional_db")
    project = Project.objects.create(name="p")
    tasks = [Task.objects.create(project=project, text="text") for _ in range(2)]
    yield DatabaseStore(), [Document.objects.create(task=task).pk for task in tasks]


def test_it_numbers_rows_from_one_without_gaps_in_each_document(store_and_documents: tuple[Store, list[int]]) -> None:
    store, (one, two) = store_and_documents
    assert store.append([[entry(one, "a"), entry(one, "b")], [entry(two, "c")]]) == [2, 1]
    assert store.append([[entry(one, "d")]]) == [3]
    assert [row.seq for row in store.load(one).rows] == [1, 2, 3]
    assert store.load(one).head == 3
    assert [row.seq for row in store.since(one, 1, 1)] == [2, 3]


def test_it_leaves_out_a_document_of_another_epoch_and_stores_the_rest(
    store_and_documents: tuple[Store, list[int]],
) -> None:
    store, (one, two) = store_and_documents
    stale, head = store.append([[entry(one, "a", epoch=7)], [entry(two, "b")]])
    assert isinstance(stale, StaleEpoch)
    assert head == 1
    assert store.load(one).head == 0
    with pytest.raises(StaleEpoch):
        store.since(one, 7, 0)


def test_it_loads_from_the_last_checkpoint_on(store_and_documents: tuple[Store, list[int]]) -> None:
    store, (one, _) = store_and_documents
    store.append([[entry(one, "a"), entry(one, "b")]])
    state = update("ab")
    store.checkpoint(one, 1, 2, state, b"memory")
    store.append([[entry(one, "c")]])
    stored = store.load(one)
    assert (stored.state, stored.memory, [row.seq for row in stored.rows], stored.head) == (
        state,
        b"memory",
        [3],
        3,
    )


def test_it_has_no_document_that_nobody_made(store_and_documents: tuple[Store, list[int]]) -> None:
    with pytest.raises(NoSuchDocument):
        store_and_documents[0].load(999_999)


async def written(journal: Journal, *sinks: Sunk) -> None:
    async with asyncio.timeout(5):
        while not all(sink.stored_ or sink.errors for sink in sinks):
            await asyncio.sleep(0.001)


async def test_it_commits_what_is_pending_of_all_documents_together_and_merges_one_authors_edits() -> None:
    store = MemoryStore([1, 2])
    journal, one, two = Journal(store), Sunk(), Sunk()
    store.may_commit.clear()
    journal.append(one, entry(1, "first"))
    await asyncio.sleep(0.02)
    for number in range(5):
        journal.append(one, entry(1, f"a{number}", author=1))
    journal.append(one, entry(1, "b", author=2))
    journal.append(two, entry(2, "c"))
    store.may_commit.set()
    await written(journal, one, two)
    await journal.close()
    assert one.stored_ == [(1, 1, 1), (6, 2, 3)]
    assert two.stored_ == [(1, 1, 1)]
    assert journal.commits == 2
    doc = Doc()
    for row in store.rows[1]:
        doc.apply_update(row.data)
    assert len(doc.get("annotations", type=Map).to_py()) == 7


@pytest.mark.promise("P8")
async def test_a_document_that_cannot_be_written_harms_no_other() -> None:
    class OneIsBroken(MemoryStore):
        def append(self, batch):  # type: ignore[no-untyped-def]
            if any(group[0].document_id == 1 for group in batch):
                raise OSError("cannot be written")
            return super().append(batch)

    journal, one, two = Journal(OneIsBroken([1, 2])), Sunk(), Sunk()
    journal.append(one, entry(1, "a"))
    journal.append(two, entry(2, "b"))
    await written(journal, one, two)
    await journal.close()
    assert [str(error) for error in one.errors] == ["cannot be written"]
    assert two.stored_ == [(1, 1, 1)]


@pytest.mark.django_db(transaction=True)
def test_what_is_read_from_the_journal_is_the_document() -> None:
    project = Project.objects.create(name="p")
    document = Document.objects.create(task=Task.objects.create(project=project, text="t"))
    DatabaseStore().append([[entry(document.pk, "a"), entry(document.pk, "b", author=2)]])
    doc, head = read_document(document.pk)
    assert doc.get("annotations", type=Map).to_py() == {"a": 1, "b": 1}
    assert head == 2
