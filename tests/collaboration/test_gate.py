"""The gate tells what an update does, lets honest ones through whole, and changes nothing until told to."""

from __future__ import annotations

import pytest
from pycrdt import Doc, Map

from annotator.collaboration.changes import SERVER_CLIENTS, Put, Refused, Remove, SetText, Typing, apply_changes
from annotator.collaboration.gate import Gap, Gate
from annotator.collaboration.updates import encode_puts
from tests.collaboration.gated import Gated, anybody, knowledge, root_kind
from tests.collaboration.real_yjs import RealYjs, YjsDoc
from tests.support.work import lines_run

KEY = "aaaaaaaa"


def nobody(client: int) -> bool:
    return False


@pytest.fixture
def server() -> Gated:
    return Gated()


@pytest.fixture
def peer(yjs: RealYjs) -> YjsDoc:
    return yjs.doc(7)


def sent(peer: YjsDoc, *edits: list) -> bytes:
    update = peer.edit(*edits)
    assert update
    return update


def test_it_tells_what_was_put(server: Gated, peer: YjsDoc) -> None:
    passed = server.take(sent(peer, ["put", "annotations", KEY, {"a": 1}], ["put", "labels", KEY, None]))
    assert passed.changes == [Put("annotations", KEY, {"a": 1}), Put("labels", KEY, None)]
    assert passed.clients == {7}
    assert not passed.empty


def test_it_tells_a_removal_from_a_replacement(server: Gated, peer: YjsDoc) -> None:
    server.take(sent(peer, ["put", "annotations", KEY, 1]))
    assert server.take(sent(peer, ["put", "annotations", KEY, 2])).changes == [Put("annotations", KEY, 2)]
    removal = sent(peer, ["remove", "annotations", KEY])
    passed = server.take(removal)
    assert passed.changes == [Remove("annotations", KEY)]
    assert passed.clients == frozenset()


def test_it_tells_what_was_put_and_taken_away_in_one_update(server: Gated, yjs: RealYjs, peer: YjsDoc) -> None:
    server.take(sent(peer, ["put", "annotations", KEY, 1]))
    update = yjs.merge([sent(peer, ["put", "annotations", KEY, 2]), sent(peer, ["remove", "annotations", KEY])])
    assert server.take(update).changes == [Put("annotations", KEY, 2), Remove("annotations", KEY)]


def test_a_value_that_never_showed_is_told_too(server: Gated, yjs: RealYjs) -> None:
    """Two at once: the smaller client id loses, but the rules must see what he wrote."""
    small, great = yjs.doc(3), yjs.doc(9)
    server.take(sent(great, ["put", "annotations", KEY, "great"]))
    passed = server.take(sent(small, ["put", "annotations", KEY, "small"]))
    assert passed.changes == [Put("annotations", KEY, "small", unseeing=True)]
    assert server.shown()["maps"]["annotations"] == {KEY: "great"}


def test_deleting_what_was_overwritten_is_no_change(server: Gated, yjs: RealYjs) -> None:
    first, second = yjs.doc(3), yjs.doc(9)
    put = sent(first, ["put", "annotations", KEY, 1])
    server.take(put)
    second.apply(put)
    server.take(sent(second, ["put", "annotations", KEY, 2]))
    late = sent(first, ["remove", "annotations", KEY])
    assert server.take(late).empty
    assert server.shown()["maps"]["annotations"] == {KEY: 2.0}


def test_it_counts_typing_in_utf16_units(server: Gated, peer: YjsDoc) -> None:
    assert server.take(sent(peer, ["insert", "text/answer", 0, "a🎉"])).changes == [Typing("text/answer", 3, 0)]
    both = sent(peer, ["delete", "text/answer", 1, 2], ["insert", "text/answer", 0, "xy"])
    assert server.take(both).changes == [Typing("text/answer", 2, 2)]
    assert server.lengths() == {"text/answer": 3}


