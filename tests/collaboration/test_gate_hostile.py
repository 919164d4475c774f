"""Bytes that end, hang, swell or part pycrdt and Yjs (docs/live-documents.md, "Guard"): none passes the gate."""

from __future__ import annotations

from base64 import b64decode

import pytest

from annotator.collaboration.changes import Put, Refused, Remove
from annotator.collaboration.drafts import MAX_ADVANCE, MAX_KEYS, MAX_TEXT_UNITS
from annotator.collaboration.gate import Gap, Gate, Malformed
from annotator.collaboration.updates import ANY, DELETED, GC, SKIP, STRING, Decoded, Struct
from annotator.collaboration.varint import uint
from benchmarks.fuzz_gate import run
from tests.collaboration.gated import Gated, anybody, knowledge
from tests.collaboration.mutants import encode
from tests.collaboration.real_yjs import RealYjs
from tests.support.work import lines_run

KEY = "aaaaaaaa"
REFUSALS = (Malformed, Gap, Refused)


@pytest.fixture
def server(yjs: RealYjs) -> Gated:
    """A document with something in it, by client 3."""
    server = Gated()
    update = yjs.doc(3).edit(["put", "annotations", KEY, {"a": 1}], ["insert", "text/answer", 0, "A🎉B"])
    assert update
    server.take(update)
    return server


def check_refused(server: Gated, update: bytes, *kinds: type[Exception]) -> Exception:
    """It is refused, and the gate is as it was."""
    before = knowledge(server.gate)
    with pytest.raises(kinds or REFUSALS) as refused:
        server.gate.check(update, lambda client: client in (3, 7, 9))
    assert knowledge(server.gate) == before
    return refused.value


def item(clock: int = 0, **fields: object) -> Struct:
    """A struct of client 7 that sets a key, but for what is said otherwise."""
    usual = {"length": 1, "kind": ANY, "origin": None, "right_origin": None, "root": "labels", "key": KEY}
    return Struct(client=7, clock=clock, **{**usual, "content": [1], **fields})


def text(content: str, **fields: object) -> Struct:
    length = len(content.encode("utf-16-le")) // 2
    return item(**{"kind": STRING, "content": content, "length": length, "root": "text/answer", "key": None, **fields})


def update(*structs: Struct, deletes: tuple[tuple[int, int, int], ...] = ()) -> bytes:
    return encode(Decoded(list(structs), list(deletes)))


def test_the_usual_struct_of_these_tests_passes(server: Gated) -> None:
    assert server.gate.check(update(item(), text("x", clock=1)), anybody).changes[0] == Put("labels", KEY, 1)


def value(encoded: bytes) -> bytes:
    return b"\x01\x01\x07\x00\x28\x01\x06labels\x08aaaaaaaa\x01" + encoded + b"\x00"


@pytest.mark.promise("P8")
@pytest.mark.parametrize("levels", [9, 13_300, 26_300, 400_000])
def test_s1_arrays_nested_deep_are_refused(server: Gated, levels: int) -> None:
    """53 kB of them overflow the stack of native code and end the process; half of that at every later read."""
    check_refused(server, value(b"\x75\x01" * levels + b"\x7e"))
    check_refused(server, value(b"\x76\x01\x01a" * levels + b"\x7e"))


@pytest.mark.promise("P8")
def test_s2_maps_inside_maps_are_refused(server: Gated, yjs: RealYjs) -> None:
    nested = yjs.doc(7).edit(["nest", "labels", KEY])
    assert nested
    check_refused(server, nested, Refused)
    levels = b"".join(b"\x28\x00\x07" + uint(at) + b"\x01a\x01\x7e" for at in range(33_000))
    check_refused(server, b"\x01" + uint(33_001) + b"\x07\x00\x27\x01\x06labels\x08aaaaaaaa\x01" + levels + b"\x00")


@pytest.mark.promise("P8")
def test_s3_a_string_in_an_array_is_refused(server: Gated) -> None:
    """20 bytes, after which a read loops for ever with the GIL held."""
    check_refused(server, b64decode("AQEFAAQBBW9yZGVyBsOp8J+OiQA="), Refused)


@pytest.mark.promise("P8")
def test_s4_a_struct_of_no_length_is_refused(server: Gated) -> None:
    """16 bytes, after which the document can never be saved again."""
    check_refused(server, b64decode("AQJNAAgBAnp6AXcBcQAAAA=="))
    for kind in (GC, DELETED, SKIP):
        check_refused(server, update(item(kind=kind, length=0)), Malformed)
    check_refused(server, update(text("")), Malformed)
    check_refused(server, update(item(length=0, content=[])), Malformed)


