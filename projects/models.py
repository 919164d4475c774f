"""The records: who annotates what, with which labels, and what came of it. No behaviour beyond what one row knows."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from projects.columns import ExactJSONField
from projects.discussion.models import Comment, CommentRead, Mention

USER = settings.AUTH_USER_MODEL

# Records that have a file of their own; Django looks for all of them here.
__all__ = ["Comment", "CommentRead", "Mention"]


class Role(models.TextChoices):
    """What a member may do in a project; each includes what stands below it."""

    MANAGER = "manager"
    REVIEWER = "reviewer"
    ANNOTATOR = "annotator"
    VIEWER = "viewer"


class HistoryThen(models.TextChoices):
    """What becomes of changes that are older than a project keeps."""

    MERGE = "merge", "become one for each author and minute"
    DROP = "drop", "are forgotten; only what came of them stays"


class Project(models.Model):
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    guidelines = models.TextField(blank=True, help_text="Markdown; shown beside the work.")
    created = models.DateTimeField(default=timezone.now, editable=False)
    history_days = models.PositiveIntegerField(
        "keep every change for",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36_500)],
        help_text="Days. Older changes are compacted as chosen below; empty: everything is kept as it came.",
    )
    history_then = models.CharField(
        "older changes",
        max_length=10,
        choices=HistoryThen.choices,
        default=HistoryThen.MERGE,
        help_text="What becomes of changes that are older.",
    )
    # Raised with every change of fields, labels, members or the project itself: open sessions learn of it by this number.
    revision = models.PositiveBigIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class FieldKind(models.TextChoices):
    """Kinds of question that can be set up now; what a kind means stands in `projects/kinds/`."""

    SPAN = "span", "Spans of text (entities)"
    CHOICE = "choice", "Choice"
    TEXT = "text", "Free text"
    RATING = "rating", "Rating"


class Field(models.Model):
    """One question of a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="fields")
    # What documents hold: the name at creation, never changed, so that a renamed field keeps its annotations.
    key = models.CharField(max_length=100, editable=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=FieldKind.choices)
    multiple = models.BooleanField(default=False, help_text="Choices: several may hold at once.")
    required = models.BooleanField(default=False, help_text="A task cannot be submitted without an answer.")
    minimum = models.IntegerField(default=1, help_text="Ratings: the lowest.")
    maximum = models.IntegerField(
        default=5, help_text="Ratings: the highest.", validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    position = models.PositiveIntegerField(default=0)
    removed = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "key"], name="field_key_once")]

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """One class of a field. Removed labels stay as rows: what uses them stays, marked, until somebody decides."""

    field = models.ForeignKey(Field, on_delete=models.CASCADE, related_name="labels")
    key = models.CharField(max_length=100, editable=False)  # as for Field
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=500, blank=True)
    colour = models.CharField(
        max_length=7, blank=True, validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", "A colour is written #rrggbb.")]
    )
    hotkey = models.CharField(
        max_length=1, blank=True, validators=[RegexValidator(r"^[0-9a-z]$", "A hotkey is one digit or small letter.")]
    )
    position = models.PositiveIntegerField(default=0)
    removed = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["field", "key"], name="label_key_once")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.ANNOTATOR)

    class Meta:
        ordering = ["project", "user"]
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class ApiToken(models.Model):
    """A bearer token for programs. Only its SHA-256 is kept; the token itself is shown once."""

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(max_length=8, editable=False)  # the first characters, to tell tokens apart
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["user", "created"]

    def __str__(self) -> str:
        return f"{self.hint}… of {self.user}"

    @staticmethod
    def digest_of(token: str) -> str:
        """The SHA-256, in hex, under which a token is kept. Tokens are long and random: no salt is needed."""
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def issue(cls, user: Any, name: str = "") -> tuple[ApiToken, str]:
        """Make a token for `user`; returns the row and the token, which cannot be read again."""
        token = "cl_" + secrets.token_urlsafe(32)
        return cls.objects.create(user=user, name=name, digest=cls.digest_of(token), hint=token[:8]), token