def test_what_is_known_already_is_no_change(server: Gated, yjs: RealYjs, peer: YjsDoc) -> None:
    updates = [
        sent(peer, ["put", "annotations", KEY, 1]),
        sent(peer, ["insert", "text/answer", 0, "hello"]),
        sent(peer, ["remove", "annotations", KEY], ["delete", "text/answer", 1, 2]),
    ]
    for update in updates:
        server.take(update)
    for update in [*updates, yjs.merge(updates), peer.state(), server.doc.get_update()]:
        passed = server.gate.check(update, nobody)
        assert passed.empty
        assert passed.changes == []


def test_a_viewers_answer_to_a_sync_is_no_change(server: Gated, peer: YjsDoc, yjs: RealYjs) -> None:
    """Yjs sends all its deletions in every SyncStep2, however little the other side lacks."""
    for at in range(30):
        server.take(sent(peer, ["put", "annotations", f"{KEY}{at}", at], ["put", "decisions", KEY, at]))
        server.take(sent(peer, ["remove", "annotations", f"{KEY}{at}"]))
    viewer = yjs.doc(8)
    viewer.apply(server.doc.get_update())
    assert server.gate.check(viewer.state(viewer.vector()), nobody).empty


def test_an_overlap_gives_the_rest(server: Gated, yjs: RealYjs, peer: YjsDoc) -> None:
    """A SyncStep2 made for an older state vector repeats the beginning of a run of typing."""
    server.take(sent(peer, ["insert", "text/answer", 0, "he"]))
    sent(peer, ["insert", "text/answer", 2, "llo 🎉"])
    assert server.take(peer.state()).changes == [Typing("text/answer", 6, 0)]
    assert server.shown() == peer.read()


def test_checking_changes_nothing(server: Gated, peer: YjsDoc) -> None:
    server.take(sent(peer, ["put", "annotations", KEY, 1], ["insert", "text/answer", 0, "hello"]))
    before = knowledge(server.gate)
    update = sent(peer, ["put", "annotations", KEY, 2], ["delete", "text/answer", 0, 2], ["put", "labels", KEY, 3])
    first = server.gate.check(update, anybody)
    assert knowledge(server.gate) == before
    assert server.gate.check(update, anybody).changes == first.changes


def test_a_check_of_an_older_state_cannot_be_committed(server: Gated, yjs: RealYjs) -> None:
    one, other = yjs.doc(3), yjs.doc(9)
    passed = server.gate.check(sent(one, ["put", "annotations", KEY, 1]), anybody)
    server.take(sent(other, ["put", "annotations", KEY, 2]))
    with pytest.raises(RuntimeError):
        server.gate.commit(passed)


def test_what_builds_on_something_missing_is_a_gap(server: Gated, yjs: RealYjs, peer: YjsDoc) -> None:
    other = yjs.doc(9)
    first = sent(peer, ["put", "annotations", KEY, 1])
    second = sent(peer, ["put", "annotations", KEY, 2])
    other.apply(first)
    reply = sent(other, ["put", "annotations", KEY, 3])
    typed = [sent(peer, ["insert", "text/answer", 0, "a"]), sent(peer, ["delete", "text/answer", 0, 1])]
    for early in (second, reply, typed[0], typed[1]):
        with pytest.raises(Gap):
            server.gate.check(early, anybody)
    server.take(first)
    server.take(reply)
    server.take(second)


def test_clients_that_build_on_each_other_may_come_in_one_update(server: Gated, yjs: RealYjs) -> None:
    """As in a full state, which lists clients by descending id, whoever builds on whom."""
    one, other = yjs.doc(3), yjs.doc(9)
    for at in range(6):
        writer, reader = (one, other) if at % 2 else (other, one)
        reader.apply(sent(writer, ["put", "annotations", KEY, at], ["insert", "text/answer", 0, "ab"]))
    passed = server.take(one.state())
    assert passed.clients == {3, 9}
    assert server.shown() == one.read()


