"""Import by upload: the file waits unread by others, its first rows are shown, the job reports what it did."""

import os
import time

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from projects.admin import staging
from projects.importing.carrying import carry, import_folder
from projects.models import Annotation, Job, JobState, Task
from projects.project_templates import create_project

pytestmark = pytest.mark.django_db

ROWS = b'{"text": "Ada met Bob <script>alert(1)</script>", "entities": [[0, 3, "person"]]}\n{"no": "text"}\n'


def logged_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def mia():
    return User.objects.create_user("mia", is_staff=True)


@pytest.fixture
def browser(mia):
    return logged_in(mia)


@pytest.fixture
def project(mia):
    return create_project("News", "both", None, mia)


def upload(browser, project, content=ROWS, name="rows.jsonl"):
    file = SimpleUploadedFile(name, content)
    return browser.post(f"/admin/projects/project/{project.pk}/import/", {"file": file})


def waiting():
    return list(import_folder().glob("staged-*"))


@pytest.fixture(autouse=True)
def _no_files_left():
    yield
    for path in waiting():
        path.unlink()


def confirm(browser, project, location, **options):
    ticket = browser.get(location).context_data["ticket"]
    return browser.post(f"/admin/projects/project/{project.pk}/import/preview/", {"upload": ticket, **options})


def test_it_keeps_a_file_under_a_random_name_for_this_account_only(browser, project):
    upload(browser, project, name="../../evil.py")
    (path,) = waiting()
    assert "evil" not in path.name
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_shows_the_first_rows_their_labels_and_problems_as_text(browser, project):
    page = browser.get(upload(browser, project).headers["Location"]).text
    assert "Ada met Bob &lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "person" in page
    assert "1 of the first 2 rows would be refused" in page
    assert not Task.objects.exists()


def test_it_imports_the_file_and_reports_what_was_refused(browser, project, django_capture_on_commit_callbacks):
    location = upload(browser, project).headers["Location"]
    with django_capture_on_commit_callbacks(execute=False):
        response = confirm(browser, project, location)
    job = Job.objects.get()
    assert response.headers["Location"] == f"/admin/projects/project/{project.pk}/import/{job.pk}/"
    assert browser.get(response.headers["Location"] + "state/").json()["state"] == "queued"
    carry(job.pk)
    state = browser.get(response.headers["Location"] + "state/").json()
    assert (state["state"], state["taken"], state["refused"]) == ("done", 1, 1)
    assert Annotation.objects.get().text == "Ada"
    report = browser.get(response.headers["Location"]).text
    assert "Rows that were refused" in report
    assert "rows.jsonl" in report


def test_it_lets_nobody_import_the_same_upload_twice(browser, project):
    location = upload(browser, project).headers["Location"]
    confirm(browser, project, location)
    response = browser.get(location, follow=True)
    assert "The upload is not there any more" in response.text
    assert Job.objects.count() == 1


def test_it_makes_labels_that_are_not_there_only_when_asked(browser, project, django_capture_on_commit_callbacks):
    content = b'{"text": "Ada", "entities": [[0, 3, "mathematician"]]}\n'
    location = upload(browser, project, content).headers["Location"]
    assert "would be refused" in browser.get(location).text
    assert "New labels" in browser.get(location + "&create_labels=yes").text
    confirm(browser, project, location, create_labels="yes")
    with django_capture_on_commit_callbacks(execute=True):
        carry(Job.objects.get().pk)
    assert project.fields.get(key="entities").labels.filter(key="mathematician").exists()


def test_it_reads_the_columns_that_it_is_told(browser, project):
    content = b"Wortlaut,Klasse\nGut so,positive\n"
    location = upload(browser, project, content, "rows.csv").headers["Location"]
    assert "Say which one holds the text" in browser.get(location).text
    page = browser.get(location + "&text_column=Wortlaut&label_column=Klasse&field=category").text
    assert "Gut so" in page
    assert "answers category" in page


def test_it_says_what_is_wrong_with_a_file_that_is_no_text(browser, project):
    page = browser.get(upload(browser, project, b"PK\x03\x04rest", "rows.xlsx").headers["Location"]).text
    assert "spreadsheet" in page
    assert "Import the whole file" not in page


def test_it_keeps_an_upload_that_could_not_be_imported(browser, project):
    location = upload(browser, project, b"\x1f\x8brest", "rows.jsonl").headers["Location"]
    assert "compressed" in confirm(browser, project, location).text
    assert len(waiting()) == 1
    assert not Job.objects.exists()


def test_it_refuses_a_file_that_is_too_large(browser, project, settings):
    settings.IMPORT_MAX_BYTES = 10
    assert "The file is too large" in upload(browser, project).text
    assert not waiting()


def test_it_cancels_a_job(browser, project):
    confirm(browser, project, upload(browser, project).headers["Location"])
    job = Job.objects.get()
    browser.post(f"/admin/projects/project/{project.pk}/import/{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert browser.get(f"/admin/projects/project/{project.pk}/import/{job.pk}/cancel/").status_code == 405


def test_it_gives_an_upload_to_nobody_else_and_to_no_other_project(browser, mia, project):
    ticket = browser.get(upload(browser, project).headers["Location"]).context_data["ticket"]
    other = create_project("Other", "both", None, mia)
    root = logged_in(User.objects.create_user("root", is_staff=True, is_superuser=True))
    for client, of in ((browser, other), (root, project)):
        page = f"/admin/projects/project/{of.pk}/import/preview/?upload={ticket}"
        assert "Ada met Bob" not in client.get(page, follow=True).text
    forged = f"/admin/projects/project/{project.pk}/import/preview/?upload=x{ticket}"
    assert "Ada met Bob" not in browser.get(forged, follow=True).text


def test_it_sweeps_up_what_nobody_imported(browser, project):
    upload(browser, project)
    (old,) = waiting()
    long_ago = time.time() - staging.KEPT_SECONDS - 1
    os.utime(old, (long_ago, long_ago))
    upload(browser, project)
    assert old not in waiting()
    assert len(waiting()) == 1
