"""A simulation of many people at work: processes, PostgreSQL, Redis, memory, rows and money, and what gives way first.

`python -m benchmarks.scaling_model [--people 100000] [--documents 20000] [--seconds 20] [--placement spread|document]`.

Costs are measured ones (`python -m benchmarks.costs`, `python -m benchmarks.processes`; docs/scaling.md has the tables). People
arrive in documents of uneven sizes, edit at random, and go to another document after a while; every process's journal is
played commit by commit: one writer, which takes all that is waiting, as annotator/collaboration/journal.py does.
"""

from __future__ import annotations

import argparse
import random
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import Any

from benchmarks.report import finish, percentile, table
from benchmarks.scaling_costs import MEASURED, Costs

DAY_HOURS = 8.0  # of work in a day at the rates of the peak
FULL = 0.6  # of a core that a process may use at the peak: above it waiting grows faster than load


@dataclass(frozen=True)
class Work:
    """Assumed, and to be replaced by your own: what one person does at the busiest hour."""

    people: int = 100_000
    documents: int = 20_000
    edits_a_second: float = 0.1  # one change every ten seconds, of everybody who is there
    minutes_in_a_document: float = 5.0
    exports_a_day: int = 200
    tasks_an_export: int = 10_000


@dataclass(frozen=True)
class Prices:
    """Assumed: a month of a core with 4 GB, of a GB of SSD storage, in whatever money you count."""

    core: float = 30.0
    gigabyte: float = 0.12
    days_a_month: int = 22


def sizes(work: Work, chance: random.Random) -> list[int]:
    """How many people are in each document: some hold a crowd, most a few (log-normal), all people are somewhere."""
    weights = [chance.lognormvariate(0, 0.9) for _ in range(work.documents)]
    total = sum(weights)
    counts = [int(work.people * weight / total) for weight in weights]
    for at in chance.choices(range(work.documents), weights, k=work.people - sum(counts)):
        counts[at] += 1
    return counts


def place(counts: list[int], processes: int, placement: str, chance: random.Random) -> list[Counter[int]]:
    """Which processes serve how many people of each document."""
    if placement == "document":
        return [Counter({chance.randrange(processes): count}) for count in counts]
    return [Counter(chance.choices(range(processes), k=count)) for count in counts]


@dataclass
class Process:
    """What one process is asked to do in the simulated time."""

    arrivals: list[tuple[float, int]]  # when, in which document
    cpu_ms: float = 0.0
    sockets: int = 0
    rooms: int = 0


def journal(arrivals: list[tuple[float, int]], costs: Costs) -> tuple[int, int, list[float]]:
    """Group commit: transactions, bells (a document in a transaction), and how long each edit waited (ms)."""
    arrivals.sort()
    at, free, commits, bells = 0, 0.0, 0, 0
    waits: list[float] = []
    while at < len(arrivals):
        begin = max(free, arrivals[at][0])
        end = at
        while end < len(arrivals) and arrivals[end][0] <= begin:
            end += 1
        batch = arrivals[at:end]
        free = begin + (costs.commit_ms + costs.commit_row_ms * len(batch)) / 1000
        waits += [(free - when) * 1000 for when, _ in batch]
        bells += len({document for _, document in batch})
        commits += 1
        at = end
    return commits, bells, waits


