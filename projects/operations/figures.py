"""The figures of this process for Prometheus: those that were counted, those of now, and those that the database knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Any

from django.db import connection
from django.db.models import Sum
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from annotator.collaboration.measures import Histogram, Measures, measured
from projects import live
from projects.models import Job, JobState, Run, RunState

NEWEST = 10_000  # runs and jobs that are looked at: a scrape must not read a table of millions


class Stored:
    """What the database knew when it was asked last; `reachable` says whether it answered."""

    def __init__(self) -> None:
        self.reachable = False
        self.runs: Counter[str] = Counter()
        self.jobs: Counter[tuple[str, str]] = Counter()
        self.records: dict[str, int] = {}

    def read(self) -> None:
        """Ask the database. Blocks; leaves no connection open."""
        try:
            self.runs = Counter(newest(Run, "state"))
            self.jobs = Counter(newest(Job, "kind", "state"))
            imports = Job.objects.filter(kind="import", pk__in=Job.objects.order_by("-pk").values("pk")[:NEWEST])
            found = imports.aggregate(taken=Sum("taken"), refused=Sum("refused"))
            self.records = {name: found[name] or 0 for name in ("taken", "refused")}
            self.reachable = True
        except Exception:
            self.reachable = False
            raise
        finally:
            connection.close()


def newest(model: Any, *columns: str) -> Iterable[Any]:
    """The columns of the newest rows, found over the primary key."""
    found: Iterable[Any] = model.objects.order_by("-pk").values_list(*columns, flat=len(columns) == 1)[:NEWEST]
    return found


class Counted(Collector):
    """What `annotator.collaboration.measures` counted."""

    def __init__(self, measures: Measures) -> None:
        self._of = measures

    def collect(self) -> Iterator[Metric]:
        of = self._of
        yield CounterMetricFamily("colabel_edits_received", "Messages with an edit that came in.", of.received)
        yield CounterMetricFamily("colabel_edits", "Edits that were committed.", of.edits)
        yield CounterMetricFamily("colabel_acks", "Times that an author was told `saved`.", of.acks)
        yield CounterMetricFamily("colabel_resyncs", "Updates that came without what they build on.", of.resyncs)
        yield CounterMetricFamily("colabel_frames_shown", "Frames that showed edits to a room.", of.frames_shown)
        yield CounterMetricFamily("colabel_rooms_broken", "Rooms that ended themselves.", of.rooms_broken)
        yield CounterMetricFamily("colabel_commit_failures", "Commits of the journal that failed.", of.commit_failures)
        yield CounterMetricFamily("colabel_relay_gaps", "Times the bell between processes skipped.", of.relay_gaps)
        yield CounterMetricFamily("colabel_rows_healed", "Other processes' rows read from the journal.", of.healed)
        presence = CounterMetricFamily("colabel_presence_frames", "Frames of presence.", labels=["direction"])
        presence.add_metric(["received"], of.presence_received)
        presence.add_metric(["shown"], of.presence_shown)
        yield presence
        yield labelled("colabel_refusals", "Edits that were refused.", "reason", of.refusals)
        yield labelled("colabel_closes", "Sockets that the server closed.", "code", of.closes)
        yield histogram("colabel_edit_commit_seconds", "From an edit's coming to its commit.", of.to_committed)
        yield histogram("colabel_edit_shown_seconds", "From an edit's coming to its being shown.", of.to_shown)
        yield histogram("colabel_commit_seconds", "How long a commit of the journal took.", of.commit_seconds)
        yield histogram("colabel_commit_edits", "Edits in one commit of the journal.", of.commit_edits)
        yield histogram("colabel_commit_bytes", "Bytes of edits in one commit of the journal.", of.commit_bytes)


class Now(Collector):
    """What is open at this moment."""

    def collect(self) -> Iterator[Metric]:
        engines = live.running()
        rooms = [room for engine in engines for room in engine.rooms.now()]
        ports = [session.port for room in rooms for session in list(room.sessions.values())]
        watchers = [watcher for engine in engines for watcher in engine.hub.watchers()]
        waiting = [port.buffered() for port in (*ports, *(watcher.port for watcher in watchers))]
        pending = sum(engine.rooms.journal.pending() for engine in engines)
        yield GaugeMetricFamily("colabel_rooms", "Documents that are open.", len(rooms))
        yield GaugeMetricFamily("colabel_sessions", "Sockets in documents.", len(ports))
        yield GaugeMetricFamily("colabel_project_sockets", "Sockets that watch projects.", len(watchers))
        yield GaugeMetricFamily("colabel_journal_pending", "Edits that wait for the next commit.", pending)
        yield GaugeMetricFamily("colabel_port_bytes", "Bytes that readers have not taken yet.", sum(waiting))
        yield GaugeMetricFamily("colabel_port_bytes_max", "The most that one reader has left.", max(waiting, default=0))


class Known(Collector):
    """What the database knew."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    def collect(self) -> Iterator[Metric]:
        stored = self._stored
        yield GaugeMetricFamily("colabel_database_up", "Whether the database answered.", float(stored.reachable))
        if not stored.reachable:  # old figures would look like new ones
            return
        runs = GaugeMetricFamily("colabel_runs", f"The newest {NEWEST:,} runs by state.", labels=["state"])
        for state in RunState.values:
            runs.add_metric([state], stored.runs[state])
        yield runs
        jobs = GaugeMetricFamily("colabel_jobs", f"The newest {NEWEST:,} jobs.", labels=["kind", "state"])
        for kind in sorted({"import", *(kind for kind, _ in stored.jobs)}):
            for state in JobState.values:
                jobs.add_metric([kind, state], stored.jobs[kind, state])
        yield jobs
        records = GaugeMetricFamily("colabel_import_records", "Records of those imports.", labels=["result"])
        for result, count in stored.records.items():
            records.add_metric([result], count)
        yield records


def labelled(name: str, help: str, label: str, counts: Counter[Any]) -> Metric:
    family = CounterMetricFamily(name, help, labels=[label])
    for value, count in sorted(counts.items()):
        family.add_metric([str(value)], count)
    return family


def histogram(name: str, help: str, of: Histogram) -> Metric:
    counts = list(accumulate(of.counts))
    bounds = [*map(str, of.bounds), "+Inf"]
    return HistogramMetricFamily(
        name, help, buckets=list(zip(bounds, map(float, counts), strict=True)), sum_value=of.total
    )


stored = Stored()
registry = CollectorRegistry()
for collector in (Counted(measured), Now(), Known(stored)):
    registry.register(collector)
ProcessCollector(registry=registry)
PlatformCollector(registry=registry)
GCCollector(registry=registry)


def text() -> bytes:
    """All figures in Prometheus' text format. To be called in the loop that the engine runs in."""
    return generate_latest(registry)
