"""Tags and spans are made one of the other without loss."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.bio import Span, Token, is_tag, spans_of, split_at, tags_of, tokens_of_lengths, without_overlaps
from projects.exporting.tokens import tokens_of

LABELS = st.sampled_from(["PER", "LOC", "creative-work", "その他", "B-odd"])
WORDS = st.lists(st.integers(1, 6), min_size=1, max_size=12)


@st.composite
def tagged(draw: st.DrawFn) -> tuple[list[Token], list[str]]:
    """Tokens with tags of IOB2."""
    tokens = tokens_of_lengths(draw(WORDS))
    tags: list[str] = []
    for _ in tokens:
        goes_on = bool(tags) and tags[-1] != "O"
        choice = draw(st.sampled_from(["O", "B", "I"] if goes_on else ["O", "B"]))
        tags.append("O" if choice == "O" else f"I-{tags[-1][2:]}" if choice == "I" else f"B-{draw(LABELS)}")
    return tokens, tags


@given(tagged())
def test_tags_come_back_from_their_spans(case: tuple[list[Token], list[str]]) -> None:
    tokens, tags = case
    assert tags_of(tokens, spans_of(tokens, tags)) == tags


@given(st.text(max_size=60), st.data())
def test_spans_come_back_from_the_tokens_that_they_cut(text: str, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = [Span(start, end, data.draw(LABELS)) for start, end in zip(edges[::2], edges[1::2], strict=False)]
    spans = [span for span in spans if not text[span.start].isspace() and not text[span.end - 1].isspace()]
    pieces = [token for token, _ in split_at(tokens_of(text), spans)]
    assert spans_of(pieces, tags_of(pieces, spans)) == spans


@given(st.text(max_size=80))
def test_tokens_hold_every_character_but_white_space_once(text: str) -> None:
    tokens = tokens_of(text)
    assert all(token.start < token.end for token in tokens)
    assert "".join(text[start:end] for start, end in tokens) == "".join(c for c in text if not c.isspace())


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8), LABELS), max_size=12))
def test_of_spans_that_overlap_the_first_and_longest_is_kept(cases: list[tuple[int, int, str]]) -> None:
    spans = [Span(start, start + length, label) for start, length, label in cases]
    kept, left_out = without_overlaps(spans)
    assert len(kept) + left_out == len(spans)
    assert all(one.end <= two.start for one, two in zip(kept, kept[1:], strict=False))
    for span in set(spans) - set(kept):
        assert any(
            k.start < span.end and span.start < k.end and (k.start, -k.end) <= (span.start, -span.end) for k in kept
        )


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("I-A I-A O I-A", [(0, 3, "A"), (6, 7, "A")]),  # IOB1
        ("I-A B-A I-B", [(0, 1, "A"), (2, 3, "A"), (4, 5, "B")]),
        ("B-A I-A E-A S-A O", [(0, 5, "A"), (6, 7, "A")]),  # IOBES
        ("B-A L-A U-B I-B O", [(0, 3, "A"), (4, 5, "B"), (6, 7, "B")]),  # BILOU
        ("B-A M-A E-A I-A O", [(0, 5, "A"), (6, 7, "A")]),  # BMES
        ("B-A -A - -B O", [(0, 3, "A"), (6, 7, "B")]),  # prefixes lost
    ],
)
def test_it_reads_every_scheme_of_tags(tags: str, expected: list[tuple[int, int, str]]) -> None:
    said = tags.split()
    assert all(is_tag(tag) for tag in said)
    assert spans_of(tokens_of_lengths([1] * len(said)), said) == [Span(*span) for span in expected]


@pytest.mark.parametrize("tag", ["PER", "", "o", "X-PER", "B-", "B", "B-  ", "b-PER"])
def test_it_takes_nothing_else_for_a_tag(tag: str) -> None:
    assert not is_tag(tag)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don't stop_me, 5.4!", ["Don", "'", "t", "stop_me", ",", "5", ".", "4", "!"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("پیش‌بینی", ["پیش‌بینی"]),
        ("東京タワーは", ["東", "京", "タ", "ワ", "ー", "は"]),
        ("👩‍👩‍👧 ok👍🏽🇩🇪🇫🇷", ["👩‍👩‍👧", "ok", "👍🏽", "🇩🇪", "🇫🇷"]),
        ("1️⃣ cafe\u0301", ["1️⃣", "cafe\u0301"]),
    ],
)
def test_tokens_are_words_marks_and_whole_emoji(text: str, tokens: list[str]) -> None:
    assert [text[start:end] for start, end in tokens_of(text)] == tokens
