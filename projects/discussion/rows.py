"""Comments as rows: written when a document's are not what its rows say, counted, and marked as read. Knows the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from projects.discussion.models import Comment, CommentRead, Mention
from projects.discussion.reading import Said
from projects.models import Document, Membership
from projects.write_turn import write_turn

EXCERPT_LENGTH = 120  # of a task's text


class Where(NamedTuple):
    """To what a document belongs."""

    project_id: int
    task_id: int
    document_id: int


class News(NamedTuple):
    """What changed: comments that were not there before, and how many there are now."""

    new: list[Said]
    total: int


def known_comments(document_id: int) -> dict[str, Said]:
    """The rows as they are in the database."""
    found = Comment.objects.filter(document_id=document_id).values_list(*Said._fields)
    return {values[0]: Said(*values) for values in found}


def sync(where: Where, said: Mapping[str, Said], head: int) -> News | None:
    """Make the rows say what the document says; None where they did, or where somebody has written what is newer.

    To be called before `Document.projected` is raised to `head`, which promises that the rows are complete.
    """
    if known_comments(where.document_id) == said:
        return None
    with write_turn(), transaction.atomic():
        documents = (
            Document.objects.select_for_update() if connection.features.has_select_for_update else Document.objects
        )
        if not documents.filter(pk=where.document_id, projected__lte=head).exists():
            return None
        known = known_comments(where.document_id)
        gone = known.keys() - said.keys()
        if gone:
            Comment.objects.filter(document_id=where.document_id, key__in=gone).delete()
        changed = [one for key, one in said.items() if key in known and known[key] != one]
        new = [one for key, one in said.items() if key not in known]
        for one in changed:
            Comment.objects.filter(document_id=where.document_id, key=one.key).update(**one._asdict())
        Comment.objects.bulk_create(Comment(**where._asdict(), **one._asdict()) for one in new)
        write_mentions(where, [*changed, *new])
    return News(new, len(said))


def write_mentions(where: Where, comments: Sequence[Said]) -> None:
    """Mentions of members only: others are not told of a project that is not theirs."""
    if (
        not any(one.mentions for one in comments)
        and not Mention.objects.filter(comment__document=where.document_id).exists()
    ):
        return
    members = members_of(where.project_id).values()
    rows = dict(
        Comment.objects.filter(document=where.document_id, key__in=[one.key for one in comments]).values_list(
            "key", "pk"
        )
    )
    for one in comments:
        wanted = set(one.mentions) & set(members)
        Mention.objects.filter(comment=rows[one.key]).exclude(user__in=wanted).delete()
        Mention.objects.bulk_create(
            (Mention(comment_id=rows[one.key], user_id=user_id) for user_id in sorted(wanted)), ignore_conflicts=True
        )


def members_of(project_id: int) -> dict[str, int]:
    """Ids of a project's members by name."""
    return dict(Membership.objects.filter(project=project_id).values_list("user__username", "user_id"))


# -- read and unread -----------------------------------------------------------------------------------------------


def unread_by(user: Any) -> QuerySet[Comment]:
    """Comments of others that a person has not read."""
    read = CommentRead.objects.filter(user=user, document=OuterRef("document"), key=OuterRef("key"))
    return Comment.objects.exclude(author_id=user.pk).filter(~Exists(read))


class Counts(NamedTuple):
    comments: int = 0
    unread: int = 0


def counts_of(task_ids: Collection[int], user: Any) -> dict[int, Counts]:
    """How many comments tasks have, and how many of them are news to a person; without those that have none."""
    if not task_ids:
        return {}
    total = Comment.objects.filter(task__in=task_ids).order_by().values_list("task").annotate(Count("pk"))
    unread = dict(unread_by(user).filter(task__in=task_ids).order_by().values_list("task").annotate(Count("pk")))
    return {task_id: Counts(count, unread.get(task_id, 0)) for task_id, count in total}


def unread_keys(document_id: int, user: Any) -> set[str]:
    """Keys of the comments that a person has not read; by the rows."""
    return set(unread_by(user).filter(document=document_id).values_list("key", flat=True))


def read_keys(document_id: int, user: Any) -> set[str]:
    return set(CommentRead.objects.filter(user=user, document=document_id).values_list("key", flat=True))


def mark_read(document_id: int, user: Any, keys: Iterable[str]) -> None:
    with write_turn(), transaction.atomic():
        CommentRead.objects.bulk_create(
            (CommentRead(user=user, document_id=document_id, key=key) for key in keys), ignore_conflicts=True
        )


def mentions_of(user: Any, projects: QuerySet[Any]) -> QuerySet[Any]:
    """Comments that mention a person, in these projects, the newest first. Each has `is_read`, and the task's `excerpt`."""
    read = CommentRead.objects.filter(user=user, document=OuterRef("document"), key=OuterRef("key"))
    found = Comment.objects.filter(Q(mentioned__user=user), project__in=projects).select_related("project")
    return found.annotate(is_read=Exists(read), excerpt=Substr("task__text", 1, EXCERPT_LENGTH)).order_by("-pk")
