"""Setting a project up in the admin: made from a template, its fields, labels, members, backends; who hears of it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from projects.models import ApiToken, Field, FieldKind, Label, Membership, Project, Role
from projects.project_templates import TEMPLATES, create_project

pytestmark = pytest.mark.django_db


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
def browser(mia):
    return logged_in(mia)


@pytest.fixture
def project(mia):
    return create_project("News", "both", None, mia)


@pytest.fixture
def announced(monkeypatch, django_capture_on_commit_callbacks):
    """Runs a step as the site does, commit and all; returns by how much the project's revision rose."""

    def step(project, deed):
        before = Project.objects.get(pk=project.pk).revision
        with django_capture_on_commit_callbacks(execute=True):
            response = deed()
        return response, Project.objects.get(pk=project.pk).revision - before

    return step


def field_page(field):
    return f"/admin/projects/field/{field.pk}/change/"


def field_form(field, rows, **more):
    """What the page of a field sends; `rows` are (label or None, name, colour, hotkey)."""
    rows = list(rows)
    known = sum(label is not None for label, *_ in rows)
    form = {"name": field.name, "position": field.position, "minimum": 1, "maximum": 5, "more_labels": ""} | more
    form |= {"labels-TOTAL_FORMS": len(rows), "labels-INITIAL_FORMS": known}
    for number, (label, name, colour, hotkey) in enumerate(rows):
        form |= {
            f"labels-{number}-id": label.pk if label else "",
            f"labels-{number}-field": field.pk,
            f"labels-{number}-name": name,
            f"labels-{number}-colour": colour,
            f"labels-{number}-hotkey": hotkey,
            f"labels-{number}-description": "",
            f"labels-{number}-position": label.position if label else "",
        }
    return form


def rows_of(field):
    return [(label, label.name, label.colour, label.hotkey) for label in field.labels.filter(removed=False)]


def project_form(project, members=(), backends=(), **more):
    form = {"name": project.name, "description": "", "guidelines": ""} | more
    kept = list(project.memberships.all())
    form |= {"memberships-TOTAL_FORMS": len(kept) + len(members), "memberships-INITIAL_FORMS": len(kept)}
    for number, member in enumerate(kept):
        prefix = f"memberships-{number}-"
        form |= {prefix + "id": member.pk, prefix + "project": project.pk, prefix + "role": member.role}
    for number, (name, role) in enumerate(members, start=len(kept)):
        prefix = f"memberships-{number}-"
        form |= {prefix + "id": "", prefix + "project": project.pk, prefix + "username": name, prefix + "role": role}
    saved = list(project.backends.all())
    form |= {"backends-TOTAL_FORMS": len(saved) + len(backends), "backends-INITIAL_FORMS": len(saved)}
    for number, backend in enumerate(saved):
        prefix = f"backends-{number}-"
        form |= {prefix + "id": backend.pk, prefix + "project": project.pk, prefix + "name": backend.name}
        form |= {prefix + "kind": backend.kind, prefix + "url": backend.url, prefix + "timeout_seconds": 60}
        form |= {prefix + "enabled": "on", prefix + "run_on_open": "on"}
    for number, (name, kind, url) in enumerate(backends, start=len(saved)):
        prefix = f"backends-{number}-"
        form |= {prefix + "id": "", prefix + "project": project.pk, prefix + "name": name, prefix + "kind": kind}
        form |= {prefix + "url": url, prefix + "timeout_seconds": 30, prefix + "enabled": "on"}
    return form


def page_of(project):
    return f"/admin/projects/project/{project.pk}/change/"


