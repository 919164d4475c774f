"""Real Yjs documents and the server's side edit at once, drop out and come back: everybody ends with the same."""

from __future__ import annotations

import random

import pytest

from annotator.collaboration.gate import Gap, Gate
from tests.collaboration.gated import Gated, knowledge, root_kind
from tests.collaboration.honest import TEXT, Play, record, units
from tests.collaboration.real_yjs import RealYjs

SEEDS = range(40)


@pytest.mark.promise("P4")
@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_converges(yjs: RealYjs, seed: int) -> None:
    play = Play(yjs, random.Random(seed))
    for _ in range(60):
        play.step()
    play.settle()
    shown = play.server.shown()
    assert [peer.read() for peer in play.peers] == [shown] * len(play.peers)
    check_what_the_gate_believes(play, shown)
    play.close()


def check_what_the_gate_believes(play: Play, shown: dict) -> None:
    """The gate knows which keys hold a value and how long the texts are without asking anybody."""
    assert play.server.keys() == {root: set(entries) for root, entries in shown["maps"].items()}
    assert play.server.lengths().get(TEXT, 0) == units(shown["texts"][TEXT])
    for state in (play.server.doc.get_update(), play.peers[0].state()):
        loaded = Gate(root_kind)
        loaded.load(state)
        assert knowledge(loaded) == knowledge(play.server.gate)


@pytest.mark.promise("P4")
@pytest.mark.parametrize("seed", range(10))
def test_a_journal_replays_to_the_same(yjs: RealYjs, seed: int) -> None:
    session = record(yjs, random.Random(1000 + seed))
    server, loaded = Gated(), Gate(root_kind)
    for _, update in session.updates:
        server.take(update)
        loaded.load(update)
    assert knowledge(loaded) == knowledge(server.gate)
    assert yjs.show([update for _, update in session.updates]) == server.shown()


@pytest.mark.promise("P4")
@pytest.mark.parametrize("seed", range(10))
def test_what_comes_out_of_order_is_asked_for_and_never_lost(yjs: RealYjs, seed: int) -> None:
    """pycrdt alone loses edits in three of four such sessions."""
    rng = random.Random(2000 + seed)
    session = record(yjs, rng)
    updates = [update for _, update in session.updates]
    server, waiting = Gated(), rng.sample(updates, len(updates))
    while waiting:
        later = [update for update in waiting if not taken(server, update)]
        assert len(later) < len(waiting)
        waiting = later
    assert server.shown() == yjs.show(updates)


def taken(server: Gated, update: bytes) -> bool:
    try:
        server.take(update)
    except Gap:
        return False
    return True


@pytest.mark.promise("P4")
def test_values_set_at_once_end_in_one_for_everybody(yjs: RealYjs) -> None:
    """Every order of arrival of three people's first values of one key."""
    peers = [yjs.doc(client) for client in (5, 900, 70)]
    updates = [peer.edit(["put", "decisions", "aaaaaaaa", {"by": peer.client}]) or b"" for peer in peers]
    for order in ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)):
        server = Gated()
        for at in order:
            server.take(updates[at])
        assert server.shown()["maps"]["decisions"] == {"aaaaaaaa": {"by": 900}}
        assert server.gate._index.slots["decisions"]["aaaaaaaa"].chain[-1].client == 900
