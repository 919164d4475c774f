"""What may be written into a document, and by whom: each rule turns somebody away, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pycrdt import Doc, Map

from annotator.collaboration.changes import Author, Change, Put, Refused, Remove, SetText, Typing, apply_changes
from projects import document
from projects.document import statement
from projects.entries import MAX_BODY_LENGTH, MAX_MENTIONS, MAX_QUOTE_LENGTH, MAX_TEXT_LENGTH
from projects.guard import MAX_REMEMBERED, DocumentRules
from projects.schema import Schema

ANN, BEN, MAX = 1, 2, 3
ID, OTHER_ID = "aaaaaaaa", "bbbbbbbb"
AT = "2026-11-21T12:00:00.000Z"

SCHEMA = Schema.from_json(
    {
        "fields": [
            {"name": "entities", "kind": "span", "labels": [{"name": "person"}, {"name": "old", "removed": True}]},
            {"name": "tone", "kind": "choice", "labels": [{"name": "good"}, {"name": "bad"}]},
            {"name": "stars", "kind": "rating", "minimum": 1, "maximum": 5},
            {"name": "answer", "kind": "text"},
            {"name": "gone", "kind": "span", "removed": True, "labels": [{"name": "person"}]},
            {"name": "unsaid", "kind": "text", "removed": True},
        ]
    }
)


def annotator(user: int = ANN) -> Author:
    return Author(user, "annotator", "human")


MANAGER = Author(MAX, "manager", "human")
SERVER = Author(None, "server", "model")


class Desk:
    """A document with its rules: what passes them is written."""

    def __init__(self) -> None:
        self.rules = DocumentRules(SCHEMA, text_length=100)
        self.doc: Doc = Doc()

    def before(self, root: str, key: str) -> Any:
        return self.doc.get(root, type=Map).get(key)

    def write(self, author: Author, *changes: Change) -> None:
        self.rules.check(changes, author, self.before)
        self.rules.committed(changes, author, self.before)
        with self.doc.transaction():
            apply_changes(self.doc, [change for change in changes if not isinstance(change, Typing)])

    def refuses(self, author: Author, *changes: Change) -> Refused:
        """The refusal, which is a sentence."""
        with pytest.raises(Refused) as refused:
            self.rules.check(changes, author, self.before)
        assert refused.value.sentence[0].isupper() or refused.value.sentence[0] == "“"
        assert refused.value.sentence.endswith(".")
        return refused.value


@pytest.fixture
def desk() -> Desk:
    return Desk()


def said(by: int | None = ANN, origin: str = "human", **changed: Any) -> dict[str, Any]:
    return statement("span", "entities", "person", {"start": 0, "end": 3}, by, origin, AT) | changed


def stated(by: int | None = ANN, key: str = ID, **changed: Any) -> Put:
    return Put(document.ANNOTATIONS, key, said(by, **changed))


def entry(root: str, by: int = ANN, key: str = ID, **fields: Any) -> Put:
    return Put(root, key, {**fields, "by": by, "at": AT})


def comment(by: int = ANN, key: str = ID, **changed: Any) -> Put:
    return Put(document.COMMENTS, key, {"on": None, "author": by, "body": "Hm.", "created": AT} | changed)


GOOD = [
    stated(),
    stated(field="tone", kind="choice", label="good", value=None),
    stated(field="stars", kind="rating", label=None, value=5),
    stated(value={"start": 0.0, "end": 100.0}),  # as numbers come out of pycrdt
    stated(origin="api"),
    stated(created="2026-11-21T12:00:00Z"),
    entry(document.LABELS, label="person"),
    entry(document.VALUES, value={"start": 1, "end": 2}),
    entry(document.DECISIONS, status="rejected"),
    entry(document.RESOLUTIONS),
    comment(),
    comment(on=OTHER_ID),
    comment(reply_to=OTHER_ID, quote="Ada · person", mentions=[BEN, 3.0], edited=AT),
    Typing("text/answer", 3, 1),
    SetText("text/answer", "héllo 🎉"),
]


@pytest.mark.parametrize("change", GOOD, ids=repr)
def test_a_writer_may(desk: Desk, change: Change) -> None:
    desk.write(annotator(), change)


@pytest.mark.promise("P5")
@pytest.mark.parametrize("change", [*GOOD, Remove(document.DECISIONS, ID)], ids=repr)
def test_a_viewer_may_change_nothing(desk: Desk, change: Change) -> None:
    assert desk.refuses(Author(ANN, "viewer", "human"), change).code == "not_allowed"


@pytest.mark.promise("P5")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (stated(by=BEN), "wrong_author"),
        (stated(by=None), "wrong_author"),
        (stated(author=True), "wrong_author"),
        (stated(author="1"), "wrong_author"),
        (stated(origin="model"), "wrong_origin"),
        (stated(origin="import"), "wrong_origin"),
        (stated(origin="god"), "wrong_origin"),
        (stated(score=0.5), "wrong_origin"),
        (stated(backend="ner"), "wrong_origin"),
        (stated(kind="choice"), "wrong_kind"),
        (stated(kind=["span"]), "wrong_kind"),
        (stated(field="nothing"), "unknown_field"),
        (stated(field=["entities"]), "unknown_field"),
        (stated(field="gone"), "removed_field"),
        (stated(field="answer", kind="text", label=None, value=None), "bad_kind"),
        (stated(label="place"), "unknown_label"),
        (stated(label=None), "unknown_label"),
        (stated(label=["person"]), "unknown_label"),
        (stated(label="old"), "removed_label"),
        (stated(value=None), "bad_value"),
        (stated(value={"start": 0}), "bad_value"),
        (stated(value={"start": 0, "end": 3, "x": 1}), "bad_value"),
        (stated(value={"start": 0.5, "end": 3}), "bad_value"),
        (stated(value={"start": False, "end": 3}), "bad_value"),
        (stated(value={"start": "0", "end": "3"}), "bad_value"),
        (stated(value={"start": -1, "end": 3}), "outside_text"),
        (stated(value={"start": 3, "end": 3}), "outside_text"),
        (stated(value={"start": 5, "end": 3}), "outside_text"),
        (stated(value={"start": 0, "end": 101}), "outside_text"),
        (stated(value={"start": 0, "end": 1e300}), "outside_text"),
        (stated(field="tone", kind="choice", label="person", value=None), "unknown_label"),
        (stated(field="tone", kind="choice", label="good", value=1), "bad_value"),
        (stated(field="stars", kind="rating", label=None, value=6), "bad_value"),
        (stated(field="stars", kind="rating", label=None, value=1.5), "bad_value"),
        (stated(field="stars", kind="rating", label="person", value=3), "unknown_label"),
        (stated(more="x" * 20_000), "bad_entry"),
        (stated(created="yesterday"), "bad_time"),
        (stated(created="2026-11-21T12:00:00+02:00"), "bad_time"),
        (stated(created=7), "bad_time"),
        (stated(key="short"), "bad_id"),
        (stated(key="x" * 65), "bad_id"),
        (stated(key="with space"), "bad_id"),
        (stated(key="<script>"), "bad_id"),
        (Put(document.ANNOTATIONS, ID, 7), "bad_entry"),
        (Put(document.ANNOTATIONS, ID, None), "bad_entry"),
        (Put(document.ANNOTATIONS, ID, {}), "bad_entry"),
        (Put("nothing", ID, {}), "unknown_root"),
        (entry(document.LABELS, by=BEN, label="person"), "wrong_author"),
        (entry(document.LABELS, label="x" * 101), "bad_entry"),
        (entry(document.LABELS, label=7), "bad_entry"),
        (entry(document.LABELS), "bad_entry"),
        (entry(document.VALUES, by=BEN, value=None), "wrong_author"),
        (entry(document.VALUES, value="x" * 20_000), "bad_value"),
        (entry(document.DECISIONS, by=BEN, status="accepted"), "wrong_author"),
        (entry(document.DECISIONS, status="perhaps"), "bad_entry"),
        (entry(document.DECISIONS, status="accepted", more=1), "bad_entry"),
        (entry(document.RESOLUTIONS, by=BEN), "wrong_author"),
        (comment(by=BEN), "wrong_author"),
        (comment(body=""), "bad_entry"),
        (comment(body=7), "bad_entry"),
        (comment(body="x" * (MAX_BODY_LENGTH + 1)), "bad_entry"),
        (comment(on="no id"), "bad_entry"),
        (comment(on=7), "bad_entry"),
        (comment(body=" \n"), "bad_entry"),
        (comment(body="a\0b"), "bad_entry"),
        (comment(reply_to="no id"), "bad_entry"),
        (comment(reply_to=ID), "bad_entry"),
        (comment(quote="x" * (MAX_QUOTE_LENGTH + 1)), "bad_entry"),
        (comment(quote=7), "bad_entry"),
        (comment(mentions="ann"), "bad_entry"),
        (comment(mentions=["ann"]), "bad_entry"),
        (comment(mentions=[-1]), "bad_entry"),
        (comment(mentions=[1e300]), "bad_entry"),
        (comment(mentions=[BEN] * (MAX_MENTIONS + 1)), "bad_entry"),
        (comment(edited="today"), "bad_time"),
        (comment(more=1), "bad_entry"),
        (Put(document.STATE, document.TASK, {"status": "submitted", "by": ANN, "at": AT}), "not_allowed"),
        (Remove(document.STATE, document.TASK), "not_allowed"),
        (Typing("text/unsaid", 1, 0), "removed_field"),
        (Typing("text/nothing", 1, 0), "unknown_field"),
        (Typing(f"text/{ID}", 1, 0), "unknown_field"),
        (SetText("text/unsaid", "x"), "removed_field"),
        (SetText("text/answer", "x" * (MAX_TEXT_LENGTH + 1)), "text_too_long"),
        (SetText("text/answer", "\ud83c"), "bad_text"),
    ],
    ids=lambda each: repr(each)[:90],
)
def test_nobody_may(desk: Desk, change: Change, code: str) -> None:
    refused = desk.refuses(annotator(), change)
    assert refused.code == code
    if isinstance(change, Put) and change.root == document.ANNOTATIONS:
        assert refused.key == change.key[:64]


def test_a_refusal_names_the_annotation_and_what_was_expected(desk: Desk) -> None:
    sentence = desk.refuses(annotator(), stated(label="place")).sentence
    assert ID in sentence
    assert "“place”" in sentence
    assert "“person”" in sentence
    assert "“old”" not in sentence


@pytest.mark.promise("P5")
def test_a_refusal_names_the_text(desk: Desk) -> None:
    """So that its author makes all else again that came in one update, as after hours offline."""
    refused = desk.refuses(annotator(), stated(), Typing("text/answer", 3, 0), Typing("text/unsaid", 3, 0))
    assert refused.key == "text/unsaid"
    assert desk.refuses(annotator(), Typing(f"text/{ID}", 1, 0)).key == f"text/{ID}"


def test_what_a_refusal_quotes_is_short(desk: Desk) -> None:
    assert len(desk.refuses(annotator(), stated(label="x" * 5000)).sentence) < 300


def test_programs_say_api_of_what_they_write(desk: Desk) -> None:
    program = Author(ANN, "annotator", "api")
    assert desk.refuses(program, stated(origin="human")).code == "wrong_origin"
    desk.write(program, stated(origin="api"))


# -- statements are written once


@pytest.mark.promise("P5")
def test_a_statement_is_never_replaced(desk: Desk) -> None:
    desk.write(annotator(), stated())
    assert desk.refuses(annotator(), stated(value={"start": 0, "end": 4})).code == "already_said"
    assert desk.refuses(annotator(BEN), stated(by=BEN)).code == "already_said"
    desk.write(annotator(), stated())  # the same again says nothing new
    later = {**stated().value, "created": "2026-11-21T13:00:00.000Z"}
    desk.write(annotator(), Put(document.ANNOTATIONS, ID, later))
    assert desk.refuses(annotator(BEN), Put(document.ANNOTATIONS, ID, {**later, "author": BEN})).code == "already_said"


def test_one_person_may_draw_an_id_twice_unseeing_and_nobody_may_take_anothers(desk: Desk) -> None:
    desk.write(annotator(), stated())
    again = replace(stated(value={"start": 0, "end": 4}), unseeing=True)
    desk.write(annotator(), again)
    assert desk.refuses(annotator(), replace(again, value={**again.value, "label": "old"})).code == "removed_label"
    theirs = replace(stated(by=BEN), unseeing=True)
    assert desk.refuses(annotator(BEN), theirs).code == "already_said"


def test_an_update_makes_a_statement_once(desk: Desk) -> None:
    twice = (stated(), stated(value={"start": 0, "end": 4}))
    assert desk.refuses(annotator(), *twice).code == "already_said"
    desk.write(annotator(), stated(), stated())


def test_a_removal_can_be_undone_by_anybody_who_writes(desk: Desk) -> None:
    desk.write(annotator(), stated())
    desk.write(annotator(BEN), Remove(document.ANNOTATIONS, ID))
    desk.write(annotator(BEN), stated(by=ANN, value={"start": 0.0, "end": 3.0}))
    assert desk.before(document.ANNOTATIONS, ID)["author"] == ANN


@pytest.mark.parametrize("root", [document.LABELS, document.VALUES, document.DECISIONS, document.RESOLUTIONS])
def test_what_stands_may_be_put_again_by_anybody_who_writes(desk: Desk, root: str) -> None:
    """Who corrects a colleague's entry offline and undoes it puts back what the server never saw go."""
    fields = {
        document.LABELS: {"label": "person"},
        document.VALUES: {"value": {"start": 1, "end": 2}},
        document.DECISIONS: {"status": "rejected"},
    }.get(root, {})
    desk.write(annotator(), stated())
    desk.write(annotator(BEN), entry(root, BEN, **fields))
    desk.write(annotator(), entry(root, BEN, **fields))
    later = Put(root, ID, {**fields, "by": BEN, "at": "2026-11-21T13:00:00Z"})
    assert desk.refuses(annotator(), later).code == "wrong_author"


