"""What was found, for people: a table a scenario, ratios to the fastest peer, and what we aim at."""

from __future__ import annotations

from typing import Any

from benchmarks.report import table
from benchmarks.side_by_side.peers import OURS

Figures = dict[str, Any]
Results = dict[str, dict[str, Figures]]  # scenario -> server -> figures

# What Colabel is to reach (docs/live-documents.md): scenario -> (figure, limit).
AIMS: dict[str, list[tuple[str, float]]] = {
    "S1": [("p99", 4)],
    "S2-100": [("p99", 20), ("cpu", 40), ("missing", 0)],
    "S2-200": [("p99", 30), ("missing", 0)],
    "S3": [("p99", 4), ("missing", 0)],
    "S4": [("p50", 8)],
    "S5": [("kB", 40), ("missing", 0)],
    "S6": [("warm", 200), ("cold", 400)],
    "S7": [("p99", 5)],
    "SAVED": [("p95", 50), ("missing", 0)],
}
BEHIND_FASTEST_MS = 2.0  # the p50 of an edit may be this much behind the fastest peer's


def figures(scenario: str, found: Figures) -> Figures:
    """The driver's figures under short names; what a scenario does not have is left out."""
    if "error" in found:
        return {"error": found["error"].strip().splitlines()[-1][:90]}
    common = {"cpu": found.get("server_cpu_pct"), "other": found.get("other_cpu_pct"), "RSS": found.get("rss_peak_mb")}
    kind = scenario.partition("-")[0]
    if kind == "S4":
        return {"p50": found["step2_ms_median"], "max": found["step2_ms_max"], "check": found["verified"], **common}
    if kind == "S5":
        missing = found["unsynced"] + found["dropped"]
        return {"kB": found["kb_per_connection"], "missing": missing, "connects/s": found["connects_per_s"], **common}
    if kind == "S6":
        warm, cold = found["warm"], found["cold"]
        both = {"warm": warm["all_synced_ms"], "cold": cold["all_synced_ms"]}
        return {**both, "synced": f"{warm['synced']}/{cold['synced']}", "RSS": cold["rss_peak_mb"]}
    latency = {key: found["latency_ms"][key] for key in ("p50", "p95", "p99", "max")}
    missing = found.get("missing", found.get("superseded_or_lost"))
    more = {"edits/frame": found.get("deliveries_per_frame"), "bytes/delivery": found.get("bytes_per_delivery")}
    return {**latency, "missing": missing, **common, **{key: value for key, value in more.items() if value is not None}}


def show(results: Results) -> None:
    for scenario, servers in results.items():
        rows = {name: figures(scenario, found) for name, found in servers.items()}
        columns = list(dict.fromkeys(key for row in rows.values() for key in row))
        first = columns[0]
        fastest = min((row[first] for name, row in rows.items() if name not in OURS and row.get(first)), default=None)
        lines = [
            [
                name,
                *(row.get(key) for key in columns),
                f"{row[first] / fastest:.1f}" if fastest and row.get(first) else None,
            ]
            for name, row in rows.items()
        ]
        table(title(scenario, servers), ["server", *columns, f"{first} / fastest peer"], lines)
        for sentence in judged(scenario, rows, fastest):
            print(f"  {sentence}")


def title(scenario: str, servers: dict[str, Figures]) -> str:
    kind, _, size = scenario.partition("-")
    some = next((found for found in servers.values() if "error" not in found), {})
    return {
        "S1": "S1: 2 clients in a room, one edits 20 times a second (ms)",
        "S2": f"S2-{size}: {size} editors in a room, 5 edits/s each (ms)",
        "S3": "S3: 200 rooms x 2 editors, 1 edit/s each (ms)",
        "S4": "S4: cold open of 10,000 annotations, to SyncStep2 (ms; p50 of 5)",
        "S5": f"S5: {some.get('connections', 0):,} idle sockets, two a room (kB each)",
        "S6": "S6: 200 clients reconnect at once, 5,000 annotations: until all are synced (ms)",
        "S7": "S7: 50 clients in a room, 10 cursors/s each (ms)",
    }[kind]


def judged(scenario: str, rows: dict[str, Figures], fastest: float | None) -> list[str]:
    """What Colabel reached of what it aims at."""
    said = []
    for name in OURS:
        row = rows.get(name)
        if row is None or "error" in row:
            continue
        parts = [
            f"{key} {row[key]:g} (aim {limit:g}){'' if row[key] <= limit else ' NOT REACHED'}"
            for key, limit in AIMS.get(scenario, [])
            if row.get(key) is not None
        ]
        if fastest is not None and scenario[:2] in ("S1", "S2", "S3"):
            behind = row["p50"] - fastest
            reached = "" if behind <= BEHIND_FASTEST_MS else " NOT REACHED"
            parts.append(f"p50 {behind:+.2f} ms to the fastest peer (aim +{BEHIND_FASTEST_MS:g}){reached}")
        if parts:
            said.append(f"{name}: {'; '.join(parts)}")
    return said
