"""What a session is told of its messages: up to which of them everything is durable. Knows numbers and gaps; no journal."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.collaboration.gate import Gate
from annotator.collaboration.session import Session
from annotator.collaboration.updates import Range, decode_update

MAX_MISSED_RANGES = 10_000  # of deletes in what could not be taken: who owes more begins again


@dataclass(frozen=True, slots=True)
class Missed:
    """What was in messages that built on something the server lacks: they were not taken and must come again."""

    number: int  # of the first of them
    ends: dict[int, int]  # client -> the clock after its last struct
    deletes: tuple[Range, ...]


class TooMuchMissed(Exception):
    """More than is worth remembering."""


class Receipts:
    """For the sessions of one document. `saved` events only ever go up, and never past what was missed."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def saved(self, session: Session, number: int, head: int) -> None:
        """Everything up to message `number` is durable, as far as it was taken at all."""
        if session.missed is not None:
            number = min(number, session.missed.number - 1)
        if number > session.acknowledged:
            session.acknowledged = number
            session.event({"type": "saved", "upto": number, "seq": head})

    def miss(self, session: Session, update: bytes) -> None:
        """The message that was just received has a gap before it. Raises TooMuchMissed."""
        before = session.missed or Missed(session.received, {}, ())
        decoded = decode_update(update, values=False)
        ends = dict(before.ends)
        for struct in decoded.structs:
            ends[struct.client] = max(ends.get(struct.client, 0), struct.clock + struct.length)
        deletes = (*before.deletes, *decoded.deletes)
        if len(deletes) > MAX_MISSED_RANGES:
            raise TooMuchMissed
        session.missed = Missed(before.number, ends, deletes)

    def has_come(self, missed: Missed) -> bool:
        """Whether all of it is in the working copy now."""
        return self._gate.holds_all(missed.ends, missed.deletes)
