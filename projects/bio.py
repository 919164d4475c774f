"""Tags of tokens (BIO and its relatives) and spans: one made of the other. Pure; import and export share it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

TAG = re.compile(r"([BIESLUM])-(\S.*)")
PREFIX_LOST = re.compile(r"-(\S.*)?")  # as in some files: “-LOC” or a lone “-”, where “B-LOC” or “O” was meant
OUTSIDE = "O"


class Token(NamedTuple):
    """Where a token stands in the text, in code points; the end is exclusive."""

    start: int
    end: int


class Span(NamedTuple):
    start: int
    end: int
    label: str


def tokens_of_lengths(lengths: list[int]) -> list[Token]:
    """Tokens of these lengths, with one space between two."""
    tokens, start = [], 0
    for length in lengths:
        tokens.append(Token(start, start + length))
        start += length + 1
    return tokens


def is_tag(tag: str) -> bool:
    return tag == OUTSIDE or TAG.fullmatch(tag) is not None or PREFIX_LOST.fullmatch(tag) is not None


def is_well_formed(tag: str) -> bool:
    return tag == OUTSIDE or TAG.fullmatch(tag) is not None


def spans_of(tokens: Sequence[Token], tags: Sequence[str]) -> list[Span]:
    """The spans that tags say, in IOB1, IOB2, IOBES, BILOU or BMES: B, S and U begin one, so does what follows nothing.

    A tag whose prefix was lost goes on with the span before it where the labels agree, and else begins one.
    """
    spans: list[Span] = []
    goes_on = ""  # the label that the next token may go on with
    for token, tag in zip(tokens, tags, strict=True):
        found = TAG.fullmatch(tag)
        prefix, label = found.groups() if found else ("I", tag[1:] if tag.startswith("-") else "")
        if not label:
            goes_on = ""
            continue
        if prefix in "IEML" and label == goes_on:
            spans[-1] = spans[-1]._replace(end=token.end)
        else:
            spans.append(Span(token.start, token.end, label))
        goes_on = "" if prefix in "ESLU" else label
    return spans


def tags_of(tokens: Iterable[Token], spans: Sequence[Span]) -> list[str]:
    """BIO tags (IOB2). `spans` do not overlap and stand in their order; each token lies within one or outside all."""
    tags = []
    at, begun = 0, False
    for token in tokens:
        while at < len(spans) and spans[at].end <= token.start:
            at, begun = at + 1, False
        if at < len(spans) and spans[at].start <= token.start and token.end <= spans[at].end:
            tags.append(f"{'I' if begun else 'B'}-{spans[at].label}")
            begun = True
        else:
            tags.append(OUTSIDE)
    return tags


def without_overlaps(spans: Iterable[Span]) -> tuple[list[Span], int]:
    """Of spans that overlap the one that begins first is kept, of those the longest; and how many are left out."""
    kept: list[Span] = []
    left_out = 0
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.label)):
        if kept and span.start < kept[-1].end:
            left_out += 1
        else:
            kept.append(span)
    return kept, left_out


def split_at(tokens: Iterable[Token], spans: Iterable[Span]) -> list[tuple[Token, int]]:
    """Tokens cut where a span begins or ends within one, each with the number of the token that it was cut from."""
    edges = sorted({edge for span in spans for edge in (span.start, span.end)})
    pieces: list[tuple[Token, int]] = []
    at = 0
    for number, (start, end) in enumerate(tokens):
        while at < len(edges) and edges[at] <= start:
            at += 1
        while at < len(edges) and edges[at] < end:
            pieces.append((Token(start, edges[at]), number))
            start = edges[at]
            at += 1
        pieces.append((Token(start, end), number))
    return pieces
