"""Import by upload: the file, a look at its first rows, the job, its report. Each view gets a project of the user."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from projects import jobs
from projects.admin.staging import claim, stage, staged, unclaim
from projects.admin.upload_forms import ReadingForm, UploadForm
from projects.api.shapes import job_json
from projects.importing import CannotImport
from projects.importing.preview import preview as look
from projects.models import Job, JobState, Project
from projects.schema import Schema
from projects.uploads import TooLarge

JOBS_SHOWN = 10
UNFINISHED = (JobState.QUEUED, JobState.RUNNING)


def upload(request: HttpRequest, project: Project) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            ticket = stage(form.cleaned_data["file"], project, request.user)
            return HttpResponseRedirect(_url("import_preview", project) + "?" + urlencode({"upload": ticket}))
        except TooLarge as refusal:
            form.add_error("file", str(refusal))
    context = {"title": "Import", "original": project, "form": form, "jobs": project.jobs.all()[:JOBS_SHOWN]}
    return TemplateResponse(request, "admin/projects/project/import.html", context)


def preview(request: HttpRequest, project: Project) -> HttpResponse:
    """How the file would be taken; by POST, take it so."""
    given = request.POST if request.method == "POST" else request.GET
    ticket = given.get("upload", "")
    found = staged(ticket, project, request.user)
    if found is None:
        messages.error(request, "The upload is not there any more: it was imported, or waited for more than a day.")
        return HttpResponseRedirect(_url("import", project))
    path, name = found
    form = ReadingForm(given, project)
    context = {"title": "Preview", "original": project, "form": form, "name": name, "ticket": ticket}
    if form.is_valid():
        try:
            if request.method == "POST":
                return HttpResponseRedirect(_url("import_job", project, _import(request, project, path, name, form).pk))
            schema = Schema.load(project.pk)
            context["seen"] = look(path, form.cleaned_data["format"], form.options, schema, filename=name)
        except CannotImport as refusal:
            context["error"] = str(refusal)
    return TemplateResponse(request, "admin/projects/project/import_preview.html", context)


def _import(request: HttpRequest, project: Project, path: Path, name: str, form: ReadingForm) -> Job:
    path = claim(path)
    try:
        return jobs.create_import(project, path, name, form.cleaned_data["format"], form.options, request.user)
    except CannotImport:
        unclaim(path)
        raise


def progress(request: HttpRequest, project: Project, job_id: int) -> HttpResponse:
    job = _job(project, job_id)
    context = {"title": "Import", "original": project, "job": job, "name": job.options.get("filename", "")}
    context["runs"] = job.state in UNFINISHED
    return TemplateResponse(request, "admin/projects/project/import_job.html", context)


def state(request: HttpRequest, project: Project, job_id: int) -> JsonResponse:
    return JsonResponse(job_json(_job(project, job_id)))


def cancel(request: HttpRequest, project: Project, job_id: int) -> HttpResponse:
    jobs.cancel(_job(project, job_id))
    return HttpResponseRedirect(_url("import_job", project, job_id))


def _job(project: Project, job_id: int) -> Job:
    job = project.jobs.filter(pk=job_id).first()
    if job is None:
        raise Http404("There is no such import.")
    return job


def _url(page: str, project: Project, *more: int) -> str:
    return reverse(f"admin:projects_project_{page}", args=[project.pk, *more])
