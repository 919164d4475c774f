"""What the queue carries. Messages say only which job: where a job stands is in its row."""

from __future__ import annotations

import threading

from huey.contrib.djhuey import task

from projects.importing.carrying import carry

stopping = threading.Event()  # set when the worker is asked to end: a job then stops after its step


@task()  # type: ignore[untyped-decorator]
def carry_job(job_id: int) -> None:
    carry(job_id, stopping.is_set)