class TestANewProject:
    @pytest.mark.parametrize("template", TEMPLATES)
    def test_it_is_made_of_each_template_in_one_form(self, browser, mia, template):
        account("ann")
        offered = {f"labels_{f.name}": "\n".join(f.labels) for t in TEMPLATES.values() for f in t.labelled_fields}
        form = {"name": "Mine", "template": template, "members": "ann", **offered}
        response = browser.post("/admin/projects/project/add/", form, follow=True)
        project = Project.objects.get()
        assert response.redirect_chain[-1][0] == page_of(project)
        assert f"/admin/projects/project/{project.pk}/import/" in response.text
        wanted = [(field.name, field.kind, list(field.labels)) for field in TEMPLATES[template].fields]
        made = project.fields.all()
        assert [(f.key, f.kind, [label.key for label in f.labels.all()]) for f in made] == wanted
        assert {(m.user.username, m.role) for m in project.memberships.all()} == {
            ("mia", "manager"),
            ("ann", "annotator"),
        }
        assert [backend.kind for backend in project.backends.all()] == ["memory"]

    def test_it_gives_every_label_a_colour_and_a_hotkey_of_its_own(self, project):
        labels = Label.objects.filter(field__project=project)
        assert [label.hotkey for label in labels.order_by("field__position", "position")] == list("1234567")
        for field in project.fields.all():
            colours = [label.colour for label in field.labels.all()]
            assert len(set(colours)) == len(colours)

    def test_it_takes_labels_by_lines_or_commas_each_once(self, browser):
        form = {"name": "Mine", "template": "entities", "labels_entities": "gene, protein\n  cell  line\ngene"}
        browser.post("/admin/projects/project/add/", form)
        assert [label.name for label in Label.objects.all()] == ["gene", "protein", "cell line"]

    def test_it_says_who_is_no_user_and_makes_nothing(self, browser):
        form = {"name": "Mine", "template": "entities", "labels_entities": "gene", "members": "nobody"}
        response = browser.post("/admin/projects/project/add/", form)
        assert "There is no user called “nobody”." in response.text
        assert not Project.objects.exists()

    def test_it_refuses_a_field_without_labels(self, browser):
        form = {"name": "Mine", "template": "entities", "labels_entities": " , "}
        assert "At least one label is needed." in browser.post("/admin/projects/project/add/", form).text


class TestLabels:
    @pytest.fixture
    def field(self, project):
        return project.fields.get(key="entities")

    def test_it_renames_without_changing_what_documents_hold(self, browser, field, announced):
        rows = rows_of(field)
        rows[0] = (rows[0][0], "human", "#123456", "9")
        _, rose = announced(field.project, lambda: browser.post(field_page(field), field_form(field, rows)))
        label = Label.objects.get(pk=rows[0][0].pk)
        assert (label.key, label.name, label.colour, label.hotkey) == ("person", "human", "#123456", "9")
        assert rose == 1

    def test_it_lets_two_labels_swap_their_hotkeys(self, browser, field):
        rows = rows_of(field)
        rows[0], rows[1] = (*rows[0][:3], "2"), (*rows[1][:3], "1")
        browser.post(field_page(field), field_form(field, rows))
        assert [label.hotkey for label in field.labels.all()] == ["2", "1", "3", "4"]

    def test_it_refuses_a_hotkey_that_another_label_has(self, browser, field):
        rows = rows_of(field)
        rows[0] = (*rows[0][:3], "2")
        page = browser.post(field_page(field), field_form(field, rows)).text
        assert "The hotkey “2” gives “person” already." in page

    def test_it_refuses_a_hotkey_of_another_field(self, browser, field):
        rows = rows_of(field)
        rows[0] = (*rows[0][:3], "5")
        page = browser.post(field_page(field), field_form(field, rows)).text
        assert "The hotkey “5” gives “positive” of the field “category” already." in page

    @pytest.mark.parametrize("key", ["a", "A", "n"])
    def test_it_refuses_a_hotkey_that_is_a_command(self, browser, field, key):
        rows = rows_of(field)
        rows[0] = (*rows[0][:3], key)
        page = browser.post(field_page(field), field_form(field, rows)).text
        assert f"“{key.lower()}” is a command of the workspace." in page

    def test_it_takes_a_capital_for_its_key(self, browser, field):
        rows = rows_of(field)
        rows[0] = (*rows[0][:3], "Q")
        browser.post(field_page(field), field_form(field, rows))
        assert Label.objects.get(pk=rows[0][0].pk).hotkey == "q"

    def test_it_refuses_the_same_name_twice(self, browser, field):
        rows = [*rows_of(field), (None, "Person", "", "")]
        assert "has a label called “Person” already" in browser.post(field_page(field), field_form(field, rows)).text

    def test_it_gives_a_new_label_what_nobody_gave_it(self, browser, field):
        rows = [*rows_of(field), (None, "event", "", "")]
        browser.post(field_page(field), field_form(field, rows))
        label = field.labels.get(name="event")
        assert (label.key, label.hotkey, label.position) == ("event", "8", 4)
        assert label.colour not in {colour for _, _, colour, _ in rows}

    def test_it_marks_a_removed_label_and_keeps_its_row(self, browser, field, announced):
        form = field_form(field, rows_of(field)) | {"labels-1-DELETE": "on"}
        _, rose = announced(field.project, lambda: browser.post(field_page(field), form))
        assert field.labels.get(key="organisation").removed
        assert rose == 1
        page = browser.get(field_page(field)).text
        assert "Removed: organisation" in page

    def test_it_brings_a_removed_label_back_by_its_name(self, browser, field):
        field.labels.filter(key="organisation").update(removed=True)
        browser.post(field_page(field), field_form(field, [*rows_of(field), (None, "organisation", "#abcdef", "")]))
        label = field.labels.get(key="organisation")
        assert (label.removed, label.colour, field.labels.count()) == (False, "#abcdef", 4)

    def test_it_gives_another_key_to_a_name_that_a_renamed_label_once_had(self, browser, field):
        field.labels.filter(key="person").update(name="human")
        browser.post(field_page(field), field_form(field, [*rows_of(field), (None, "person", "", "")]))
        assert field.labels.get(name="person").key == "person 2"

    def test_it_adds_many_labels_at_once(self, browser, field):
        form = field_form(field, rows_of(field), more_labels="event, date\nperson")
        browser.post(field_page(field), form)
        assert [label.name for label in field.labels.all()][4:] == ["event", "date"]

    def test_it_shows_names_as_text_never_as_markup(self, browser, field):
        field.labels.filter(key="person").update(name="<script>alert(1)</script>")
        Field.objects.filter(pk=field.pk).update(name="<img src=x>")
        for page in (field_page(field), page_of(field.project)):
            text = browser.get(page).text
            assert "<script>alert(1)" not in text
            assert "<img src=x>" not in text