class Backend(models.Model):
    """A model that suggests. What a kind of backend is and which settings it takes: `projects/suggestions/`."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="backends")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)  # a name in projects.suggestions.backends.KINDS
    url = models.URLField(blank=True, max_length=500)
    enabled = models.BooleanField(default=True)
    run_on_open = models.BooleanField(default=True, help_text="Called when the first person opens a task.")
    timeout_seconds = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(1), MaxValueValidator(3600)], help_text="The longest a run may take."
    )
    settings = models.JSONField(default=dict, blank=True)
    changed = models.DateTimeField(auto_now=True)  # what ran before this ran with other settings

    class Meta:
        ordering = ["project", "name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="backend_name_once")]

    def __str__(self) -> str:
        return self.name


class TaskStatus(models.TextChoices):
    OPEN = "open"
    IN_PROGRESS = "in_progress", "in progress"
    SUBMITTED = "submitted"
    SKIPPED = "skipped"


class Task(models.Model):
    """One item to annotate. Its media never change; what people and models say of it is in its document."""

    # Here and below: no index of its own for a foreign key with which a longer one begins, or which is mostly null.
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    text = models.TextField()  # exactly as imported, CRLF and all
    data = ExactJSONField(default=dict)  # the other columns of the imported row, in their order; never `text`
    meta = ExactJSONField(default=dict)  # what an importer wants to find again: source file, line, tokenisation
    created = models.DateTimeField(default=timezone.now)
    # The columns below are the projection's (projection.py): copies of what the document says, for tables and counts.
    status = models.CharField(max_length=20, choices=TaskStatus.choices, default=TaskStatus.OPEN)
    annotation_count = models.PositiveIntegerField(default=0)  # what counts as said: accepted
    suggestion_count = models.PositiveIntegerField(default=0)  # undecided
    submitted_by = models.ForeignKey(
        USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False, editable=False
    )
    submitted_at = models.DateTimeField(null=True, editable=False)  # by the server's clock; null where it came so
    changed = models.DateTimeField(default=timezone.now)
    # Whose work it is, where somebody was named: a manager's word, not part of the document.
    assignee = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["project", "id"], name="task_by_project"),
            # Also answers whose turn it is: the next open task of a person, or of nobody.
            models.Index(fields=["project", "assignee", "status", "id"], name="task_by_assignee"),
            # How much was done when and by whom, from the index alone.
            models.Index(
                fields=["project", "submitted_at", "submitted_by"],
                condition=Q(submitted_at__isnull=False),
                name="task_by_submission",
            ),
            models.Index(fields=["assignee", "status"], condition=Q(assignee__isnull=False), name="task_of_assignee"),
            models.Index(fields=["project", "status", "id"], name="task_by_status"),
            models.Index(fields=["project", "id"], condition=Q(suggestion_count__gt=0), name="task_with_suggestions"),
            models.Index(fields=["submitted_by"], condition=Q(submitted_by__isnull=False), name="task_by_submitter"),
        ]

    def __str__(self) -> str:
        return f"Task {self.pk}"


class Document(models.Model):
    """The shared state of one task: where its journal stands. `annotator` is null in a shared project."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="documents")
    annotator = models.ForeignKey(USER, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    epoch = models.PositiveIntegerField(default=1)  # raised when the document is restored or reset
    head = models.PositiveBigIntegerField(default=0)  # sequence number of the last committed update
    projected = models.PositiveBigIntegerField(default=0)  # the head that the projection has seen

    class Meta:
        constraints = [
            # Two of them: SQLite cannot say that nulls are equal.
            models.UniqueConstraint(fields=["task"], condition=Q(annotator=None), name="shared_document_once"),
            models.UniqueConstraint(
                fields=["task", "annotator"], condition=Q(annotator__isnull=False), name="document_once"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(projected__lt=F("head")), name="document_unprojected"),
            models.Index(fields=["annotator"], condition=Q(annotator__isnull=False), name="document_by_annotator"),
        ]


class Update(models.Model):
    """A row of the append-only journal: one committed change of a document, in the Yjs v1 update format."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="updates", db_index=False)
    epoch = models.PositiveIntegerField()
    seq = models.PositiveBigIntegerField()  # contiguous from 1, in commit order
    author_id = models.BigIntegerField(null=True)  # a user's id; no foreign key: history outlives accounts
    origin = models.CharField(max_length=10)  # human, model, import, api
    at = models.DateTimeField()  # the server's clock
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "epoch", "seq"], name="update_seq_once")]


class Compaction(models.Model):
    """How far a document's history was compacted: what lies at or before `seq` is not looked at again."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+", db_index=False)
    epoch = models.PositiveIntegerField()
    seq = models.PositiveBigIntegerField()
    way = models.CharField(max_length=10, choices=HistoryThen.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "epoch"], name="compaction_once")]