@pytest.mark.promise("P8")
def test_s5_a_format_is_refused(server: Gated, yjs: RealYjs) -> None:
    """31 bytes, after which nobody can read the map."""
    check_refused(server, b64decode("AQEJACYBC2Fubm90YXRpb25zAWsEYm9sZAR0cnVlAA=="), Refused)
    peer = yjs.doc(7)
    peer.apply(server.doc.get_update())
    bold = peer.edit(["format", "text/answer", 0, 1])
    assert bold
    check_refused(server, bold, Refused)


@pytest.mark.promise("P8")
@pytest.mark.parametrize("head", [b"\x80\x80\x80\x80\x01\x00\x00", b"\x01\x80\x80\x80\x80\x04\x07\x00"])
def test_s6_counts_larger_than_the_bytes_are_refused(server: Gated, head: bytes) -> None:
    """7 bytes take 560 MB, 79 bytes 1.07 GB."""
    check_refused(server, head, Malformed)
    check_refused(server, value(b"\x76\xff\xff\xff\x07\x01a" * 10), Malformed)


@pytest.mark.promise("P5")
def test_s7_a_hole_for_another_client_is_refused(server: Gated) -> None:
    """12 bytes, after which all edits of that client are dropped in silence as "already known"."""
    check_refused(server, b"\x01\x01\x05\x00\x00" + uint(2**31 - 1) + b"\x00", Refused)


def test_s7_a_hole_of_ones_own_is_bounded(server: Gated) -> None:
    check_refused(server, update(item(kind=GC, length=2**31 - 1)), Malformed)
    check_refused(server, update(item(kind=DELETED, length=MAX_ADVANCE + 1)), Malformed)
    check_refused(server, update(item(kind=GC, length=2**31 - 1), item(kind=GC, length=2, clock=2**31 - 1)), Malformed)


@pytest.mark.promise("P5")
def test_s8_the_next_clock_of_another_client_is_refused(server: Gated) -> None:
    forged = update(item()._replace(client=3, clock=5))
    with pytest.raises(Refused) as refused:
        server.gate.check(forged, lambda client: client == 7)
    assert refused.value.code == "foreign_client"


@pytest.mark.promise("P5")
def test_s9_a_deletion_is_told_so_that_the_rules_can_refuse_it(server: Gated) -> None:
    """8 bytes delete anybody's content: a CRDT knows no owners."""
    passed = server.gate.check(update(deletes=((3, 0, 1),)), anybody)
    assert passed.changes == [Remove("annotations", KEY)]


@pytest.mark.promise("P4")
def test_a_pair_that_is_split_by_an_insertion_is_refused(server: Gated, yjs: RealYjs) -> None:
    peer = yjs.doc(7)
    peer.apply(server.doc.get_update())
    split = peer.edit(["insert", "text/answer", 2, "x"])
    assert split
    check_refused(server, split, Refused)
    check_refused(server, update(text("x", origin=(3, 2))), Refused)  # between the halves: clocks 2 and 3
    check_refused(server, update(text("x", right_origin=(3, 3))), Refused)


@pytest.mark.promise("P4")
def test_a_pair_that_is_split_by_a_deletion_is_refused(server: Gated) -> None:
    check_refused(server, update(deletes=((3, 2, 1),)), Refused)
    check_refused(server, update(deletes=((3, 3, 1),)), Refused)
    check_refused(server, update(deletes=((3, 3, 2),)), Refused)
    assert server.gate.check(update(deletes=((3, 2, 2),)), anybody).changes


@pytest.mark.promise("P4")
def test_the_updates_that_split_an_emoji_in_the_field_are_refused() -> None:
    """A editor that compares unit by unit turns 🎉 into 🎊 like this; browser and server then part for good."""
    server = Gated()
    with pytest.raises(Refused):
        server.gate.check(b64decode("AQEJAAQBBW5vdGVzCkHwn46J8J+OiUIA"), anybody)  # a root of its own
    server.take(update(text("A🎉🎉B")))
    for split in (update(deletes=((7, 2, 1),)), update(text("x", clock=6, origin=(7, 1), right_origin=(7, 2)))):
        check_refused(server, split, Refused)


@pytest.mark.promise("P4")
def test_what_is_known_splits_no_pair_either(server: Gated) -> None:
    """Yjs looks for the neighbours of a struct before it sees that it has it, and splits the run in which they lie."""
    server.take(update(item()))
    check_refused(server, update(item(right_origin=(3, 3))), Refused)
    check_refused(server, update(item(origin=(3, 2))), Refused)


@pytest.mark.promise("P4")
def test_an_overlap_that_cuts_a_pair_is_refused(server: Gated) -> None:
    server.take(update(text("ab")))
    check_refused(server, update(text("a🎉")), Refused)
    server.take(update(text("🎉", clock=2, origin=(7, 1))))
    check_refused(server, update(text("🎉c", clock=2, origin=(7, 2))), Refused)
    assert server.gate.check(update(text("ab🎉c")), anybody).changes


