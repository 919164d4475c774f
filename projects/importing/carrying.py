"""A worker's job from where it stands to its end: claimed, carried step by step, ended. Of imports it knows the files."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import Error, connection, transaction
from django.utils import timezone

from projects import live
from projects.batches.steps import carry_batch
from projects.connections import is_lost
from projects.importing import FORMATS, CannotImport
from projects.importing.labelling import Labelling
from projects.importing.preparing import Preparing
from projects.importing.records import Position
from projects.importing.source import Source, as_utf8
from projects.importing.steps import Cancelled, Superseded, run_steps
from projects.models import Field, Job, JobKind, JobState, Project
from projects.projection import without_waiting_for_the_disk
from projects.questions import add_label
from projects.schema import Field as Asked
from projects.schema import Schema
from projects.write_turn import write_turn

log = logging.getLogger(__name__)

BROKE = "It broke off unexpectedly. What was taken until then is kept; the server's log says more."
JOB_TURNS = 0x4A4F42  # the class of our advisory locks that mean a job
GONE = "The uploaded file is gone."


def never() -> bool:
    return False


def carry(
    job_id: int, stopping: Callable[[], bool] = never, advanced: Callable[[Job], None] = lambda job: None
) -> None:
    """Carry a job on until it ends or `stopping` says so; then whoever carries it next goes on from there.

    `advanced` hears of each step. A job that has ended, or that another process carries, is left alone.
    """
    with only_carrier(job_id) as alone:
        job = claim(job_id) if alone else None
        if job is not None:
            carry_claimed(job, stopping, advanced)


@contextlib.contextmanager
def only_carrier(job_id: int) -> Iterator[bool]:
    """Whether nobody else carries the job. PostgreSQL frees the turn of a process that died; SQLite has one worker."""
    if connection.vendor != "postgresql":
        yield True
        return
    key = [JOB_TURNS, job_id % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        alone: bool = cursor.fetchone()[0]
    try:
        yield alone
    finally:
        if alone:
            with contextlib.suppress(Error), connection.cursor() as cursor:  # a lost connection holds nothing
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def carry_claimed(job: Job, stopping: Callable[[], bool], advanced: Callable[[Job], None]) -> None:
    try:
        carry_on = carry_import if job.kind == JobKind.IMPORT else carry_batch
        at_end = carry_on(job, stopping, advanced)
    except Superseded:
        log.info("Job %s is carried by another process, or has ended", job.pk)
    except Cancelled:
        end(job, JobState.CANCELLED)
    except CannotImport as refusal:
        end(job, JobState.FAILED, str(refusal))
    except Exception as error:
        if is_lost(error):
            log.warning("Job %s waits: the database went away (%s)", job.pk, error)
            connection.close()
            return
        log.exception("Job %s broke off", job.pk)
        end(job, JobState.FAILED, BROKE)
    else:
        if at_end:
            end(job, JobState.DONE)


def claim(job_id: int) -> Job | None:
    """The job, set running; None if it has ended, or if servers carry it."""
    ours = Job.objects.filter(pk=job_id).exclude(kind__in=JobKind.of_servers())
    with write_turn():
        ours.filter(state=JobState.QUEUED).update(state=JobState.RUNNING, started=timezone.now())
    return ours.filter(state=JobState.RUNNING).first()


def end(job: Job, state: JobState, error: str = "") -> None:
    """Note how a job ended and put its file away."""
    progress = {"progress": 1.0} if state == JobState.DONE else {}
    with write_turn():
        ended = Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(
            state=state, error=error[:1000], ended=timezone.now(), **progress
        )
    if ended:
        put_away(job)


def put_away(job: Job) -> None:
    """Remove what was uploaded for a job, and what was made of it."""
    if job.kind != JobKind.IMPORT:
        return
    copy_of(job).unlink(missing_ok=True)
    if not job.options.get("keep"):
        Path(job.options["path"]).unlink(missing_ok=True)


def copy_of(job: Job) -> Path:
    """Where the file stands in UTF-8, should it come in something else."""
    return import_folder() / f"job-{job.pk}.utf8"


def import_folder() -> Path:
    place: Path = settings.MEDIA_ROOT / "imports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def carry_import(job: Job, stopping: Callable[[], bool], advanced: Callable[[Job], None]) -> bool:
    path = Path(job.options["path"])
    if not path.is_file():
        raise CannotImport(GONE)
    work = Work(job)
    with Source(as_utf8(path, copy_of(job)), job.options["filename"]) as source:
        at = Position(job.cursor["offset"], job.cursor["line"]) if job.cursor else source.start()
        records = FORMATS[job.options["format"]].read(source, at, job.options)

        def stored(revision: int) -> None:
            advanced(job)
            work.look(revision)

        advanced(job)
        # Steps need not be durable one by one: the cursor is of the same transaction as its tasks, and whatever makes a
        # later edit durable makes them so, too. A machine that went down goes on from the cursor that it finds.
        with without_waiting_for_the_disk():
            return run_steps(job, source.size, records, work.preparing, stopping, stored)


class Work:
    """What an import needs to know of its project, kept up to date while it runs."""

    def __init__(self, job: Job) -> None:
        self._project_id = job.project_id
        self._revision = self._read_revision()
        user_id = job.created_by_id
        create_in = frozenset(job.options.get("create_in", ()))
        schema = Schema.load(job.project_id)
        people = people_of(job.project_id)
        self._labelling = Labelling(schema, job.options, user_id, people, create_in, self._create_label)
        self.preparing = Preparing(self._labelling, job.options["filename"], user_id)

    def look(self, revision: int) -> None:
        """Take in what was changed in the project since the last step."""
        if revision != self._revision:
            self._revision = revision
            self._labelling.use(Schema.load(self._project_id))

    def _read_revision(self) -> int:
        found = Project.objects.filter(pk=self._project_id).values_list("revision", flat=True).first()
        if found is None:
            raise Cancelled
        return found

    def _create_label(self, asked: Asked, name: str) -> Schema:
        with write_turn(), transaction.atomic():
            add_label(Field.objects.select_related("project").get(project=self._project_id, key=asked.key), name)
            live.project_changed(self._project_id)
        return Schema.load(self._project_id)


def people_of(project_id: int) -> dict[str, int]:
    """Ids of a project's members by name."""
    users: Any = get_user_model().objects.filter(memberships__project=project_id)
    return {user.get_username(): user.pk for user in users}