class Checkpoint(models.Model):
    """A document's whole state at a sequence number, so that opening does not read the journal from its start."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="checkpoints", db_index=False)
    epoch = models.PositiveIntegerField()
    seq = models.PositiveBigIntegerField()
    state = models.BinaryField()  # a Yjs v1 update that makes the document from nothing
    memory = models.BinaryField(default=b"")  # what the guard must remember besides the state
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["document", "epoch", "seq"], name="checkpoint_seq_once")]


class Annotation(models.Model):
    """The projection of one annotation or suggestion: rows for search, counts and exports. The document is the truth."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", db_index=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="annotations")
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="annotations", db_index=False)
    key = models.CharField(max_length=200)  # its id in the document; `text/<field>` for a free-text answer
    field = models.CharField(max_length=100)  # Field.key
    kind = models.CharField(max_length=20)
    label = models.CharField(max_length=100, null=True)  # Label.key as it holds now
    value = ExactJSONField(null=True)  # as it holds now
    text = models.TextField(null=True)  # the wording of a span
    author_id = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=10)  # human, model, import, api
    status = models.CharField(max_length=12)  # accepted, rejected, suggested, superseded, duplicate
    decided_by_id = models.BigIntegerField(null=True)
    corrected = models.BooleanField(default=False)  # label or value differ from what was first said
    score = models.FloatField(null=True)
    backend = models.CharField(max_length=100, null=True)
    version = models.CharField(max_length=100, null=True)
    run = models.CharField(max_length=64, null=True)
    created = models.CharField(max_length=40)  # the author's claim, ISO 8601, as it stands in the document

    class Meta:
        ordering = ["task", "key"]
        constraints = [models.UniqueConstraint(fields=["document", "key"], name="annotation_key_once")]
        indexes = [
            models.Index(fields=["key"], name="annotation_by_key"),
            # These end in `task`, so that a page of the task table walks them in its own order and stops early;
            # the first two also answer the overview's counts by themselves.
            models.Index(fields=["project", "field", "label", "status", "task"], name="annotation_by_label"),
            models.Index(fields=["project", "origin", "status", "task"], name="annotation_by_origin"),
            models.Index(
                fields=["project", "author_id", "task"],
                condition=Q(author_id__isnull=False),
                name="annotation_by_author",
            ),
            models.Index(
                fields=["project", "decided_by_id", "task"],
                condition=Q(decided_by_id__isnull=False),
                name="annotation_by_decider",
            ),
            # The task table's filter by score, in the order of tasks, from the index alone.
            models.Index(
                fields=["project", "task", "score"], condition=Q(status="suggested"), name="annotation_waiting"
            ),
        ]


class Heartbeat(models.Model):
    """When a process of a kind was last seen on a machine: of the worker nobody could ask."""

    name = models.CharField(max_length=100, unique=True)  # kind@host
    at = models.DateTimeField()


class RunState(models.TextChoices):
    QUEUED = "queued"
    CONNECTING = "connecting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class Run(models.Model):
    """One call of a backend for one task."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="runs")
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.QUEUED)
    started_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    stopped_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.CharField(max_length=100, blank=True)
    suggestions = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # the first few refusals, as sentences
    error = models.CharField(max_length=500, blank=True)
    first_ms = models.FloatField(null=True)  # from the call to the first suggestion
    started = models.DateTimeField(default=timezone.now)
    seen = models.DateTimeField(default=timezone.now)  # when its process last said that it lives
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["task", "backend"],
                condition=Q(state__in=["queued", "connecting", "running"]),
                name="one_run_at_a_time",
            )
        ]


class JobState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobKind(models.TextChoices):
    """What a job does; all but imports are batches (`projects/batches/`)."""

    IMPORT = "import"
    DELETE = "delete_tasks"
    ASSIGN = "assign_tasks"
    RUN = "run_backend"

    @classmethod
    def of_servers(cls) -> list[JobKind]:
        """Kinds that a server carries, which has the rooms; a worker carries the others."""
        return [cls.RUN]


class Job(models.Model):
    """Long work, done in small committed steps from its cursor, so that another worker goes on where one stopped."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="jobs")
    kind = models.CharField(max_length=20, choices=JobKind.choices)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    created_by = models.ForeignKey(USER, null=True, on_delete=models.SET_NULL, related_name="+")
    options = models.JSONField(default=dict)  # what the work needs to know: file, format, columns
    cursor = models.JSONField(default=dict)  # where to go on: written in the transaction of the step itself
    progress = models.FloatField(default=0)  # 0 to 1
    taken = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # the first some hundred: {"line", "field", "reason"}
    error = models.CharField(max_length=1000, blank=True)
    cancel_requested = models.BooleanField(default=False)
    created = models.DateTimeField(default=timezone.now)
    started = models.DateTimeField(null=True)
    seen = models.DateTimeField(null=True)  # when the server that carries it last said so; null where a worker does
    ended = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]


class SavedView(models.Model):
    """A name for what the task table's address says: filters and search. Its owner's own, or shared with the project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="views", db_index=False)
    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)  # as it stands behind the `?`
    shared = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["project", "owner", "name"], name="view_name_once")]

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    """When somebody was last in a task: where to go back to. Only the latest of each person are kept."""

    user = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+", db_index=False)
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "task"], name="visit_once")]
        indexes = [models.Index(fields=["user", "-at"], name="visit_by_user")]