class TestFields:
    def add(self, browser, project, **form):
        form = {"minimum": 1, "maximum": 5, "position": 0} | form
        return browser.post(f"/admin/projects/field/add/?project={project.pk}", form)

    def test_it_adds_a_field_with_its_labels(self, browser, project, announced):
        form = {"name": "tone", "kind": "choice", "multiple": "on", "more_labels": "warm, cold"}
        response, rose = announced(project, lambda: self.add(browser, project, **form))
        assert response.headers["Location"] == page_of(project)
        field = project.fields.get(key="tone")
        assert (field.multiple, [label.name for label in field.labels.all()]) == (True, ["warm", "cold"])
        assert field.position == 2
        assert rose == 1

    def test_it_refuses_a_rating_whose_highest_is_not_above_its_lowest(self, browser, project):
        page = self.add(browser, project, name="quality", kind="rating", minimum=5, maximum=5).text
        assert "must be above the lowest" in page

    def test_it_refuses_a_name_that_the_project_has(self, browser, project):
        page = self.add(browser, project, name="Entities", kind="text").text
        assert "has a field called “Entities” already" in page

    def test_it_keeps_the_kind_of_a_field(self, browser, project):
        field = project.fields.get(key="entities")
        browser.post(field_page(field), field_form(field, rows_of(field), kind="choice"))
        assert Field.objects.get(pk=field.pk).kind == FieldKind.SPAN

    def test_it_marks_a_removed_field_and_brings_it_back_with_its_labels(self, browser, project, announced):
        field = project.fields.get(key="entities")
        page = f"/admin/projects/field/{field.pk}/delete/"
        response, rose = announced(project, lambda: browser.post(page, {"post": "yes"}))
        assert (response.headers["Location"], rose) == (page_of(project), 1)
        field.refresh_from_db()
        assert field.removed
        self.add(browser, project, name="entities", kind="span", more_labels="person, event")
        field.refresh_from_db()
        assert not field.removed
        assert [label.name for label in field.labels.all()] == [
            "person",
            "organisation",
            "location",
            "product",
            "event",
        ]

    def test_it_makes_another_field_where_the_removed_one_was_of_another_kind(self, browser, project):
        project.fields.filter(key="entities").update(removed=True)
        self.add(browser, project, name="entities", kind="text")
        assert project.fields.get(kind="text").key == "entities 2"

    def test_it_gives_returning_labels_hotkeys_that_are_free(self, browser, project):
        project.fields.filter(key="entities").update(removed=True)
        self.add(browser, project, name="tone", kind="choice", more_labels="warm")  # takes the key 1
        self.add(browser, project, name="entities", kind="span", more_labels="person")
        keys = [label.hotkey for label in Label.objects.filter(field__project=project)]
        assert len(set(keys)) == len(keys)


