"""Honest sessions: several real Yjs documents and a server that edit, drop out and come back, by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from annotator.collaboration.updates import decode_state_vector, encode_state_vector
from tests.collaboration.gated import Gated
from tests.collaboration.real_yjs import RealYjs, YjsDoc

KEYS = ["aaaaaaaa", "bbbbbbbb", "cccccccc"]
ROOTS = ["annotations", "decisions"]
TEXT = "text/answer"
BITS = ["a", "bcd", "🎉", "x🎉y", "é", "क्षि", "\r\n", "أهلا"]


@dataclass
class Session:
    """What the server took, in order: whose it was, and the update."""

    updates: list[tuple[int, bytes]] = field(default_factory=list)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def make_edits(rng: random.Random, peer: YjsDoc) -> list[list[Any]]:
    """What a person does in one transaction."""
    if rng.random() < 0.4:
        return [typing(rng, peer.read()["texts"][TEXT])]
    return [keying(rng, peer.client) for _ in range(rng.choice([1, 1, 1, 2, 4]))]


def keying(rng: random.Random, client: int) -> list[Any]:
    root, key = rng.choice(ROOTS), rng.choice(KEYS)
    if rng.random() < 0.3:
        return ["remove", root, key]
    return ["put", root, key, {"n": rng.randrange(99), "by": client, "x": rng.choice([None, 0.5, [1, "é"], True])}]


def typing(rng: random.Random, text: str) -> list[Any]:
    """Insert or delete whole characters, as an editor does."""
    start = rng.randrange(len(text) + 1)
    if start == len(text) or rng.random() < 0.6:
        return ["insert", TEXT, units(text[:start]), rng.choice(BITS)]
    end = rng.randrange(start, len(text)) + 1
    return ["delete", TEXT, units(text[:start]), units(text[start:end])]


class Play:
    """The network between peers and server: what is sent waits until it is delivered, and may be lost."""

    def __init__(self, yjs: RealYjs, rng: random.Random, peers: int = 4) -> None:
        self.yjs = yjs
        self.rng = rng
        self.server = Gated()
        self.session = Session()
        self.peers = [yjs.doc(client) for client in rng.sample(range(1, 2**32), peers)]
        self.sent: dict[YjsDoc, list[bytes]] = {peer: [] for peer in self.peers}
        self.coming: dict[YjsDoc, list[bytes]] = {peer: [] for peer in self.peers}
        self.vectors: dict[YjsDoc, bytes] = dict.fromkeys(self.peers, b"\0")  # of the server, as last heard

    def step(self) -> None:
        peer, chance = self.rng.choice(self.peers), self.rng.random()
        if chance < 0.5:
            self.edit(peer)
        elif chance < 0.72:
            self.send(peer)
        elif chance < 0.9:
            self.receive(peer)
        else:
            self.reconnect(peer, stale=self.rng.random() < 0.5)

    def edit(self, peer: YjsDoc) -> None:
        update = peer.edit(*make_edits(self.rng, peer))
        if update:
            self.sent[peer].append(update)

    def send(self, peer: YjsDoc) -> None:
        count = self.rng.randrange(len(self.sent[peer]) + 1)
        updates, self.sent[peer] = self.sent[peer][:count], self.sent[peer][count:]
        if len(updates) > 1 and self.rng.random() < 0.3:
            updates = [self.yjs.merge(updates)]
        for update in updates:
            self.arrive(peer, update)

    def arrive(self, peer: YjsDoc, update: bytes) -> None:
        if not self.server.take(update).empty:
            self.session.updates.append((peer.client, update))
        for other in self.peers:
            if other is not peer:
                self.coming[other].append(update)

    def receive(self, peer: YjsDoc) -> None:
        for update in self.coming[peer]:
            peer.apply(update)
        self.coming[peer] = []
        self.vectors[peer] = self.vector()

    def reconnect(self, peer: YjsDoc, stale: bool = False) -> None:
        """What was under way is lost; both sides say what they have. A stale vector makes structs overlap."""
        self.sent[peer] = []
        self.coming[peer] = []
        self.arrive(peer, peer.state(self.vectors[peer] if stale else self.vector()))
        peer.apply(self.server.doc.get_update(peer.vector()))
        self.vectors[peer] = self.vector()

    def vector(self) -> bytes:
        """The server's state vector, in its canonical form."""
        return encode_state_vector(decode_state_vector(self.server.doc.get_state()))

    def settle(self) -> None:
        for _ in range(2):
            for peer in self.peers:
                self.reconnect(peer)

    def close(self) -> None:
        for peer in self.peers:
            self.yjs.ask("free", doc=peer.name)


def record(yjs: RealYjs, rng: random.Random, steps: int = 60) -> Session:
    """An honest session as the server saw it."""
    play = Play(yjs, rng)
    for _ in range(steps):
        play.step()
    play.settle()
    play.close()
    return play.session
