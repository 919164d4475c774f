"""The order of all values that one key of a Map was ever given, exactly as Yjs and yrs decide it. Pure.

Everybody's values of a key form one chain; its last is what the key holds, if nobody deleted that; all others count as
deleted. Where values were set at once, the rules of YATA (Yjs' `Item.integrate`) put them in the same order everywhere.
"""

from __future__ import annotations

from typing import NamedTuple

Id = tuple[int, int]  # client, clock


class Node(NamedTuple):
    """A run of consecutive values of one client in one chain; all but the last of a run are overwritten ones."""

    client: int
    clock: int
    length: int
    origin: Id | None  # what its author saw as the key's value

    @property
    def last(self) -> Id:
        return (self.client, self.clock + self.length - 1)

    def holds(self, id: Id) -> bool:
        return self.client == id[0] and self.clock <= id[1] < self.clock + self.length


Chain = tuple[Node, ...]  # immutable: a draft of it costs nothing to throw away


def place(chain: Chain, node: Node) -> tuple[Chain, bool]:
    """The chain with `node` in it, and whether it is the last: the one that counts. The origin must be in the chain."""
    if not chain if node.origin is None else (chain and node.origin == chain[-1].last):
        return (*joined(chain), node), True
    start = 0
    if node.origin is not None:
        chain, start = after(chain, node.origin)
    at = position(chain, start, node)
    return (*chain[:at], node, *chain[at:]), at == len(chain)


def joined(chain: Chain) -> Chain:
    """The chain with its last two runs made one where one continues the other: a key set often stays short."""
    if len(chain) > 1:
        a, b = chain[-2:]
        if b.origin == a.last and b.client == a.client and b.clock == a.clock + a.length:
            return (*chain[:-2], Node(a.client, a.clock, a.length + b.length, a.origin))
    return chain


def after(chain: Chain, origin: Id) -> tuple[Chain, int]:
    """Where in the chain the place after `origin` is; the run that holds it is split there if need be."""
    at = index(chain, origin)
    node = chain[at]
    if node.last == origin:
        return chain, at + 1
    head = origin[1] - node.clock + 1
    first = Node(node.client, node.clock, head, node.origin)
    rest = Node(node.client, node.clock + head, node.length - head, origin)
    return (*chain[:at], first, rest, *chain[at + 1 :]), at + 1


def index(chain: Chain, id: Id) -> int:
    for at in range(len(chain) - 1, -1, -1):
        if chain[at].holds(id):
            return at
    raise LookupError(f"{id} is not in the chain.")


def position(chain: Chain, start: int, node: Node) -> int:
    """YATA: among values set at once (all that stand from `start` on), those of smaller client ids come first."""
    at = conflicting = start
    scanned: dict[Id, int] = {}  # by last id: what another value builds on is always the last of its run (`after`)
    for here in range(start, len(chain)):
        other = chain[here]
        scanned[other.last] = here
        if other.origin == node.origin:
            if other.client >= node.client:
                break
            at = conflicting = here + 1
        elif other.origin not in scanned:
            break
        elif scanned[other.origin] < conflicting:
            at = conflicting = here + 1
    return at