def simulate(work: Work, costs: Costs, processes: int, placement: str, seconds: int, seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    counts = sizes(work, chance)
    placed = place(counts, processes, placement, chance)
    farm = [Process([]) for _ in range(processes)]
    heard = 0
    for document, (count, where) in enumerate(zip(counts, placed, strict=True)):
        if not count:
            continue
        edits = poisson(count * work.edits_a_second * seconds, chance)
        at_processes = chance.choices(list(where), list(where.values()), k=edits)
        for number in at_processes:
            farm[number].arrivals.append((chance.random() * seconds, document))
        heard += edits * (len(where) - 1)
        here = Counter(at_processes)
        for number, sockets in where.items():
            process = farm[number]
            process.sockets += sockets
            process.rooms += 1
            elsewhere = edits - here[number]
            process.cpu_ms += here[number] * (costs.edit_ms + max(0, sockets - 2) * costs.delivery_ms)
            process.cpu_ms += elsewhere * (costs.hear_ms + sockets * costs.delivery_ms)
            process.cpu_ms += costs.look_ms * seconds / 2
    joins = work.people / (work.minutes_in_a_document * 60)  # a second
    opened = sum(1 / max(1, people) for where in placed for people in where.values()) / max(1, sum(map(len, placed)))
    commits = bells = 0
    waits: list[float] = []
    for process in farm:
        process.cpu_ms += process.sockets * costs.idle_ms * seconds
        process.cpu_ms += joins / processes * seconds * (costs.join_ms + opened * costs.open_ms)
        made, told, waited = journal(process.arrivals, costs)
        commits, bells = commits + made, bells + told
        waits += waited
    edits_total = len(waits)
    rooms = sum(process.rooms for process in farm)
    busiest = max(process.cpu_ms for process in farm) / seconds / 10
    hears = heard * bells / max(1, edits_total)
    return {
        "placement": placement,
        "processes": processes,
        "edits_per_s": edits_total / seconds,
        "process_cpu_pct": sum(process.cpu_ms for process in farm) / seconds / 10 / processes,
        "busiest_cpu_pct": busiest,
        "memory_gb": (processes * costs.process_mb * 1024 + work.people * costs.socket_kb + rooms * costs.room_kb)
        / 2**20,
        "open_rooms": rooms,
        "commits_per_s": commits / seconds,
        "rows_per_commit": edits_total / max(1, commits),
        "saved_wait_p95_ms": percentile(waits, 95),
        "postgres_cores": (
            commits * costs.postgres_commit_ms
            + edits_total * costs.postgres_row_ms
            + rooms * seconds / 2 * costs.postgres_look_ms
        )
        / seconds
        / 1000,
        "postgres_look_cores": rooms / 2 * costs.postgres_look_ms / 1000,
        "wal_mb_per_s": edits_total * costs.wal_bytes / seconds / 1e6,
        "rows_per_day": edits_total / seconds * 3600 * DAY_HOURS,
        "journal_gb_per_day": edits_total / seconds * 3600 * DAY_HOURS * costs.row_bytes / 1e9,
        "bells_per_s": bells / seconds,
        "redis_cores": (bells * costs.redis_bell_ms + hears * costs.redis_hear_ms) / seconds / 1000,
        "redis_mb_per_s": (bells + hears) * costs.bell_bytes / seconds / 1e6,
        "joins_per_s": joins,
        "exports_core_hours_per_day": work.exports_a_day * work.tasks_an_export * costs.export_task_ms / 1000 / 3600,
    }


def poisson(mean: float, chance: random.Random) -> int:
    """How many of many independent things happen; by the normal curve where they are many."""
    if mean > 50:
        return max(0, round(chance.gauss(mean, mean**0.5)))
    count, left = 0, chance.expovariate(1)
    while left < mean:
        count += 1
        left += chance.expovariate(1)
    return count


def enough(work: Work, costs: Costs, placement: str, seconds: int, seed: int) -> dict[str, Any]:
    """The smallest farm whose mean process is no more than FULL busy."""
    processes = 16
    for _ in range(12):
        found = simulate(work, costs, processes, placement, seconds, seed)
        wanted = max(1, round(processes * found["process_cpu_pct"] / 100 / FULL))
        if abs(wanted - processes) <= max(1, processes // 50):
            break
        processes = wanted
    return found


def money(found: dict[str, Any], prices: Prices) -> dict[str, float]:
    stored = found["journal_gb_per_day"] * prices.days_a_month
    cores = found["processes"] + found["postgres_cores"] / FULL + found["redis_cores"] / FULL
    return {"cores": cores, "cores_a_month": cores * prices.core, "storage_of_a_month": stored * prices.gigabyte}


def bottlenecks(found: dict[str, Any]) -> list[tuple[str, float, str]]:
    """What gives way, by how much of it is used; what removes it."""
    return sorted(
        [
            ("Redis: one thread", found["redis_cores"], "one Redis for each share of the documents"),
            (
                "PostgreSQL: 32 cores",
                found["postgres_cores"] / 32,
                "heads looked up on a read replica; journal in partitions",
            ),
            (
                "PostgreSQL: 200 MB/s of WAL",
                found["wal_mb_per_s"] / 200,
                "the journal on a database of its own, by document",
            ),
            ("one process: one core", found["busiest_cpu_pct"] / 100, "crowded documents on a process of their own"),
            (
                "journal: 500 GB in 30 days",
                found["journal_gb_per_day"] * 30 / 500,
                "partitions by time; history retention",
            ),
        ],
        key=lambda each: -each[1],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=Work.people)
    parser.add_argument("--documents", type=int, default=Work.documents)
    parser.add_argument("--edits-a-second", type=float, default=Work.edits_a_second, help="of each person")
    parser.add_argument("--placement", choices=("spread", "document", "both"), default="both")
    parser.add_argument("--seconds", type=int, default=10, help="of simulated time")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    work = replace(Work(), people=options.people, documents=options.documents, edits_a_second=options.edits_a_second)
    chosen = ("spread", "document") if options.placement == "both" else (options.placement,)
    results = [enough(work, MEASURED, placement, options.seconds, options.seed) for placement in chosen]
    rows = [[key, *(found[key] for found in results)] for key in results[0] if key != "placement"]
    prices = [money(found, Prices()) for found in results]
    rows += [[key, *(each[key] for each in prices)] for key in prices[0]]
    table(f"{work.people:,} people in {work.documents:,} documents", ["", *chosen], rows)
    for found in results:
        used = [[name, f"{share * 100:.0f} %", removed] for name, share, removed in bottlenecks(found)]
        table(f"What gives way first ({found['placement']})", ["limit", "used", "removed by"], used)
    finish("scaling_model", work=asdict(work), costs=asdict(MEASURED), results=results)


if __name__ == "__main__":
    main()
