"""Every reason to close a socket, with its sentence, once."""

from __future__ import annotations

from enum import IntEnum


class CloseCode(IntEnum):
    """WebSocket close codes; 4400 to 4499 tell a stock Yjs provider not to come back by itself."""

    RESTART = 1012
    LATER = 1013
    LOG_IN = 4401
    NOT_ALLOWED = 4403
    NO_SUCH_DOCUMENT = 4404
    RELOAD = 4409
    TOO_LARGE = 4413
    REFUSED = 4422

    @property
    def sentence(self) -> str:
        return SENTENCES[self]


SENTENCES = {
    CloseCode.RESTART: "The server restarts; the connection comes back by itself.",
    CloseCode.LATER: "The server cannot keep up or store right now; please try again in a moment.",
    CloseCode.LOG_IN: "Please log in.",
    CloseCode.NOT_ALLOWED: "You are not allowed to do this.",
    CloseCode.NO_SUCH_DOCUMENT: "There is no such document.",
    CloseCode.RELOAD: "This document was restored or reset; please reload the page.",
    CloseCode.TOO_LARGE: "The message was larger than allowed.",
    CloseCode.REFUSED: "The change was refused.",
}
