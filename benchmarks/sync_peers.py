"""Colabel beside other sync servers in one run: y-websocket, Hocuspocus, pycrdt-websocket, and bare relays under Daphne.

`python -m benchmarks.sync_peers [--driver FOLDER] [--scenarios S1,S2-100,...] [--peers NAME,...] [--seconds N] [--work FOLDER]`.
Every server is started afresh for every scenario, one after the other, and sees the same edits. None of the peers checks or
stores an edit before it shows it; Colabel does both. pycrdt-websocket and uvloop are in benchmarks/side_by_side/requirements.txt.

With `--work FOLDER` what was installed, made and found is kept there: scenarios run one at a time add up, and `--scenarios ''`
prints all that was found.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.report import finish, table
from benchmarks.side_by_side.driver import DRIVER, copy_driver, write_variant
from benchmarks.side_by_side.peers import NAMES, PEERS, Ours, run_peer
from benchmarks.side_by_side.saved import to_saved
from benchmarks.side_by_side.show import Results, show

SCENARIOS = "S1,S2-20,S2-50,S2-100,S2-200,S3,S4,S5,S6,S7,SAVED"
SPARE_FILES = 600  # descriptors that a server or the driver needs besides its sockets


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenarios", default=SCENARIOS)
    parser.add_argument("--peers", default=",".join(NAMES))
    parser.add_argument("--seconds", type=int, default=10, help="of S1, S2, S3 and SAVED")
    parser.add_argument("--sockets", type=int, default=5000, help="of S5, as far as file descriptors go")
    parser.add_argument("--driver", type=Path, default=DRIVER)
    parser.add_argument("--work", type=Path, help="a folder that is kept")
    options = parser.parse_args()
    chosen = [name for name in options.peers.split(",") if name]
    if unknown := set(chosen) - set(NAMES):
        raise SystemExit(f"There is no peer {', '.join(sorted(unknown))}; expected some of {', '.join(NAMES)}.")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        work = (options.work or Path(scratch)).resolve()
        work.mkdir(parents=True, exist_ok=True)
        scenarios = [name for name in options.scenarios.split(",") if name]
        results = run(work, options.driver, scenarios, present(chosen), options.seconds, possible(options.sockets))
    show({key: servers for key, servers in results.items() if key != "SAVED"})
    if "SAVED" in results:
        show_saved(results["SAVED"])
    finish("sync_peers", seconds=options.seconds, results=results)


def present(names: list[str]) -> list[str]:
    """Peers whose packages are installed here; who is left out is told."""
    found = []
    for name in names:
        missing = [m for m in (PEERS[name].modules if name in PEERS else ()) if not installed(m)]
        if missing:
            print(f"{name} is left out: not installed: {', '.join(missing)} (benchmarks/side_by_side/requirements.txt)")
        else:
            found.append(name)
    return found


def installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def possible(sockets: int) -> int:
    """As many of them as this process and what it starts may open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return sockets if hard == resource.RLIM_INFINITY else min(sockets, hard - SPARE_FILES)


def run(work: Path, driver: Path, scenarios: list[str], names: list[str], seconds: int, sockets: int) -> Results:
    kept = work / "results.json"
    results: Results = json.loads(kept.read_text()) if kept.exists() else {}
    script = write_variant(copy_driver(driver, work), seconds, sockets)
    for scenario in scenarios:
        for name in names:
            found = one(work, script, scenario, name, seconds, sockets)
            if found is not None and quieter(found, results.get(scenario, {}).get(name)):
                results.setdefault(scenario, {})[name] = found
                kept.write_text(json.dumps(results))
                print(f"{scenario} {name}: {found.get('error', 'done')}", flush=True)
    return results


def quieter(found: dict[str, Any], before: dict[str, Any] | None) -> bool:
    """A run in a kept folder replaces an earlier one if the machine was less used by others meanwhile, whatever it found."""
    if before is None or "error" in before:
        return True
    return "error" not in found and others(found) <= others(before)


def others(found: dict[str, Any]) -> float:
    return float(found.get("cold", found).get("other_cpu_pct", 0))


def one(work: Path, script: Path, scenario: str, name: str, seconds: int, sockets: int) -> dict[str, Any] | None:
    if name in PEERS:  # none of them says when an edit is stored
        return None if scenario == "SAVED" else run_peer(name, scenario, script)
    rooms = {"S3": 200, "S5": sockets // 2}.get(scenario, 2)
    ours = Ours(work, rooms)
    return to_saved(ours, name, 50, seconds) if scenario == "SAVED" else ours.run(name, scenario, script)


def show_saved(servers: dict[str, dict[str, Any]]) -> None:
    rows = [
        [name, found["editors"], *(found["saved_ms"][key] for key in ("p50", "p95", "p99")), found["not_saved"]]
        for name, found in servers.items()
    ]
    table(
        "SAVED: edit to `saved`, 5 edits/s each (ms; aim: p95 50)",
        ["server", "editors", "p50", "p95", "p99", "missing"],
        rows,
    )


if __name__ == "__main__":
    main()
