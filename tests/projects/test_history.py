"""Compaction: old history becomes small, and can still be replayed, row by row, to the same document."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from huey.contrib.djhuey import HUEY
from pycrdt import Doc

from annotator.collaboration.changes import SERVER_CLIENTS
from annotator.collaboration.gate import Gate
from annotator.collaboration.journal import Entry
from annotator.collaboration.updates import decode_update
from annotator.collaboration.working_copy import Memory
from projects import tasks
from projects.guard import DocumentRules
from projects.history import compaction, daily
from projects.history.compaction import Compactor
from projects.history.grouping import Written, grouped
from projects.models import Checkpoint, Document, Project, Task, Update
from projects.projection import place_of
from projects.store import DatabaseStore, load, read_document
from tests.support.histories import Made, history, shown

pytestmark = [pytest.mark.promise("P7"), pytest.mark.django_db(transaction=True)]

BEGUN = datetime(2026, 1, 5, 9, 0, 20, tzinfo=UTC)
LATE = datetime(2026, 6, 1, tzinfo=UTC)
PEOPLE = (11, 12, 13)


def a_document(made: list[Made], project: Project | None = None) -> int:
    """A document with this history in the journal."""
    project = project or Project.objects.create(name="history")
    document = Document.objects.create(task=Task.objects.create(project=project, text="A text. " * 700))
    store = DatabaseStore()
    for start in range(0, len(made), 500):
        some = made[start : start + 500]
        store.append([[Entry(document.pk, 1, m.author, m.origin, m.at, m.data) for m in some]])
    return document.pk


def rows_of(document_id: int) -> list[Update]:
    return list(Update.objects.filter(document_id=document_id).order_by("seq"))


def replayed(document_id: int) -> dict[str, Any]:
    """The history from its first row to its last; through the gate, which wants every row to find what it builds on."""
    place = place_of(document_id)
    assert place is not None
    gate, doc = Gate(DocumentRules(place.schema, len(place.text)).root_kind), Doc()
    for row in rows_of(document_id):
        gate.load(bytes(row.data))
        doc.apply_update(bytes(row.data))
    return shown(doc)


def who_wrote_what(document_id: int) -> dict[tuple[int, int], tuple[int | None, str, datetime]]:
    """Of every id that was ever written: whose it is, how it came, in which minute."""
    found = {}
    for row in rows_of(document_id):
        for struct in decode_update(bytes(row.data)).structs:
            for clock in range(struct.clock, struct.clock + struct.length):
                found[struct.client, clock] = (row.author_id, row.origin, compaction.minute(row.at))
    return found


def owners_when_opened(document_id: int) -> dict[int, int]:
    """Whose each client id is, as the last checkpoint knows it."""
    return msgspec.msgpack.decode(load(document_id).memory, type=Memory).owners


def compact(cutoff: datetime = LATE, way: str = "merge", **more: Any) -> compaction.Tally:
    compactor = Compactor(cutoff, way, **more)
    for project_id in Project.objects.values_list("pk", flat=True):
        compactor.project(project_id)
    return compactor.tally


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("hears", [0.1, 0.9], ids=["rarely", "often"])
def test_merged_history_replays_to_the_same_document(seed: int, hears: float) -> None:
    made = history(seed, 400, PEOPLE, BEGUN, hears=hears)
    document_id = a_document(made)
    before, wrote = replayed(document_id), who_wrote_what(document_id)
    tally = compact()
    assert replayed(document_id) == before
    assert shown(read_document(document_id)[0]) == before
    assert who_wrote_what(document_id) == wrote
    rows = rows_of(document_id)
    assert (tally.rows_before, tally.rows_after) == (len(made), len(rows))
    assert len(rows) < len(made) / 3
    assert rows[-1].seq == Document.objects.get(pk=document_id).head == len(made)


def test_thousands_of_changes_are_merged_in_short_transactions() -> None:
    made = history(99, 4000, PEOPLE, BEGUN, seconds=0.4)
    document_id = a_document(made)
    before, wrote = replayed(document_id), who_wrote_what(document_id)
    tally = compact()
    assert tally.transactions >= len(made) // compaction.ROWS_AT_ONCE
    assert replayed(document_id) == before
    assert who_wrote_what(document_id) == wrote
    assert len(rows_of(document_id)) < len(made) / 5
    again = compact()
    assert (again.rows_before, again.transactions) == (0, 0)


def test_what_is_young_stays_as_it_came() -> None:
    made = history(3, 600, PEOPLE, BEGUN)
    document_id = a_document(made)
    cutoff = made[300].at
    young = {row.seq: (row.author_id, row.at, bytes(row.data)) for row in rows_of(document_id) if row.at >= cutoff}
    before = replayed(document_id)
    compact(cutoff)
    left = {row.seq: (row.author_id, row.at, bytes(row.data)) for row in rows_of(document_id) if row.at >= cutoff}
    assert left == young
    assert len(rows_of(document_id)) < 450
    compact(LATE)  # and it goes on where it stopped
    assert replayed(document_id) == before
    assert len(rows_of(document_id)) < 250


def test_nothing_is_compacted_that_was_written_within_the_hour() -> None:
    begun = datetime.now(UTC) - timedelta(minutes=30)
    document_id = a_document(history(3, 50, PEOPLE, begun, seconds=1))
    compact(datetime.now(UTC) + timedelta(days=1))
    assert len(rows_of(document_id)) == 50


@pytest.mark.parametrize("way", ["merge", "drop"])
def test_it_may_be_interrupted_after_every_transaction(way: str) -> None:
    made = history(5, 1500, PEOPLE, BEGUN, seconds=0.3)
    document_id = a_document(made)
    before = replayed(document_id)
    counts = [len(made)]
    for _ in range(100):
        asked = iter([False] * 2)  # goes on for a step, then stops
        compact(way=way, stopped=lambda asked=asked: next(asked, True))
        assert replayed(document_id) == before
        assert shown(read_document(document_id)[0]) == before
        counts.append(len(rows_of(document_id)))
        if counts[-1] == counts[-2] and len(counts) > 3:
            break
    assert len(set(counts)) > 3
    assert counts[-1] == 1 if way == "drop" else counts[-1] < len(made) / 5


def test_dropped_history_leaves_what_came_of_it_and_what_is_young() -> None:
    made = history(7, 900, PEOPLE, BEGUN)
    document_id = a_document(made)
    before = replayed(document_id)
    compact(made[600].at, "drop")
    rows = rows_of(document_id)
    assert [row.seq for row in rows] == list(range(600, 901))
    assert (rows[0].author_id, rows[0].origin) == (None, "history")
    assert [(row.author_id, bytes(row.data)) for row in rows[1:]] == [(m.author, m.data) for m in made[600:]]
    assert replayed(document_id) == before
    compact(LATE, "drop")
    assert replayed(document_id) == before
    assert len(rows_of(document_id)) == 1
    assert compact(LATE, "drop").rows_before == 0


@pytest.mark.parametrize("way", ["merge", "drop"])
def test_opening_knows_whose_client_ids_are_whose(way: str) -> None:
    made = history(8, 300, PEOPLE, BEGUN)
    document_id = a_document(made)
    expected: dict[int, int] = {}
    for m in made:
        for struct in decode_update(m.data).structs:
            if m.author is not None and struct.client < SERVER_CLIENTS:
                expected.setdefault(struct.client, m.author)
    compact(way=way)
    assert owners_when_opened(document_id) == expected
    assert load(document_id).rows == []  # opening reads none of what was compacted


def test_a_checkpoint_is_made_only_where_there_is_something_to_compact() -> None:
    document_id = a_document(history(9, 1, PEOPLE, BEGUN))
    compact()
    assert not Checkpoint.objects.exists()
    small = a_document(history(9, 40, PEOPLE, BEGUN), Project.objects.get())
    compact()  # a checkpoint would be larger than what is saved
    assert not Checkpoint.objects.exists()
    assert len(rows_of(small)) == 40
    a_document(history(9, 60, PEOPLE, BEGUN), Project.objects.get())
    compact()
    assert Checkpoint.objects.exclude(document_id__in=[document_id, small]).count() == 1
    assert Checkpoint.objects.count() == 1


def test_rows_after_the_checkpoint_wait_for_the_next_one() -> None:
    made = history(9, 320, PEOPLE, BEGUN)
    document_id = a_document(made[:300])
    compaction.keep_checkpoint(document_id)
    store = DatabaseStore()
    store.append([[Entry(document_id, 1, m.author, m.origin, m.at, m.data) for m in made[300:]]])
    before = replayed(document_id)
    compact()
    assert Checkpoint.objects.get().seq == 300
    assert [(r.seq, bytes(r.data)) for r in rows_of(document_id)][-20:] == [
        (seq, m.data) for seq, m in enumerate(made[300:], 301)
    ]
    assert replayed(document_id) == before
    assert len(rows_of(document_id)) < 150
    assert len(load(document_id).rows) == 20


def test_an_older_epoch_is_history_as_well() -> None:
    made = history(10, 200, PEOPLE, BEGUN)
    document_id = a_document(made)
    Document.objects.filter(pk=document_id).update(epoch=2, head=0)
    compact()
    assert 1 < Update.objects.filter(document_id=document_id, epoch=1).count() < 80
    assert read_document(document_id)[1] == 0


def test_a_document_that_cannot_be_read_is_left_and_the_others_are_compacted() -> None:
    project = Project.objects.create(name="history")
    bad = a_document([*history(1, 50, PEOPLE, BEGUN), Made(11, "human", BEGUN, b"\xff\xff")], project)
    good = a_document(history(2, 50, PEOPLE, BEGUN), project)
    was = [bytes(row.data) for row in rows_of(bad)]
    compact()
    assert [bytes(row.data) for row in rows_of(bad)] == was
    assert len(rows_of(good)) < 30


def test_two_at_once_do_not_harm_each_other() -> None:
    made = history(12, 300, PEOPLE, BEGUN, seconds=0.3)
    document_id = a_document(made)
    before = replayed(document_id)
    rows, _ = compaction.window(document_id, 1, 0, 300)
    news = [(group, compaction.merged(group)) for group in grouped(rows)]
    compact()
    with pytest.raises(compaction.TakenMeanwhile), compaction.transaction.atomic():
        compaction.rewrite(document_id, 1, rows, news)
    assert replayed(document_id) == before


def test_a_row_never_moves_before_what_it_builds_on() -> None:
    made = history(13, 500, PEOPLE, BEGUN, seconds=0.05, hears=1.0)
    rows = [Written(n, n, m.author, m.origin, m.at, m.data) for n, m in enumerate(made, 1)]
    groups = grouped(rows)
    assert sorted(row.seq for group in groups for row in group.rows) == [row.seq for row in rows]
    assert len(groups) < len(rows)
    have: dict[int, int] = {}
    for group in groups:
        for row in group.rows:
            for struct in decode_update(row.data).structs:
                assert struct.clock <= have.get(struct.client, 0)
                for other in (struct.origin, struct.right_origin):
                    assert other is None or other[1] < have.get(other[0], 0) or other[0] == struct.client
                have[struct.client] = max(have.get(struct.client, 0), struct.clock + struct.length)


# -- by command, by the worker, by the page -----------------------------------------------------------------------------


def test_the_command_goes_by_the_projects_setting(capsys: pytest.CaptureFixture[str]) -> None:
    kept = Project.objects.create(name="kept")
    old = Project.objects.create(name="old", history_days=30)
    one, two = a_document(history(1, 60, PEOPLE, BEGUN), kept), a_document(history(2, 60, PEOPLE, BEGUN), old)
    call_command("compact", "--dry-run")
    assert "60 rows" in capsys.readouterr().out
    assert (len(rows_of(one)), len(rows_of(two))) == (60, 60)
    assert not Checkpoint.objects.exists()
    call_command("compact")
    said = capsys.readouterr().out
    assert "kept: keeps all of its history" in said
    assert len(rows_of(one)) == 60
    assert len(rows_of(two)) < 30
    call_command("compact", "--project", "kept", "--older-than", "1", "--then", "drop")
    assert len(rows_of(one)) == 1


def test_the_command_refuses_what_is_younger_than_an_hour() -> None:
    with pytest.raises(CommandError, match="an hour"):
        call_command("compact", "--older-than", "0")


def test_the_worker_compacts_once_a_day() -> None:
    document_id = a_document(history(2, 60, PEOPLE, BEGUN), Project.objects.create(name="old", history_days=30))
    HUEY.flush()
    periodic = tasks.Periodic()
    for minute in (16, 17, 17, 18):
        periodic.look(datetime(2026, 6, 1, 3, minute, tzinfo=UTC))
    assert len(HUEY) == 1
    carried = 0
    while (message := HUEY.dequeue()) is not None:
        HUEY.execute(message)
        carried += 1
    assert carried == 2  # the hourly question, and the work
    assert len(rows_of(document_id)) < 30
    assert not daily.claimed()
    HUEY.flush()


def test_a_manager_sets_it_on_the_projects_page(client: Client, django_user_model: Any) -> None:
    user = django_user_model.objects.create_superuser("root", password="a-long-password-1")
    project = Project.objects.create(name="p")
    project.memberships.create(user=user, role="manager")
    client.force_login(user)
    address = f"/admin/projects/project/{project.pk}/change/"
    page = client.get(address).content.decode()
    assert "history_days" in page
    assert "Keep every change for" in page
    form = {
        "name": "p", "history_days": "90", "history_then": "drop",
        "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(project.memberships.get().pk), "memberships-0-project": str(project.pk),
        "memberships-0-username": "root", "memberships-0-role": "manager",
        "backends-TOTAL_FORMS": "0", "backends-INITIAL_FORMS": "0",
    }  # fmt: skip
    assert client.post(address, form).status_code == 302
    project.refresh_from_db()
    assert (project.history_days, project.history_then) == (90, "drop")
    assert client.post(address, {**form, "history_days": "0"}).status_code == 200
