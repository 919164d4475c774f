"""The attackers: honest edits made wrong, and frames made wrong, sent as fast as they go. Started by hostile.py."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections import Counter
from typing import Any

import websockets
from pycrdt import Doc, create_update_message

from annotator.collaboration.varint import uint
from benchmarks.faults.editors import apply_edit
from benchmarks.faults.hands import Hand
from tests.collaboration.mutants import mutate

ATTACKERS = 4
STEPS = 8  # honest edits before a mutant
HUGE = 2**53


def honest(rng: random.Random, user: int, name: str) -> tuple[int, list[bytes]]:
    """A new client's edits, each as one update."""
    client = rng.randrange(1, 2**32)
    doc: Doc[Any] = Doc(client_id=client)
    updates: list[bytes] = []
    subscription = doc.observe(lambda event: updates.append(event.update))
    hand = Hand(name, user, rng)
    for _ in range(STEPS):
        edit = hand.next()
        with doc.transaction():
            apply_edit(doc, edit)
    doc.unobserve(subscription)
    return client, updates


def frames(rng: random.Random, message: bytes) -> bytes:
    """A frame that is not what it says."""
    match rng.randrange(8):
        case 0:
            return os.urandom(rng.randrange(1, 200))
        case 1:
            return message[: rng.randrange(len(message))]
        case 2:
            return bytes([rng.randrange(8), rng.randrange(8)]) + message[2:]
        case 3:
            return b"\0" + bytes([rng.randrange(3)]) + uint(rng.choice([2**31, HUGE, 2**63])) + os.urandom(20)
        case 4:  # awareness: of others, with clocks without end, not JSON
            state = rng.choice([b"null", b"{", b'{"user":{"id":1}}', b"[" * 2000, b'"x"', os.urandom(30)])
            body = uint(1) + uint(rng.randrange(HUGE)) + uint(rng.choice([0, 1, HUGE])) + uint(len(state)) + state
            return b"\1" + uint(len(body)) + body
        case 5:  # a state vector that speaks of many clients, or lies
            body = uint(rng.choice([1, 1000, HUGE])) + b"".join(uint(rng.randrange(HUGE)) for _ in range(20))
            return b"\0\0" + uint(len(body)) + body
        case 6:
            return b"\0\2" + uint(60_000) + bytes([rng.randrange(256)]) * 60_000
        case _:
            return bytes([3]) * rng.randrange(1, 5)


async def attack(order: dict[str, Any], number: int, counts: Counter[str]) -> None:
    rng = random.Random(f"{order['seed']}/{number}")
    while counts["sent"] < order["runs"]:
        document = rng.choice(order["documents"])
        try:
            await one_socket(order, document, rng, f"h{number}x{counts['sockets']}", counts)
        except (OSError, websockets.WebSocketException, TimeoutError) as error:
            counts[f"ended_{type(error).__name__}"] += 1


async def one_socket(order: dict[str, Any], document: int, rng: random.Random, name: str, counts: Counter[str]) -> None:
    """Come in, edit honestly, then send what is wrong until sent away."""
    counts["sockets"] += 1
    client, updates = honest(rng, order["user"], name)
    async with websockets.connect(
        f"{order['url']}/ws/documents/{document}/",
        additional_headers={"Authorization": f"Bearer {order['token']}"},
        max_size=None,
        compression=None,
        proxy=None,
        ping_interval=None,
        close_timeout=0.2,
    ) as socket:
        reading = asyncio.ensure_future(read(socket))
        try:
            cut = rng.randrange(len(updates))
            for update in updates[:cut]:
                await socket.send(create_update_message(update))
            for _ in range(20):
                if reading.done():
                    break
                counts["sent"] += 1
                if rng.random() < 0.15:
                    await socket.send(frames(rng, create_update_message(updates[cut])))
                elif rng.random() < 0.02:
                    await socket.send(rng.choice(["{", "[" * 5000, '{"type":"ping","t":{}}', "x" * 500]))
                else:
                    mutant = mutate(rng, updates[cut], updates, client)
                    await socket.send(create_update_message(mutant))
                async with asyncio.timeout(5):  # so that what is counted as sent was looked at, too
                    await (await socket.ping())
            async with asyncio.timeout(2):
                await socket.close()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    counts[f"closed_{socket.close_code}"] += 1


async def read(socket: websockets.ClientConnection) -> None:
    try:
        async for _ in socket:
            pass
    except websockets.ConnectionClosed:
        pass


async def main(order: dict[str, Any]) -> None:
    counts: Counter[str] = Counter()
    await asyncio.gather(*(attack(order, number, counts) for number in range(ATTACKERS)))
    print(json.dumps(counts))


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
