"""Setting a project up over REST: projects, fields, labels, members."""

from __future__ import annotations

import pytest

from projects.api import answers
from projects.models import Membership, Project, Role
from tests.support.rest import Person, Team, make_team, make_user, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return make_team()


@pytest.fixture
def field(team: Team) -> dict:
    body = {"name": "entities", "kind": "span", "labels": ["person", "place"]}
    return team.manager.post(f"/api/projects/{team.project.pk}/fields", body).json()


def revision(team: Team) -> int:
    return Project.objects.get(pk=team.project.pk).revision


def test_a_project_is_set_up_in_one_call(team: Team) -> None:
    body = {
        "name": "Reviews",
        "description": "What people wrote",
        "guidelines": "# Mark *all* names",
        "fields": [
            {"name": "entities", "kind": "span", "labels": ["person", {"name": "place", "colour": "#123456"}]},
            {"name": "tone", "kind": "choice", "required": True, "labels": ["good", "bad"]},
            {"name": "stars", "kind": "rating", "minimum": 1, "maximum": 7},
            {"name": "note", "kind": "text"},
        ],
        "members": [{"username": "annotator"}, {"username": "viewer", "role": "viewer"}],
    }
    response = team.manager.post("/api/projects", body)
    assert response.status_code == 201, response.content
    project = answers.ProjectOut.model_validate(response.json(), strict=True)
    assert project.role == "manager"
    assert "<em>all</em>" in project.guidelines_html
    assert [(f.name, f.key, f.kind, f.required) for f in project.fields] == [
        ("entities", "entities", "span", False),
        ("tone", "tone", "choice", True),
        ("stars", "stars", "rating", False),
        ("note", "note", "text", False),
    ]
    assert [label.name for label in project.fields[0].labels] == ["person", "place"]
    assert project.fields[0].labels[1].colour == "#123456"
    hotkeys = [label.hotkey for f in project.fields for label in f.labels]
    assert len(set(hotkeys)) == 4
    assert all(label.colour for f in project.fields for label in f.labels)
    assert {(m.username, m.role) for m in project.members} == {
        ("manager", "manager"),
        ("annotator", "annotator"),
        ("viewer", "viewer"),
    }


def test_nothing_of_a_project_is_made_when_one_part_is_wrong(team: Team) -> None:
    before = Project.objects.count()
    body = {"name": "Half", "fields": [{"name": "a", "kind": "span"}, {"name": "a", "kind": "span"}]}
    problem = problem_of(team.manager.post("/api/projects", body), 409)
    assert problem["errors"][0]["where"] == "body: fields[1].name"
    assert Project.objects.count() == before


def test_only_staff_create_projects(team: Team) -> None:
    problem_of(team.annotator.post("/api/projects", {"name": "Mine"}), 403)
    problem_of(team.anonymous.post("/api/projects", {"name": "Mine"}), 401)


def test_a_list_holds_my_projects_in_pages(team: Team) -> None:
    ids = [team.manager.post("/api/projects", {"name": f"P{n}"}).json()["id"] for n in range(3)]
    page = team.manager.get("/api/projects?limit=2").json()
    answers.Projects.model_validate(page, strict=True)
    assert [p["id"] for p in page["items"]] == [team.project.pk, ids[0]]
    rest = team.manager.get(f"/api/projects?limit=2&after={page['next']}").json()
    assert [p["id"] for p in rest["items"]] == ids[1:]
    assert rest["next"] is None
    assert [p["name"] for p in team.stranger.get("/api/projects").json()["items"]] == ["Elsewhere"]


def test_a_superuser_sees_every_project(team: Team) -> None:
    boss = Person(make_user("boss", is_superuser=True))
    assert {p["role"] for p in boss.get("/api/projects").json()["items"]} == {"manager"}


def test_changing_a_project_raises_its_revision(team: Team) -> None:
    before = revision(team)
    changed = team.manager.patch(f"/api/projects/{team.project.pk}", {"name": "Fresh", "guidelines": ""}).json()
    assert (changed["name"], changed["revision"]) == ("Fresh", before + 1)


def test_a_deleted_project_is_gone(team: Team) -> None:
    assert team.manager.delete(f"/api/projects/{team.project.pk}").status_code == 204
    problem_of(team.manager.get(f"/api/projects/{team.project.pk}"), 404)
    assert not Project.objects.filter(pk=team.project.pk).exists()


def test_fields_come_and_go_and_come_back(team: Team, field: dict) -> None:
    answers.FieldOut.model_validate(field, strict=True)
    before = revision(team)
    changed = team.manager.patch(f"/api/fields/{field['id']}", {"name": "names", "required": True}).json()
    assert (changed["name"], changed["key"], changed["required"]) == ("names", "entities", True)
    assert team.manager.delete(f"/api/fields/{field['id']}").status_code == 204
    assert team.manager.get(f"/api/fields/{field['id']}").json()["removed"] is True
    back = team.manager.post(f"/api/projects/{team.project.pk}/fields", {"name": "names", "kind": "span"}).json()
    assert (back["id"], back["removed"]) == (field["id"], False)
    assert revision(team) == before + 3


