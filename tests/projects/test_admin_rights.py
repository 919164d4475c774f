"""Who gets into the admin, and what of it: a manager's projects are the manager's, and nobody else's."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from projects.models import ApiToken, Backend, Job, Membership, Project, Role, Task
from projects.project_templates import create_project

pytestmark = pytest.mark.django_db
OWN_KINDS_OF_PAGE = ("change/", "delete/", "history/", "import/", "import/preview/")


def account(name, **more):
    return User.objects.create_user(name, **more)


def logged_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def mia():
    return account("mia", is_staff=True)


@pytest.fixture
def noah():
    return account("noah", is_staff=True)


@pytest.fixture
def hers(mia):
    return create_project("Hers alone", "both", None, mia)


@pytest.fixture
def his(noah, mia):
    """Mia works in it, but does not manage it."""
    return create_project("His alone", "both", None, noah, members=[(mia, Role.REVIEWER)])


def pages_of(project):
    pages = [f"/admin/projects/project/{project.pk}/{page}" for page in OWN_KINDS_OF_PAGE]
    for field in project.fields.all():
        pages += [f"/admin/projects/field/{field.pk}/{page}" for page in ("change/", "delete/", "history/")]
    return [*pages, f"/admin/projects/field/add/?project={project.pk}"]


def test_it_begins_with_the_projects(mia, hers):
    assert "Hers alone" in logged_in(mia).get("/admin/", follow=True).text


def test_it_shows_a_manager_the_own_projects(mia, hers, his):
    page = logged_in(mia).get("/admin/projects/project/").text
    assert "Hers alone" in page
    assert "His alone" not in page


def test_it_finds_nothing_of_others_by_searching(mia, hers, his):
    assert "His alone" not in logged_in(mia).get("/admin/projects/project/?q=alone").text
    assert "His alone" not in logged_in(mia).get("/admin/search/?s=alone&extended=1").text


def test_it_opens_no_page_of_a_project_of_others(mia, hers, his):
    browser = logged_in(mia)
    for page in pages_of(his):
        response = browser.get(page, follow=True)
        assert response.status_code == 404 or "His alone" not in response.text, page
        assert "doesn’t exist" in response.text or response.status_code == 404, page


def test_it_changes_nothing_of_others(mia, his):
    browser = logged_in(mia)
    field = his.fields.first()
    browser.post(f"/admin/projects/project/{his.pk}/change/", {"name": "Taken"})
    browser.post(f"/admin/projects/project/{his.pk}/delete/", {"post": "yes"})
    browser.post(f"/admin/projects/field/{field.pk}/change/", {"name": "taken"})
    browser.post(f"/admin/projects/field/{field.pk}/delete/", {"post": "yes"})
    browser.post(f"/admin/projects/field/add/?project={his.pk}", {"name": "taken", "kind": "text"})
    for deed in ("guidelines/", "test-backend/", "import/", "import/preview/"):
        assert browser.post(f"/admin/projects/project/{his.pk}/{deed}", {"name": "x"}).status_code == 404
    his.refresh_from_db()
    assert his.name == "His alone"
    assert [f.name for f in his.fields.filter(removed=False)] == ["entities", "category"]


def test_it_shows_and_cancels_no_import_of_others(mia, hers, his):
    job = Job.objects.create(project=his, kind="import")
    browser = logged_in(mia)
    for project in (hers, his):
        for page in ("", "state/"):
            assert browser.get(f"/admin/projects/project/{project.pk}/import/{job.pk}/{page}").status_code == 404
        assert browser.post(f"/admin/projects/project/{project.pk}/import/{job.pk}/cancel/").status_code == 404
    job.refresh_from_db()
    assert not job.cancel_requested


@pytest.mark.parametrize("inline", ["memberships", "backends"])
def test_it_takes_no_row_of_others_into_an_own_form(mia, hers, his, inline):
    """A forged id of another project's row in an own project's form."""
    row = {"memberships": Membership, "backends": Backend}[inline].objects.filter(project=his).first()
    form = {"name": "Hers alone", "description": "", "guidelines": ""}
    for prefix in ("memberships", "backends"):
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    form |= {f"{inline}-TOTAL_FORMS": 1, f"{inline}-INITIAL_FORMS": 1, f"{inline}-0-id": row.pk}
    form |= {f"{inline}-0-project": hers.pk, f"{inline}-0-role": "viewer", f"{inline}-0-DELETE": "on"}
    logged_in(mia).post(f"/admin/projects/project/{hers.pk}/change/", form)
    row.refresh_from_db()
    assert row.project == his


def test_it_offers_a_manager_only_the_names_met_in_the_own_projects(mia, hers, his):
    account("stranger")
    Membership.objects.create(project=hers, user=account("ann"), role=Role.ANNOTATOR)
    page = logged_in(mia).get(f"/admin/projects/project/{hers.pk}/change/").text
    assert '<option value="ann">' in page
    assert "stranger" not in page
    assert "noah" not in page


def test_it_lets_a_superuser_set_up_everything(hers, his):
    browser = logged_in(account("root", is_staff=True, is_superuser=True))
    for page in [
        *pages_of(hers)[:3],
        *pages_of(his),
        "/admin/auth/user/",
        "/admin/auth/user/add/",
        "/admin/auth/group/",
    ]:
        if not page.endswith("preview/"):
            assert browser.get(page).status_code == 200, page


@pytest.mark.parametrize("role", Role.values)
def test_it_lets_nobody_in_who_is_not_staff(hers, role):
    user = account("ann")
    Membership.objects.create(project=hers, user=user, role=role)
    browser = logged_in(user)
    for page in ["/admin/projects/project/", "/admin/projects/project/add/", *pages_of(hers), "/admin/auth/user/"]:
        response = browser.get(page)
        assert response.status_code in (302, 403), page
        assert "Hers alone" not in response.text


def test_it_turns_an_anonymous_visitor_to_the_log_in(hers):
    for page in pages_of(hers):
        assert "/login/" in Client().get(page).headers["Location"]


def test_it_keeps_accounts_groups_and_others_tokens_from_managers(mia, noah):
    token, _ = ApiToken.issue(noah, "his token")
    group = Group.objects.create(name="crew")
    browser = logged_in(mia)
    for page in (f"user/{noah.pk}/change/", "user/", "user/add/", f"group/{group.pk}/change/", "group/"):
        assert browser.get(f"/admin/auth/{page}").status_code == 403
    assert "his token" not in browser.get("/admin/projects/apitoken/").text
    browser.post(f"/admin/projects/apitoken/{token.pk}/delete/", {"post": "yes"})
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_it_has_no_page_to_edit_what_the_journal_is_the_truth_of(hers):
    browser = logged_in(account("root", is_staff=True, is_superuser=True))
    for model in ("task", "document", "update", "checkpoint", "annotation", "run", "label", "membership", "backend"):
        assert browser.get(f"/admin/projects/{model}/").status_code == 404


def test_it_deletes_an_own_project_with_everything_in_it(mia, hers, his, django_capture_on_commit_callbacks):
    Task.objects.create(project=hers, text="one")
    kept = Task.objects.create(project=his, text="two")
    browser = logged_in(mia)
    assert "(1)" in browser.get(f"/admin/projects/project/{hers.pk}/delete/").text
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(f"/admin/projects/project/{hers.pk}/delete/", {"post": "yes"})
    assert list(Project.objects.all()) == [his]
    assert list(Task.objects.all()) == [kept]


def test_it_forgets_the_rights_of_a_manager_who_is_one_no_more(mia, hers):
    browser = logged_in(mia)
    Membership.objects.filter(user=mia, project=hers).update(role=Role.ANNOTATOR)
    assert browser.get(f"/admin/projects/project/{hers.pk}/import/").status_code == 404
    assert "Hers alone" not in browser.get(f"/admin/projects/project/{hers.pk}/change/", follow=True).text


def directives(response):
    return dict(part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))


def test_it_widens_the_content_security_policy_on_its_own_pages_only(mia, hers):
    browser = logged_in(mia)
    wide = directives(browser.get(f"/admin/projects/project/{hers.pk}/change/"))
    assert wide["script-src"] == "'self' 'unsafe-eval'"
    assert "'unsafe-inline'" in wide["style-src-elem"]
    for page in ("/", "/accounts/login/", f"/projects/{hers.pk}/", f"/projects/{hers.pk}/tasks/"):
        strict = directives(browser.get(page))
        assert strict["script-src"] == "'self'"
        assert "unsafe" not in strict["style-src-elem"]
