"""Imports by upload, and the jobs that carry them."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from ninja import Router

from projects import access, jobs, uploads
from projects.api import answers, shapes
from projects.api.bodies import answer
from projects.api.problems import Problem, wrong
from projects.importing import FORMATS, CannotImport
from projects.models import Job, Project

router = Router(tags=["import and jobs"])

JOBS_SHOWN = 100
BOOLEANS = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "off": False, "no": False}

MULTIPART = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "The file to import."},
        "format": {
            "type": "string",
            "enum": list(FORMATS),
            "description": "May be left out where the file's name and first lines tell it.",
        },
        "text_column": {"type": "string", "description": "The column that holds the text."},
        "label_column": {"type": "string", "description": "The column that holds labels."},
        "field": {"type": "string", "description": "The field that the labels answer: its name or key."},
        "delimiter": {"type": "string", "description": "What stands between columns: one character."},
        "create_labels": {"type": "boolean", "description": "Make labels that the project does not have yet."},
    },
}
BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": MULTIPART}}}}


@router.post("/projects/{int:project_id}/import", response={202: answers.JobOut}, openapi_extra=BODY)
def import_file(request: HttpRequest, project_id: int) -> HttpResponse:
    """Upload a file as multipart/form-data. A job imports it; ask for the job until it has ended."""
    project = access.get_project_to_manage(request.user, project_id)
    if request.content_type != "multipart/form-data":
        given = request.content_type or "none"
        raise Problem(415, f"The body's content type is {given}; expected multipart/form-data with a `file`.")
    upload, options = read_upload(request)
    job = make_job(project, upload, options, request.user)
    response = answer(shapes.job_json(job), status=202)
    response["Location"] = f"/api/jobs/{job.pk}"
    return response


def read_upload(request: HttpRequest) -> tuple[UploadedFile[Any], dict[str, Any]]:
    """The file and what was said about it."""
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise wrong("body: file", "is missing", "the file to import, as a part named `file` with a file name")
    if others := [name for name in request.FILES if name != "file"]:
        raise wrong(f"body: {others[0]}", "is a second file", "one file in a request")
    options: dict[str, Any] = {name: value for name, value in request.POST.items() if value != ""}
    for name in options:
        if name not in MULTIPART["properties"]:
            raise wrong(f"body: {name}", "is not known here", f"one of {', '.join(MULTIPART['properties'])}")
    if "create_labels" in options:
        options["create_labels"] = boolean("create_labels", options["create_labels"])
    return upload, options


def boolean(name: str, given: str) -> bool:
    if given.lower() not in BOOLEANS:
        raise wrong(f"body: {name}", f"“{given[:40]}” was given", "true or false")
    return BOOLEANS[given.lower()]


def make_job(project: Project, upload: UploadedFile[Any], options: dict[str, Any], user: Any) -> Job:
    format = options.pop("format", None)
    path = uploads.keep_upload(upload)
    try:
        return jobs.create_import(project, path, upload.name or "", format, options, user)
    except CannotImport as refused:
        path.unlink(missing_ok=True)
        raise Problem(422, str(refused), [{"where": "body", "what": "cannot be imported", "expected": str(refused)}])


@router.get("/projects/{int:project_id}/jobs", response=answers.Jobs)
def list_jobs(request: HttpRequest, project_id: int) -> HttpResponse:
    """The project's latest jobs, newest first."""
    project = access.get_project(request.user, project_id)
    return answer({"items": [shapes.job_json(job) for job in project.jobs.all()[:JOBS_SHOWN]], "next": None})


@router.get("/jobs/{int:job_id}", response=answers.JobOut)
def get_job(request: HttpRequest, job_id: int) -> HttpResponse:
    return answer(shapes.job_json(access.get_job(request.user, job_id)))


@router.delete("/jobs/{int:job_id}", response=answers.JobOut)
def cancel_job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask a job to end. What it has taken until then stays; a job that has ended stays as it is."""
    job = access.get_job_to_manage(request.user, job_id)
    jobs.cancel(job)
    return answer(shapes.job_json(job))