@pytest.mark.promise("P5")
def test_nothing_but_what_was_removed_is_put_back(desk: Desk) -> None:
    desk.write(annotator(), stated())
    desk.write(annotator(BEN), Remove(document.ANNOTATIONS, ID))
    assert desk.refuses(annotator(BEN), stated(by=ANN, value={"start": 0, "end": 4})).code == "wrong_author"
    assert desk.refuses(annotator(BEN), stated(by=ANN, key=OTHER_ID)).code == "wrong_author"


def test_a_models_statement_can_be_put_back(desk: Desk) -> None:
    desk.write(SERVER, stated(by=None, origin="model", score=0.5, backend="ner"))
    desk.write(annotator(), Remove(document.ANNOTATIONS, ID))
    desk.write(annotator(), stated(by=None, origin="model", score=0.5, backend="ner"))


def test_what_was_removed_is_remembered_beyond_a_restart(desk: Desk) -> None:
    desk.write(annotator(), stated())
    desk.write(annotator(BEN), Remove(document.ANNOTATIONS, ID))
    later = Desk()
    later.rules.remember(b"")
    later.rules.remember(desk.rules.memory())
    later.write(annotator(BEN), stated(by=ANN))


def test_memory_is_bounded(desk: Desk) -> None:
    was = {"label": "person", "by": ANN, "at": AT}
    for number in range(MAX_REMEMBERED + 50):
        desk.rules.committed([Remove(document.LABELS, f"id-{number:08}")], annotator(), lambda root, key: was)
    assert len(desk.rules.memory()) == 12 * MAX_REMEMBERED


