"""The wire: every message comes back as it was, and hostile ones are malformed, quickly."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, YMessageType, create_sync_message, create_update_message

from annotator.collaboration import messages
from annotator.collaboration.messages import Awareness, QueryAwareness, Sync1, Sync2, SyncUpdate, parse
from annotator.collaboration.varint import Malformed, read_uint, uint
from tests.support.work import lines_run


@given(st.binary(max_size=300))
def test_sync_messages_come_back(data: bytes) -> None:
    assert parse(messages.encode_sync1(data)) == Sync1(data)
    assert parse(messages.encode_sync2(data)) == Sync2(data)
    assert parse(messages.encode_update(data)) == SyncUpdate(data)


def test_they_are_the_messages_of_y_protocols() -> None:
    doc: Doc = Doc()
    assert parse(create_sync_message(doc)) == Sync1(doc.get_state())
    assert parse(create_update_message(b"\0\0")) == SyncUpdate(b"\0\0")
    assert messages.AWARENESS == YMessageType.AWARENESS


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**53 - 1),
            st.integers(0, 2**32),
            st.none() | st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: text != "null"),
        ),
        max_size=5,
    )
)
def test_awareness_comes_back(entries: list[tuple[int, int, str | None]]) -> None:
    assert parse(messages.encode_awareness(entries)) == Awareness(entries)


def test_a_query_for_awareness_is_one_byte() -> None:
    assert parse(b"\x03") == QueryAwareness()


@given(st.integers(0, 2**53 - 1))
def test_numbers_come_back(number: int) -> None:
    assert read_uint(uint(number), 0) == (number, len(uint(number)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00",
        b"\x00\x00",
        b"\x00\x03\x00",  # no such step
        b"\x00\x02\x05ab",  # shorter than it says
        b"\x00\x02\x01ab",  # longer
        b"\x02\x00",  # auth: not ours
        b"\x03\x00",
        b"\x01\x01\x05",  # awareness of five clients, in no bytes
        b"\x01\x03\x01\x07\x01",
        b"\x01\x05\x01\x07\x01\x01\xff",  # not UTF-8
        b"\x01\x02\x00\x00",  # something after the end
        b"\x80" * 12,
    ],
)
def test_it_refuses_malformed_messages(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(data)


@given(st.binary(max_size=80))
def test_random_bytes_are_a_message_or_malformed(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        parse(data)


def test_awareness_of_a_number_without_end_is_refused_at_once() -> None:
    """S10: pycrdt reads 300 kB of 0xFF as one number, for 5.5 seconds."""
    body = b"\xff" * 300_000
    message = b"\x01" + uint(len(body)) + body

    def refused() -> None:
        with pytest.raises(Malformed):
            parse(message)

    assert lines_run(refused) < 1000


def test_awareness_states_are_bounded() -> None:
    """S11: a clock of 10**30, a state of a megabyte, a million clients."""
    clock = b"\xff" * 14 + b"\x01"
    body = b"\x01\x07" + clock + b"\x02{}"
    with pytest.raises(Malformed):
        parse(b"\x01" + uint(len(body)) + body)
    with pytest.raises(Malformed):
        parse(messages.encode_awareness([(7, 1, "[" * 1_000_000)]))
    with pytest.raises(Malformed):
        parse(messages.encode_awareness([(client, 1, "{}") for client in range(2000)]))
