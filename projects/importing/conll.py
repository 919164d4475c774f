"""CoNLL: a token a line, its tag in the last column, an empty line after each sentence; a sentence becomes a task.

The text is the tokens joined by single spaces. What an export needs to give the same lines again is kept in
`meta["conll"]`: the tokens' lengths, the columns between token and tag, the separator and a -DOCSTART- line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from annotator.collaboration.changes import Json
from projects.bio import OUTSIDE, is_tag, is_well_formed, spans_of, tokens_of_lengths
from projects.importing.records import MAX_ROW_BYTES, MAX_TEXT_BYTES, Options, Position, Problem, Record, Said
from projects.importing.source import Source

DOCSTART = "-DOCSTART-"
COLUMN = "tag"


@dataclass
class Sentence:
    """The lines of one sentence while they are read."""

    line: int
    docstart: str | None = None
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    separator: str = "\t"
    bytes: int = 0
    problem: tuple[int, str, str] | None = None  # the first: line, column, reason

    def refuse(self, line: int, column: str, reason: str) -> None:
        self.problem = self.problem or (line, column, reason)
        self.rows.clear()


class Conll:
    name = "conll"
    title = "CoNLL: a token a line, BIO tags in the last column"
    suffixes = ("conll", "bio", "iob", "iob2")

    def read(self, source: Source, at: Position, options: Options) -> Iterator[Record | Problem]:
        sentence = Sentence(at.line)
        after = at
        for data, number, after in source.lines(at):
            if data is None:
                sentence.refuse(number, "", f"the line is longer than {MAX_ROW_BYTES >> 20} MB")
                continue
            line = data.decode("utf-8", "surrogateescape")
            if line.strip():
                take(sentence, line, number, len(data))
                continue
            # A sentence of a -DOCSTART- line only: the line belongs to the sentence that follows.
            if sentence.rows or sentence.problem:
                yield finished(sentence, after)
                sentence = Sentence(after.line)
        if sentence.rows or sentence.problem:
            yield finished(sentence, after)


def take(sentence: Sentence, line: str, number: int, size: int) -> None:
    """One more line of a sentence. A sentence with a wrong line is refused as a whole, and its lines are not kept."""
    sentence.bytes += size
    if sentence.problem:
        return
    if line.startswith(DOCSTART):
        sentence.docstart = line
        return
    columns = line.split("\t") if "\t" in line else line.split()
    if not sentence.rows:
        if line.startswith("# ") and not is_tag(columns[-1]):
            return  # a comment before a sentence
        sentence.line = number
        sentence.separator = "\t" if "\t" in line or len(columns) == 1 else " "
    fault = fault_of(columns, sentence)
    if fault:
        sentence.refuse(number, *fault)
        return
    sentence.rows.append(columns)
    sentence.lines.append(number)


def fault_of(columns: list[str], sentence: Sentence) -> tuple[str, str] | None:
    """What is wrong with a line, as column and reason."""
    width = len(sentence.rows[0]) if sentence.rows else len(columns)
    if len(columns) != width:
        return "", f"the line has {len(columns)} columns, but the sentence began with {width}"
    if not columns[0]:
        return "token", "the token is empty"
    if width > 1 and not is_tag(columns[-1]):
        return COLUMN, f"“{columns[-1][:60]}” is not a tag: O, or B- or I- and a label, was expected in the last column"
    if sentence.bytes > MAX_TEXT_BYTES:
        return "text", f"the sentence is longer than {MAX_TEXT_BYTES >> 20} MB; are the empty lines missing?"
    return None


def finished(sentence: Sentence, after: Position) -> Record | Problem:
    if sentence.problem:
        return Problem(*sentence.problem, after)
    words = [row[0] for row in sentence.rows]
    tags = [row[-1] for row in sentence.rows] if len(sentence.rows[0]) > 1 else [OUTSIDE] * len(words)
    said = [
        Said(COLUMN, None, "span", span.label, {"start": span.start, "end": span.end}, line=sentence.line)
        for span in spans_of(tokens_of_lengths([len(word) for word in words]), tags)
    ]
    return Record(sentence.line, after, " ".join(words), meta={"conll": layout(sentence, words, tags)}, said=said)


def layout(sentence: Sentence, words: list[str], tags: list[str]) -> dict[str, Json]:
    """What the text and the spans do not tell of a sentence."""
    kept: dict[str, Json] = {"lengths": [len(word) for word in words]}
    columns = [row[1:-1] for row in sentence.rows]
    if any(columns):
        kept["columns"] = columns
    if sentence.separator != "\t":
        kept["separator"] = sentence.separator
    if sentence.docstart is not None:
        kept["docstart"] = sentence.docstart
    odd = {str(number): tag for number, tag in enumerate(tags) if not is_well_formed(tag)}
    if odd:
        kept["odd_tags"] = odd
    return kept