def test_an_undo_brings_a_colleagues_correction_back(desk: Desk) -> None:
    """Undo in Yjs writes the former entry anew, with the colleague's name in it."""
    desk.write(annotator(), stated())
    desk.write(annotator(BEN), entry(document.DECISIONS, by=BEN, status="accepted"))
    desk.write(annotator(), entry(document.DECISIONS, status="rejected"))
    assert desk.refuses(annotator(), entry(document.DECISIONS, by=BEN, status="rejected")).code == "wrong_author"
    desk.write(annotator(), entry(document.DECISIONS, by=BEN, status="accepted"))


# -- corrections and decisions


def test_a_correction_must_fit_what_it_corrects(desk: Desk) -> None:
    desk.write(annotator(), stated(), stated(key=OTHER_ID, field="stars", kind="rating", label=None, value=3))
    assert desk.refuses(annotator(), entry(document.LABELS, label="good")).code == "unknown_label"
    assert desk.refuses(annotator(), entry(document.LABELS, label="old")).code == "removed_label"
    assert desk.refuses(annotator(), entry(document.LABELS, key=OTHER_ID, label="person")).code == "unknown_label"
    assert desk.refuses(annotator(), entry(document.VALUES, value=3)).code == "bad_value"
    assert desk.refuses(annotator(), entry(document.VALUES, value={"start": 0, "end": 101})).code == "outside_text"
    assert desk.refuses(annotator(), entry(document.VALUES, key=OTHER_ID, value=9)).code == "bad_value"
    desk.write(annotator(BEN), entry(document.VALUES, by=BEN, key=OTHER_ID, value=4))


