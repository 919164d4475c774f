"""The update format: what real Yjs and yrs write is read, what we write they read, and nothing else gets through."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Map

from annotator.collaboration.changes import Put, Refused, SetText, apply_changes
from annotator.collaboration.updates import (
    Malformed,
    decode_state_vector,
    decode_update,
    encode_puts,
    encode_state_vector,
)
from annotator.collaboration.values import FORBIDDEN_KEYS, MAX_DEPTH, read_value, skip_value, write_value
from tests.collaboration.mutants import encode
from tests.collaboration.real_yjs import RealYjs

texts = st.text(st.characters(exclude_categories=["Cs"]))
# hypothesis tries the words that it finds in the code
keys = texts.filter(lambda key: key not in FORBIDDEN_KEYS)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=12,
)

STATEMENT = {"kind": "span", "value": {"start": 1, "end": 700}, "label": "Ärger 🎉", "author": 3, "score": 0.25}


@given(json_values)
def test_values_come_back_as_they_were_written(value: object) -> None:
    out = bytearray()
    write_value(out, value)
    assert read_value(bytes(out), 0, depth=20) == (value, len(out))
    assert skip_value(bytes(out), 0, depth=20) == len(out)


def test_it_reads_what_yjs_writes(yjs: RealYjs) -> None:
    update = yjs.doc(7).edit(["put", "annotations", "aaaaaaaa", STATEMENT], ["insert", "text/answer", 0, "hé🎉"])
    assert update
    first, second = decode_update(update).structs
    assert (first.client, first.clock, first.root, first.key) == (7, 0, "annotations", "aaaaaaaa")
    assert first.content == [STATEMENT]
    assert (second.root, second.key, second.content, second.length) == ("text/answer", None, "hé🎉", 4)


def test_it_reads_what_yrs_writes() -> None:
    doc: Doc = Doc(client_id=7)
    with doc.transaction():
        apply_changes(doc, [Put("annotations", "aaaaaaaa", STATEMENT), SetText("text/answer", "hé🎉")])
    structs = decode_update(doc.get_update()).structs
    assert [struct.content for struct in structs] == [[STATEMENT], "hé🎉"]


def test_what_the_tests_write_reads_the_same(yjs: RealYjs) -> None:
    doc = yjs.doc(7)
    doc.edit(["put", "annotations", "aaaaaaaa", STATEMENT], ["insert", "text/answer", 0, "hé🎉"])
    doc.edit(["put", "annotations", "aaaaaaaa", 1], ["delete", "text/answer", 0, 1], ["put", "labels", "aaaaaaaa", "x"])
    assert decode_update(encode(decode_update(doc.state()))) == decode_update(doc.state())


@given(st.lists(json_values, max_size=5))
def test_yrs_reads_imported_entries(values: list[object]) -> None:
    puts = [Put("annotations", f"key-{at:05}", value) for at, value in enumerate(values)]
    doc: Doc = Doc()
    doc.apply_update(encode_puts(2**52 + 5, puts))
    assert doc.get("annotations", type=Map).to_py() == {put.key: put.value for put in puts}


def test_yjs_reads_imported_entries(yjs: RealYjs) -> None:
    puts = [Put("annotations", f"key-{at:05}", STATEMENT | {"at": at, "text": "ü" * at}) for at in range(200)]
    shown = yjs.show([encode_puts(2**53 - 1, puts)])
    assert shown["maps"]["annotations"] == {put.key: put.value for put in puts}


def test_an_import_of_nothing_is_the_empty_update() -> None:
    assert encode_puts(1, []) == Doc().get_update()


def test_what_is_edited_after_an_import_builds_on_it(yjs: RealYjs) -> None:
    imported = encode_puts(2**52 + 5, [Put("annotations", "aaaaaaaa", STATEMENT)])
    peer = yjs.doc(7)
    peer.apply(imported)
    edit = peer.edit(["put", "annotations", "aaaaaaaa", 2], ["put", "labels", "aaaaaaaa", {"label": "x"}])
    doc: Doc = Doc()
    doc.apply_update(imported)
    doc.apply_update(edit)
    assert doc.get("annotations", type=Map).to_py() == {"aaaaaaaa": 2.0}


def test_state_vectors_come_back(yjs: RealYjs) -> None:
    peer = yjs.doc(7)
    peer.edit(["insert", "text/answer", 0, "hé🎉"])
    assert decode_state_vector(peer.vector()) == {7: 4}
    assert encode_state_vector({7: 4}) == peer.vector()
    assert decode_state_vector(encode_state_vector({3: 300, 2**53 - 1: 1})) == {3: 300, 2**53 - 1: 1}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\x01\x07",
        b"\x02\x07\x01\x07\x02",  # twice the same client
        b"\x00\x00",  # something after the end
        b"\x01\x07\xff\xff\xff\xff\xff\xff\xff\xff\xff",  # a bignum
        b"\x01\x07\x80\x00",  # zero, written long
        b"\xff\xff\xff\xff\x0f\x01\x01",
    ],
)
def test_it_refuses_a_malformed_state_vector(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_state_vector(data)


@given(st.binary(max_size=60))
def test_random_bytes_are_malformed_or_refused_and_nothing_else(data: bytes) -> None:
    for values in (True, False):
        with contextlib.suppress(Malformed, Refused):
            decode_update(data, values)


def test_every_truncation_is_malformed(yjs: RealYjs) -> None:
    doc = yjs.doc(7)
    doc.edit(["put", "annotations", "aaaaaaaa", STATEMENT], ["insert", "text/answer", 0, "hé🎉"])
    doc.edit(["delete", "text/answer", 0, 1])
    update = doc.state()
    for size in range(len(update)):
        with pytest.raises(Malformed):
            decode_update(update[:size])


def a_value(encoded: bytes) -> bytes:
    """An update that sets a key to a value given in bytes."""
    return b"\x01\x01\x07\x00\x28\x01\x0bannotations\x08aaaaaaaa\x01" + encoded + b"\x00"


def nested(levels: int, head: bytes) -> bytes:
    return head * levels + b"\x7e"


def test_a_value_may_be_nested_as_deep_as_the_bound_and_no_deeper() -> None:
    decode_update(a_value(nested(MAX_DEPTH, b"\x75\x01")))
    with pytest.raises(Malformed):
        decode_update(a_value(nested(MAX_DEPTH + 1, b"\x75\x01")))
    with pytest.raises(Malformed):
        decode_update(a_value(nested(MAX_DEPTH + 1, b"\x76\x01\x01a")), values=False)


@pytest.mark.parametrize(
    "encoded",
    [
        b"\x7f",  # undefined
        b"\x7a" + b"\x00" * 8,  # a bigint
        b"\x74\x01a",  # binary
        b"\x7b" + b"\x7f\xf8" + b"\x00" * 6,  # NaN
        b"\x7c\x7f\x80\x00\x00",  # infinity as a float32
        b"\x77\x02\xed\xa0",  # not UTF-8
        b"\x77\x03\xed\xa0\x80",  # a lone surrogate
        b"\x76\x01\x09__proto__\x7e",
        b"\x76\x01\x0bconstructor\x7e",
        b"\x76\x01\x09prototype\x7e",
        b"\x76\x02\x01a\x7e\x01a\x7e",  # a key twice
        b"\x7d\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",  # an integer without end
        b"\x7d\x80\x00",  # zero, written long
        b"\x75\xff\xff\xff\xff\x07",  # more items than bytes
        b"\x76\xff\xff\xff\xff\x07",
        b"\x77\xff\xff\xff\xff\x07a",
        b"\x73",
        b"\x00",
    ],
)
def test_it_refuses_what_is_not_json(encoded: bytes) -> None:
    with pytest.raises(Malformed):
        decode_update(a_value(encoded))