def test_another_sessions_client_id_is_refused(server: Gated, peer: YjsDoc) -> None:
    with pytest.raises(Refused) as refused:
        server.gate.check(sent(peer, ["put", "annotations", KEY, 1]), nobody)
    assert refused.value.code == "foreign_client"


def test_no_session_may_use_the_servers_client_ids(server: Gated, yjs: RealYjs) -> None:
    with pytest.raises(Refused) as refused:
        server.gate.check(sent(yjs.doc(SERVER_CLIENTS), ["put", "annotations", KEY, 1]), anybody)
    assert refused.value.code == "foreign_client"


def test_edits_of_an_earlier_tab_come_along(server: Gated, yjs: RealYjs) -> None:
    earlier, later = yjs.doc(3), yjs.doc(9)
    later.apply(sent(earlier, ["put", "annotations", KEY, 1]))
    sent(later, ["put", "annotations", KEY, 2])
    assert server.take(later.state(), lambda client: client in (3, 9)).clients == {3, 9}


def test_it_knows_what_the_server_wrote(server: Gated, peer: YjsDoc) -> None:
    update = server.write(lambda doc: apply_changes(doc, [Put("labels", KEY, 1), SetText("text/answer", "a🎉")]))
    peer.apply(update)
    passed = server.take(sent(peer, ["remove", "labels", KEY], ["insert", "text/answer", 3, "b"]))
    assert passed.changes == [Remove("labels", KEY), Typing("text/answer", 1, 0)]


def test_loading_can_tell_what_a_row_of_the_journal_did() -> None:
    gate = Gate(root_kind)
    row = encode_puts(SERVER_CLIENTS, [Put("annotations", KEY, {"a": 1})])
    assert gate.load(row, changes=True) == [Put("annotations", KEY, {"a": 1})]


def test_an_undo_of_a_removal_puts_the_same_back(server: Gated, peer: YjsDoc) -> None:
    peer.track_undo("annotations")
    server.take(sent(peer, ["put", "annotations", KEY, {"a": 1}]))
    server.take(sent(peer, ["remove", "annotations", KEY]))
    undone = peer.undo()
    assert undone
    assert server.take(undone).changes == [Put("annotations", KEY, {"a": 1})]


def test_a_key_set_a_thousand_times_stays_short(server: Gated, peer: YjsDoc) -> None:
    for at in range(1000):
        peer.edit(["put", "decisions", KEY, at])
    server.take(peer.state())
    for at in range(200):
        server.take(sent(peer, ["put", "decisions", KEY, at]))
    assert len(server.gate._index.slots["decisions"][KEY].chain) <= 3


def ten_thousand() -> bytes:
    value = {"start": 1, "end": 70}
    said = {"kind": "span", "field": "entities", "label": "person", "value": value, "author": 3, "origin": "import"}
    return encode_puts(SERVER_CLIENTS, [Put("annotations", f"0192aa-{at:08}", said) for at in range(10_000)])


def test_ten_thousand_annotations_load_in_one_pass() -> None:
    doc: Doc = Doc()
    doc.apply_update(ten_thousand())
    for at in range(0, 10_000, 5):
        doc.get("decisions", type=Map)[f"0192aa-{at:08}"] = {"status": "accepted", "by": 1}
    state = doc.get_update()
    assert lines_run(lambda: Gate(root_kind).load(state)) < 500 * 12_000  # half of it today


def test_ten_thousand_deletions_repeated_cost_little() -> None:
    server = Gated()
    server.gate.load(ten_thousand())
    server.doc.apply_update(ten_thousand())
    gone = [Remove("annotations", f"0192aa-{at:08}") for at in range(0, 10_000, 2)]
    server.write(lambda doc: apply_changes(doc, gone))
    state = server.doc.get_update(server.doc.get_state())
    assert server.gate.check(state, nobody).empty
    assert lines_run(lambda: server.gate.check(state, nobody)) < 200 * 10_000