@pytest.mark.promise("P5")
def test_an_overlap_that_goes_on_elsewhere_is_refused(server: Gated) -> None:
    server.take(update(text("ab")))
    check_refused(server, update(text("abc", root="text/notes")), Malformed)
    check_refused(server, update(item(kind=DELETED, length=3)), Malformed)


OUT_OF_ORDER = [
    "AQH8BwCo/gcBAX0oAf4HAQEB",
    "AQX+BwcnAQthbm5vdGF0aW9ucwJhMgEoAP4HBwVzdGFydAF9nQwoAP4HBwVsYWJlbAF3AkwyJwD+BwcEbm90ZQIEAP4HCgVhbHBoYQA=",
]


@pytest.mark.promise("P4")
@pytest.mark.parametrize("vector", OUT_OF_ORDER)
def test_updates_out_of_order_never_reach_pycrdt(server: Gated, vector: str) -> None:
    check_refused(server, b64decode(vector))


@pytest.mark.promise("P4")
def test_gaps_are_refused(server: Gated) -> None:
    check_refused(server, update(item(clock=1)), Gap)
    check_refused(server, update(item(kind=SKIP, length=3), item(clock=3)), Gap)
    check_refused(server, update(item(origin=(3, 99))), Gap)
    check_refused(server, update(item(origin=(7, 0))), Gap)  # builds on itself
    check_refused(server, update(item(origin=(55, 0))), Gap)
    check_refused(server, update(text("x", right_origin=(3, 99))), Gap)
    check_refused(server, update(deletes=((3, 0, 99),)), Gap)
    check_refused(server, update(deletes=((55, 0, 1),)), Gap)


@pytest.mark.promise("P5")
@pytest.mark.parametrize("key", ["__proto__", "constructor", "prototype", "k" * 201])
def test_keys_that_change_objects_in_a_browser_are_refused(server: Gated, key: str) -> None:
    check_refused(server, update(item(key=key)), Refused)
    check_refused(server, update(item(content=[{"__proto__": {"polluted": 1}}])), Malformed)
    check_refused(server, update(item(content=[[{"constructor": 1}]])), Malformed)


@pytest.mark.promise("P5")
@pytest.mark.parametrize("root", ["", "order", "__proto__", "text/", "text/unknown", "annotations/x"])
def test_unknown_roots_are_refused(server: Gated, root: str) -> None:
    check_refused(server, update(item(root=root)), Refused)
    check_refused(server, update(text("x", root=root)), Refused)


@pytest.mark.promise("P5")
def test_a_root_is_used_as_what_it_is(server: Gated, yjs: RealYjs) -> None:
    check_refused(server, update(item(root="text/answer")), Refused)  # a key in a text
    check_refused(server, update(text("x", root="labels")), Refused)  # characters in a map
    check_refused(server, update(item(key=None)), Refused)  # an item of a list in a map
    check_refused(server, update(item(kind=STRING, content="x")), Malformed)
    check_refused(server, update(item(root="text/answer", key=None)), Malformed)  # a value among characters
    check_refused(server, update(item(length=2, content=[1, 2])), Malformed)
    pushed = yjs.doc(7).edit(["push", "order", 1])
    assert pushed
    check_refused(server, pushed)


@pytest.mark.promise("P5")
def test_neighbours_must_lie_in_one_place(server: Gated) -> None:
    check_refused(server, update(text("x", origin=(3, 1), right_origin=(3, 0))), Malformed)
    check_refused(server, update(item(right_origin=(3, 0))), Malformed)  # a value has nothing to its right
    server.take(update(item(kind=GC, length=1)))
    check_refused(server, update(item(clock=1, origin=(7, 0))), Malformed)  # beside a hole


@pytest.mark.parametrize("kind", [2, 3, 5, 7, 9, 11, 12, 15, 16, 31])
def test_other_kinds_of_content_are_refused(server: Gated, kind: int) -> None:
    """Legacy JSON, binary, embeds, types, sub-documents, moves, and what nobody has invented yet."""
    check_refused(server, b"\x01\x01\x07\x00" + bytes((0x20 | kind,)) + b"\x01\x06labels\x08aaaaaaaa\x01\x01a\x00")


def test_a_client_stands_in_an_update_once(server: Gated) -> None:
    once = update(item())[1:-1]
    check_refused(server, b"\x02" + once + once + b"\x00", Malformed)
    check_refused(server, b"\x00\x02\x03\x01\x00\x01\x03\x01\x01\x01", Malformed)
    check_refused(server, b"\x01\x00\x07\x00\x00", Malformed)  # with nothing
    check_refused(server, update(item()) + b"\x00", Malformed)  # something after the end