def test_labels_come_and_go_and_come_back(team: Team, field: dict) -> None:
    made = team.manager.post(f"/api/fields/{field['id']}/labels", {"name": "thing", "description": "What can be held"})
    assert made.status_code == 201
    label = answers.LabelOut.model_validate(made.json(), strict=True)
    assert label.colour not in {known["colour"] for known in field["labels"]}
    change = {"name": "object", "colour": "#ffffff", "hotkey": ""}
    changed = team.manager.patch(f"/api/labels/{label.id}", change).json()
    assert (changed["name"], changed["key"], changed["colour"]) == ("object", "thing", "#ffffff")
    assert team.manager.delete(f"/api/labels/{label.id}").status_code == 204
    listed = team.manager.get(f"/api/fields/{field['id']}/labels").json()["items"]
    assert [known["removed"] for known in listed] == [False, False, True]
    back = team.manager.post(f"/api/fields/{field['id']}/labels", {"name": "object"}).json()
    assert (back["id"], back["removed"]) == (label.id, False)


def test_two_labels_do_not_share_a_name_or_a_hotkey(team: Team, field: dict) -> None:
    place = f"/api/fields/{field['id']}/labels"
    problem_of(team.manager.post(place, {"name": "person"}), 409)
    hotkey = field["labels"][0]["hotkey"]
    problem = problem_of(team.manager.post(place, {"name": "new", "hotkey": hotkey}), 422)
    assert "person" in problem["detail"]
    problem_of(team.manager.patch(f"/api/labels/{field['labels'][1]['id']}", {"name": "person"}), 409)
    problem_of(team.manager.patch(f"/api/labels/{field['labels'][1]['id']}", {"hotkey": hotkey}), 422)
    same = team.manager.patch(f"/api/labels/{field['labels'][0]['id']}", {"name": "person", "hotkey": hotkey})
    assert same.status_code == 200


def test_a_field_of_free_text_has_no_labels(team: Team) -> None:
    fields = f"/api/projects/{team.project.pk}/fields"
    problem_of(team.manager.post(fields, {"name": "note", "kind": "text", "labels": ["a"]}), 422)
    note = team.manager.post(fields, {"name": "note", "kind": "text"}).json()
    problem_of(team.manager.post(f"/api/fields/{note['id']}/labels", {"name": "a"}), 422)


def test_a_rating_needs_room_between_its_bounds(team: Team) -> None:
    fields = f"/api/projects/{team.project.pk}/fields"
    problem_of(team.manager.post(fields, {"name": "stars", "kind": "rating", "minimum": 5, "maximum": 5}), 422)
    stars = team.manager.post(fields, {"name": "stars", "kind": "rating"}).json()
    problem_of(team.manager.patch(f"/api/fields/{stars['id']}", {"maximum": 0}), 422)


def test_members_come_change_and_go(team: Team) -> None:
    make_user("newcomer")
    place = f"/api/projects/{team.project.pk}/members"
    made = team.manager.post(place, {"username": "newcomer", "role": "viewer"})
    assert made.status_code == 201
    member = answers.MemberOut.model_validate(made.json(), strict=True)
    problem_of(team.manager.post(place, {"user": member.user}), 409)
    changed = team.manager.patch(f"/api/members/{member.id}", {"role": "reviewer"}).json()
    assert changed["role"] == "reviewer"
    assert team.manager.delete(f"/api/members/{member.id}").status_code == 204
    problem_of(team.manager.get(f"/api/members/{member.id}"), 404)


def test_a_member_is_named_once_and_must_exist(team: Team) -> None:
    place = f"/api/projects/{team.project.pk}/members"
    problem_of(team.manager.post(place, {"role": "viewer"}), 422)
    problem_of(team.manager.post(place, {"user": 1, "username": "viewer"}), 422)
    problem = problem_of(team.manager.post(place, {"username": "nobody-here"}), 422)
    assert problem["errors"][0]["where"] == "body: username"


def test_the_last_manager_stays(team: Team) -> None:
    mine = Membership.objects.get(project=team.project, role=Role.MANAGER)
    problem_of(team.manager.delete(f"/api/members/{mine.pk}"), 409)
    problem_of(team.manager.patch(f"/api/members/{mine.pk}", {"role": "viewer"}), 409)
    other = Membership.objects.get(project=team.project, role=Role.REVIEWER)
    team.manager.patch(f"/api/members/{other.pk}", {"role": "manager"})
    assert team.manager.delete(f"/api/members/{mine.pk}").status_code == 204
    problem_of(team.manager.get(f"/api/projects/{team.project.pk}"), 404)


def test_i_am_who_the_token_says(team: Team) -> None:
    me = answers.MeOut.model_validate(team.annotator.get("/api/me").json(), strict=True)
    assert (me.username, me.staff) == ("annotator", False)
