"""The projection of comments: rows for lists, counts and exports, and what each person has read. The document is the truth."""

from __future__ import annotations

from django.conf import settings
from django.db import models

USER = settings.AUTH_USER_MODEL


class Comment(models.Model):
    """One comment as it stands in its document, with the resolution of the thread that it begins."""

    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+", db_index=False)
    task = models.ForeignKey("projects.Task", on_delete=models.CASCADE, related_name="comments")
    document = models.ForeignKey("projects.Document", on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=64)  # its id in the document
    on = models.CharField(max_length=64, null=True)  # the annotation that it speaks of; null: the task
    reply_to = models.CharField(max_length=64, null=True)  # the comment that began its thread; null: it begins one
    author_id = models.BigIntegerField(null=True)
    body = models.TextField()
    quote = models.TextField(null=True)  # how the annotation read when this was said: it may be gone
    mentions = models.JSONField(default=list)  # users' ids
    created = models.CharField(max_length=40)  # the author's claim, ISO 8601, as it stands in the document
    edited = models.CharField(max_length=40, null=True)
    resolved_by_id = models.BigIntegerField(null=True)
    resolved_at = models.CharField(max_length=40, null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["document", "key"], name="comment_key_once")]
        indexes = [models.Index(fields=["project", "task"], name="comment_by_project")]

    def __str__(self) -> str:
        return self.body[:60]


class Mention(models.Model):
    """Somebody is mentioned in a comment."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentioned", db_index=False)
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="mentions", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="mention_once")]
        indexes = [models.Index(fields=["user", "comment"], name="mention_by_user")]


class CommentRead(models.Model):
    """Somebody has read a comment. By its key, not its row: a comment that is taken back and comes again was read."""

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+", db_index=False)
    document = models.ForeignKey("projects.Document", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "document", "key"], name="comment_read_once")]