def test_a_correction_fits_what_the_same_update_says(desk: Desk) -> None:
    assert desk.refuses(annotator(), entry(document.VALUES, value=3), stated()).code == "bad_value"
    desk.write(annotator(), entry(document.VALUES, value={"start": 1, "end": 2}), stated())


def test_a_colleague_who_was_offline_may_speak_of_what_is_gone(desk: Desk) -> None:
    desk.write(annotator(), stated())
    desk.write(annotator(), Remove(document.ANNOTATIONS, ID))
    desk.write(
        annotator(BEN),
        entry(document.LABELS, by=BEN, label="person"),
        entry(document.VALUES, by=BEN, value={"start": 1, "end": 2}),
        entry(document.DECISIONS, by=BEN, status="accepted"),
    )
    desk.write(annotator(), Remove(document.LABELS, ID), Remove(document.VALUES, ID), Remove(document.DECISIONS, ID))


@pytest.mark.promise("P8")
def test_what_was_put_about_a_missing_annotation_must_fit_when_it_comes(desk: Desk) -> None:
    """Otherwise a value that nobody could check would lie in wait for the annotation, and nobody could read it then."""
    desk.write(annotator(BEN), entry(document.VALUES, by=BEN, value="nonsense"))
    assert desk.refuses(annotator(), stated()).code == "bad_value"
    desk.write(annotator(BEN), Remove(document.VALUES, ID), entry(document.LABELS, by=BEN, label="nonsense"))
    assert desk.refuses(annotator(), stated()).code == "unknown_label"