@pytest.mark.promise("P8")
def test_a_text_and_a_document_have_a_greatest_size(server: Gated, monkeypatch: pytest.MonkeyPatch) -> None:
    too_long = check_refused(server, update(text("x" * (MAX_TEXT_UNITS + 1))), Refused)
    assert isinstance(too_long, Refused)
    assert (too_long.code, too_long.key) == ("text_too_long", "text/answer")
    monkeypatch.setattr("annotator.collaboration.drafts.MAX_KEYS", 100)
    many = [item(clock=at, key=f"{KEY}{at}") for at in range(101)]
    check_refused(server, update(*many), Refused)
    assert MAX_KEYS == 200_000


@pytest.mark.promise("P8")
def test_a_tangle_of_values_holds_nobody_up(server: Gated) -> None:
    """Values that all claim to be the first of a key make every side search among all of them."""
    first = [item(clock=at)._replace(client=3 + 4 * (at % 2), clock=at // 2) for at in range(6000)]
    chained = [
        struct._replace(origin=(before.client, before.clock)) for before, struct in zip(first, first[1:], strict=False)
    ]
    check_too_tangled(update(first[0], *chained, *(item(clock=3000 + at) for at in range(3000))))


def check_too_tangled(tangle: bytes) -> None:
    with pytest.raises(Refused) as refused:
        Gated().gate.check(tangle, anybody)
    assert refused.value.code == "too_tangled"


@pytest.mark.promise("P8")
def test_structs_that_wait_for_each_other_hold_nobody_up() -> None:
    """Two clients, each of whose structs builds on the other's: as far out of order as one update can be."""
    mine = [item(clock=at, origin=(3, at - 1) if at else None) for at in range(5000)]
    theirs = [item(clock=at, origin=(7, at))._replace(client=3) for at in range(5000)]
    check_too_tangled(update(*theirs, *mine))


@pytest.mark.promise("P8")
def test_a_tangle_of_characters_holds_nobody_up() -> None:
    """Characters that all claim the same place: pycrdt alone would search for minutes, with the GIL held."""
    first = [text("a", clock=at) for at in range(1, 4000)]
    behind = [struct._replace(right_origin=(7, struct.clock - 1), root=None) for struct in first]
    rivals = [struct._replace(client=9, right_origin=(9, struct.clock - 1)) for struct in behind]
    check_too_tangled(update(text("a"), *behind, text("b")._replace(client=9), *rivals))


@pytest.mark.promise("P4")
def test_neighbours_that_nobody_saw_are_refused(server: Gated) -> None:
    """Such characters would lie in another order after the next load, and in another in Yjs."""
    server.take(update(text("abc")))
    check_refused(server, update(text("x", clock=3, origin=(7, 1), right_origin=(7, 0))), Malformed)  # the wrong order
    check_refused(server, update(text("x", clock=3, origin=(7, 1), right_origin=(7, 1))), Malformed)  # one and the same
    check_refused(server, update(text("x", clock=3, origin=(7, 0), right_origin=(7, 2))), Malformed)  # not own words
    check_refused(server, update(text("x", clock=3)), Malformed)  # as if nothing of one's own were there
    server.take(update(text("d", origin=(7, 2))._replace(client=3, clock=5)))
    check_refused(server, update(text("x", right_origin=(3, 5))._replace(client=9)), Malformed)  # "d" came after "abc"
    assert server.gate.check(update(text("x", clock=3, origin=(7, 1), right_origin=(7, 2))), anybody).changes


@pytest.mark.promise("P8")
def test_deletions_that_overlap_are_walked_once(server: Gated) -> None:
    many = [item(clock=at, key=f"{KEY}{at}") for at in range(3000)]
    server.take(update(*many))
    ranges = tuple((7, at % 7, 2990 - at % 11) for at in range(5000))
    overlapping = update(deletes=ranges)
    assert 2980 <= len(server.gate.check(overlapping, anybody).changes) <= 3000
    assert lines_run(lambda: server.gate.check(overlapping, anybody)) < 100 * (len(many) + len(ranges))


@pytest.mark.promise("P5")
@pytest.mark.parametrize("seed", [11, 12])
def test_mutants_that_pass_show_the_same_in_yjs_and_harm_nothing(seed: int) -> None:
    """The long run is `python -m benchmarks.fuzz_gate`."""
    report = run(1500, seed)
    assert report.failures == []
    assert report.counts["passed"] > 100


def test_a_gate_lets_nothing_through_for_a_document_without_roots() -> None:
    gate = Gate(lambda root: None)
    with pytest.raises(Refused):
        gate.check(update(item()), anybody)