class TestMembersAndBackends:
    def test_it_adds_a_member_by_name(self, browser, project, announced):
        account("ann")
        form = project_form(project, members=[("ann", "reviewer")])
        _, rose = announced(project, lambda: browser.post(page_of(project), form))
        assert project.memberships.get(user__username="ann").role == Role.REVIEWER
        assert rose == 1

    def test_it_announces_nothing_when_nothing_changed(self, browser, project, announced):
        response, rose = announced(project, lambda: browser.post(page_of(project), project_form(project)))
        assert (response.status_code, rose) == (302, 0)

    @pytest.mark.parametrize(
        ("name", "sentence"), [("nobody", "There is no user called “nobody”."), ("mia", "“mia” is a member already.")]
    )
    def test_it_refuses_a_stranger_and_a_member_twice(self, browser, project, name, sentence):
        page = browser.post(page_of(project), project_form(project, members=[(name, "viewer")])).text
        assert sentence in page
        assert project.memberships.count() == 1

    def test_it_keeps_one_manager_at_least(self, browser, project):
        form = project_form(project) | {"memberships-0-role": "viewer"}
        assert "A project needs at least one manager." in browser.post(page_of(project), form).text
        assert Membership.objects.get().role == Role.MANAGER

    def test_it_warns_of_a_manager_who_cannot_enter(self, browser, project):
        account("ann")
        response = browser.post(page_of(project), project_form(project, members=[("ann", "manager")]), follow=True)
        assert "Managers who cannot open this admin yet: ann." in response.text

    def test_it_does_not_set_the_revision_back(self, browser, project):
        stale = project_form(project, name="Renamed")
        Project.objects.filter(pk=project.pk).update(revision=70)
        browser.post(page_of(project), stale)
        project.refresh_from_db()
        assert (project.name, project.revision >= 70) == ("Renamed", True)

    def test_it_wants_the_address_of_a_backend(self, browser, project):
        page = browser.post(page_of(project), project_form(project, backends=[("ner", "stream", "")])).text
        assert "Where is it?" in page

    def test_it_refuses_a_kind_of_backend_that_does_not_exist(self, browser, project):
        browser.post(page_of(project), project_form(project, backends=[("ner", "shell", "http://127.0.0.1:1/")]))
        assert project.backends.count() == 1

    def test_it_says_what_is_wrong_with_a_backend_before_it_is_saved(self, browser, project):
        form = {"name": "ner", "kind": "stream", "url": "http://127.0.0.1:9/suggest", "timeout_seconds": "2"}
        answer = browser.post(f"/admin/projects/project/{project.pk}/test-backend/", form).json()
        assert answer["ok"] is False
        assert "127.0.0.1:9" in answer["sentence"]
        assert project.backends.count() == 1

    def test_it_shows_guidelines_as_members_will_see_them(self, browser, project):
        form = {"markdown": "**Mark** <script>alert(1)</script>"}
        html = browser.post(f"/admin/projects/project/{project.pk}/guidelines/", form).json()["html"]
        assert "<strong>Mark</strong>" in html
        assert "<script" not in html


class TestTokens:
    def test_it_shows_a_token_once_and_keeps_its_hash_only(self, browser, mia):
        page = browser.post("/admin/projects/apitoken/add/", {"user": mia.pk, "name": "export"}, follow=True).text
        row = ApiToken.objects.get()
        token = page.split("<code class='token'>")[1].split("</code>")[0]
        assert row.digest == ApiToken.digest_of(token)
        assert token not in browser.get("/admin/projects/apitoken/").text

    def test_it_issues_none_in_the_name_of_others(self, browser):
        other = account("ann")
        browser.post("/admin/projects/apitoken/add/", {"user": other.pk, "name": ""})
        assert not ApiToken.objects.exists()

    def test_it_lets_a_superuser_issue_for_anybody(self):
        root, ann = account("root", is_superuser=True, is_staff=True), account("ann")
        logged_in(root).post("/admin/projects/apitoken/add/", {"user": ann.pk, "name": ""})
        assert ApiToken.objects.get().user == ann

    def test_it_revokes(self, browser, mia):
        row, _ = ApiToken.issue(mia)
        browser.post(f"/admin/projects/apitoken/{row.pk}/delete/", {"post": "yes"})
        assert not ApiToken.objects.exists()