def test_what_uses_a_removed_label_stays_and_can_be_decided(desk: Desk) -> None:
    desk.write(annotator(), stated())
    without = Schema.from_json({"fields": [{"name": "entities", "kind": "span", "labels": [{"name": "place"}]}]})
    desk.rules.schema = without
    desk.write(annotator(BEN), entry(document.DECISIONS, by=BEN, status="rejected"))
    desk.write(annotator(BEN), entry(document.LABELS, by=BEN, label="place"))
    assert desk.refuses(annotator(), stated(key=OTHER_ID)).code == "unknown_label"


# -- comments


def test_a_comment_is_changed_by_its_author_only(desk: Desk) -> None:
    desk.write(annotator(), comment())
    desk.write(annotator(), comment(body="Well."))
    assert desk.refuses(annotator(BEN), comment(by=BEN)).code == "not_yours"
    assert desk.refuses(MANAGER, comment(by=MAX)).code == "not_yours"


def test_an_edit_of_a_comment_changes_its_words_only(desk: Desk) -> None:
    desk.write(annotator(), comment(on=OTHER_ID))
    desk.write(annotator(), comment(on=OTHER_ID, body="Well, @ben.", mentions=[BEN], edited=AT))
    for changed in (
        {"on": None},
        {"on": OTHER_ID, "reply_to": "cccccccc"},
        {"on": OTHER_ID, "created": AT[:-1] + "+00:00"},
    ):
        assert desk.refuses(annotator(), comment(**changed)).code == "already_said"


def test_a_thread_is_resolved_and_reopened_by_everybody_who_may_write(desk: Desk) -> None:
    desk.write(annotator(), comment())
    desk.write(annotator(BEN), entry(document.RESOLUTIONS, by=BEN))
    desk.write(MANAGER, Remove(document.RESOLUTIONS, ID))
    assert desk.refuses(MANAGER, entry(document.RESOLUTIONS, by=BEN, key=OTHER_ID)).code == "wrong_author"


def test_a_comment_is_removed_by_its_author_or_a_manager(desk: Desk) -> None:
    desk.write(annotator(), comment(), comment(key=OTHER_ID))
    assert desk.refuses(annotator(BEN), Remove(document.COMMENTS, ID)).code == "not_yours"
    assert desk.refuses(Author(BEN, "reviewer", "human"), Remove(document.COMMENTS, ID)).code == "not_yours"
    desk.write(annotator(), Remove(document.COMMENTS, ID))
    desk.write(MANAGER, Remove(document.COMMENTS, OTHER_ID))
    desk.write(MANAGER, comment(key=OTHER_ID))  # and undone


@pytest.mark.promise("P5")
@pytest.mark.parametrize(
    "made", [{"origin": "import"}, {"origin": "model", "backend": "ner", "version": "3", "score": 0.5}]
)
def test_what_a_model_or_an_import_said_can_be_put_back_as_it_stood_only(desk: Desk, made: dict[str, Any]) -> None:
    """A restore: by anybody who may write, and not a letter of it another one."""
    statement, decision = stated(by=None, **made), entry(document.DECISIONS, by=BEN, status="accepted")
    desk.write(SERVER, statement)
    desk.write(annotator(BEN), decision)
    desk.write(MANAGER, Remove(document.ANNOTATIONS, ID), Remove(document.DECISIONS, ID))
    assert desk.refuses(annotator(), stated(by=None, **made, label="place")).code != "already_said"
    assert desk.refuses(annotator(), stated(by=None, key=OTHER_ID, **made)).code in ("wrong_author", "wrong_origin")
    desk.write(annotator(), statement, decision)
    assert desk.before(document.ANNOTATIONS, ID)["origin"] == made["origin"]


# -- the server


def test_the_server_writes_what_models_and_imports_say(desk: Desk) -> None:
    model = {"backend": "ner", "version": "3", "score": 0.5, "run": 17}
    desk.write(SERVER, stated(by=None, origin="model", **model), stated(by=BEN, key=OTHER_ID, origin="import"))
    desk.write(SERVER, Put(document.STATE, document.TASK, {"status": "submitted", "by": BEN, "at": AT}))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (stated(by=None, origin="model", label="place"), "unknown_label"),
        (stated(by=None, origin="model", value={"start": 0, "end": 101}), "outside_text"),
        (stated(by=None, origin="model", score="high"), "bad_entry"),
        (stated(by=None, origin="model", score=True), "bad_entry"),
        (stated(by=None, origin="model", backend="x" * 101), "bad_entry"),
        (stated(by="ann", origin="model"), "wrong_author"),
        (Put(document.STATE, document.TASK, {"status": "eaten"}), "bad_entry"),
    ],
    ids=repr,
)
def test_the_server_keeps_to_the_schema_too(desk: Desk, change: Change, code: str) -> None:
    assert desk.refuses(SERVER, change).code == code


# -- roots


def test_it_knows_the_roots_of_a_document(desk: Desk) -> None:
    kinds = {root: desk.rules.root_kind(root) for root in (*document.MAP_ROOTS, "text/answer", "text/unsaid")}
    assert kinds == dict.fromkeys(document.MAP_ROOTS, "map") | {"text/answer": "text", "text/unsaid": "text"}
    for root in ("", "text/", "text/tone", "text/nothing", "order", "__proto__", "annotations/x"):
        assert desk.rules.root_kind(root) is None
