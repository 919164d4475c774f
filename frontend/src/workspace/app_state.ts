/** The workspace as its panels see it: one project, one task at a time, and this window's own state. Answers questions; what
 * people do is in app_actions.ts. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { Activity } from "./app_activity";
import { Mentions } from "./app_discussion";
import { atLeast, compareByPlace, compareByScore, spanOf } from "./app_entries";
import { Queue, type PageQuery } from "./app_queue";
import { runViews, withRun } from "./app_runs";
import { savedWords } from "./app_saved";
import { Ui } from "./app_ui";
import { KeptOrder } from "./kept_order";
import { type Command, Keyboard, type LabelHotkey } from "./keyboard";
import type { Boot, Field, Label, Person, Project, Resolved, Run, Task, TaskLine } from "./model";
import { Offsets } from "./offsets";
import type { OpenTask } from "./open_task";
import { Preferences } from "./preferences";
import type { Presence } from "./presence";
import type { Here } from "./project_socket";
import { Schema } from "./schema";

/** A label's colour where it has none that can be read. */
const NO_COLOUR = "#8a95a3";

/** Code points of a span that lists show: nobody reads more there. */
const LONGEST_WORDING = 200;

const NO_COUNTS: ReadonlyMap<string, number> = new Map();

export interface LabelLook {
  readonly name: string;
  readonly colour: string;
  readonly removed: boolean;
}

/** A task on screen: opened, with its text's offsets. */
export interface Shown {
  readonly task: Task;
  readonly open: OpenTask;
  readonly offsets: Offsets;
  readonly activity: Activity;
}

/** What the workspace is made of: handed in by page.tsx. */
export interface Parts {
  readonly boot: Boot;
  readonly open: (task: Task, schema: ReadonlySignal<Schema>, onRun: (run: Run) => void) => OpenTask;
  readonly fetchPage: (query: PageQuery) => Promise<readonly TaskLine[]>;
  readonly here: ReadonlySignal<readonly Here[]>;
}

export class WorkspaceState {
  readonly ui = new Ui();
  readonly me: Person;
  readonly login: string;
  readonly mac = /Mac|iPhone|iPad/.test(navigator.platform);
  readonly queue: Queue;
  /** A submit, skip or reopen is on its way. */
  readonly deciding = signal(false);
  readonly project;
  readonly schema = computed(() => Schema.of(this.project.value));
  readonly shown;
  readonly runList;

  readonly task = computed(() => this.shown.value.task);
  readonly document = computed(() => this.shown.value.open.document);
  readonly discussion = computed(() => this.shown.value.open.discussion);
  /** Comments that mention me, in all tasks of the project. */
  readonly mentions: Mentions;
  readonly connection = computed(() => this.shown.value.open.connection);
  readonly presence = computed(() => this.shown.value.open.presence);
  readonly offsets = computed(() => this.shown.value.offsets);

  readonly preferences;
  readonly keyboard = computed(() => new Keyboard(hotkeys(this.project.value), this.mac, this.preferences.keys.value));
  private readonly orders = {
    accepted: new KeptOrder(compareByPlace),
    text: new KeptOrder(compareByPlace),
    score: new KeptOrder(compareByScore),
    inText: new KeptOrder(compareByPlace),
  };
  /** The lists beside the text: empty until it is painted with its marks. */
  readonly listed = signal(false);
  readonly accepted = computed(() => this.orders.accepted.of(this.listedOf(this.document.value.accepted)));
  /** All that nobody decided on yet; `suggestions` are those that are shown. */
  readonly waiting = computed(() => this.listedOf(this.document.value.suggestions));
  readonly suggestions = computed(() => {
    const shown = this.ui.onlyAbove.value ? atLeast(this.waiting.value, this.ui.threshold.value) : this.waiting.value;
    return this.orders[this.ui.order.value].of(shown);
  });
  /** Every mark in the text, labels and suggestions, from its beginning to its end. */
  readonly inText = computed(() => this.orders.inText.of([...this.accepted.value, ...this.suggestions.value].filter(spanOf)));
  readonly counts = computed(() => (this.listed.value ? this.document.value.counts.value : NO_COUNTS));
  readonly state = computed(() => this.document.value.state.value);
  readonly status = computed(() => this.state.value.status);
  readonly role = computed(() => this.connection.value.rights.value?.role ?? this.project.value.role ?? "viewer");
  readonly isClosed = computed(() => this.connection.value.state.value.name === "closed");
  /** Whether this person may write here; now he may only where he does not look at the past. */
  readonly isWriter = computed(() => !this.isClosed.value && (this.connection.value.rights.value?.mayWrite ?? this.role.value !== "viewer"));
  readonly mayWrite = computed(() => this.isWriter.value && this.ui.past.value === null);
  readonly saved = computed(() => savedWords(this.connection.value.state.value, this.connection.value.unsaved.value, this.connection.value.isKept.value));
  readonly isLive = computed(() => this.connection.value.state.value.name === "synced");
  readonly latency = computed(() => this.connection.value.latency.value);
  readonly refused = computed(() => this.connection.value.refused.value);
  readonly undoWords = computed(() => this.shown.value.open.undo.undoWords.value);
  readonly redoWords = computed(() => this.shown.value.open.undo.redoWords.value);
  readonly colleagues = computed(() => this.presence.value.others.value);
  readonly others = computed(() => peopleOf(this.colleagues.value, this.me.id));
  /** Who else has selected an annotation. */
  readonly lookers = computed(() => peopleByMark(this.colleagues.value));
  readonly runs = computed(() => runViews(this.project.value.backends, this.runList.value));
  readonly severalBackends = computed(() => new Set(this.suggestions.value.map((mark) => mark.backend)).size > 1);
  readonly unanswered = computed(() => this.fieldsWithoutAnswer());
  /** The comments are on screen. */
  readonly isCommentsOpen = computed(() => this.ui.tab.value === "comments" && (this.ui.sheet.value === "right" || !this.isNarrow.value));
  /** The side panels are sheets that lie over the text; as in layout.css. */
  readonly isNarrow = signal(false);
  readonly deed = computed(() => this.shown.value.activity.last.value);

  constructor(protected readonly parts: Parts) {
    const { boot } = parts;
    this.me = boot.me;
    this.preferences = new Preferences(boot.me.id);
    this.login = boot.login;
    this.project = signal<Project>(boot.project);
    this.runList = signal<readonly Run[]>(boot.task.runs);
    this.mentions = new Mentions(boot.project.id);
    this.shown = signal<Shown>(this.openTask(boot.task));
    this.queue = new Queue(parts.fetchPage, parts.here);
  }

  protected openTask(task: Task): Shown {
    const open = this.parts.open(task, this.schema, (run) => this.hearRun(run));
    return { task, open, offsets: new Offsets(task.text), activity: new Activity(open.document, this, open.authors) };
  }

  hearRun(run: Run): void {
    if (run.task === this.task.peek().id) this.runList.value = withRun(this.runList.peek(), run);
  }

  keys(command: Command): readonly string[] {
    return this.keyboard.value.keys(command);
  }

  addressOf(task: number): string {
    return `/projects/${this.project.value.id}/tasks/${task}/`;
  }

  field(key: string): Field | undefined {
    return this.schema.value.field(key);
  }

  /** How a mark's label reads and looks; fields without labels go by their own name. */
  labelOf(mark: Pick<Resolved, "field" | "label" | "labelRemoved">): LabelLook {
    const label = this.schema.value.label(mark.field, mark.label);
    const name = label?.name ?? mark.label ?? this.field(mark.field)?.name ?? mark.field;
    return { name, colour: label ? this.colourOf(label) : NO_COLOUR, removed: mark.labelRemoved };
  }

  colourOf(label: Label): string {
    return /^#[0-9a-f]{6}$/i.test(label.colour) ? label.colour : NO_COLOUR;
  }

  /** What a mark says, for lists and messages: the text under a span, the answer to a field. */
  wording(mark: Resolved): string {
    const span = spanOf(mark);
    if (span) return this.offsets.value.slice(span.start, Math.min(span.end, span.start + LONGEST_WORDING)).replace(/\s+/g, " ");
    const field = this.field(mark.field)?.name ?? mark.field;
    if (mark.kind === "rating") return `${field}: ${numberOf(mark) ?? "?"}`;
    return mark.label === null ? field : `${field}: ${this.labelOf(mark).name}`;
  }

  /** Who said it: "you", "ada + ben", "ner-learner · accepted by ada". */
  credit(mark: Resolved): string {
    if (mark.origin === "model") {
      const deed = mark.corrected ? "corrected" : "accepted";
      return `${mark.backend ?? "a model"} · ${deed} by ${this.nameOf(mark.decidedBy)}`;
    }
    const changed = mark.corrected ? " · changed" : "";
    if (mark.origin === "import") return `imported${changed}`;
    const people = [mark.author, ...mark.alsoBy].map((id) => this.nameOf(id)).join(" + ");
    return `${people}${mark.origin === "api" ? " (by program)" : ""}${changed}`;
  }

  nameOf(user: number | null): string {
    if (user === this.me.id) return "you";
    const member = this.project.value.members.find((each) => each.user === user);
    return member?.username ?? this.others.value.find((person) => person.id === user)?.name ?? "somebody";
  }

  /** False for a suggestion that is less sure than what the person wants to see. */
  isShown(mark: Resolved): boolean {
    return !this.ui.onlyAbove.value || mark.status !== "suggested" || atLeast([mark], this.ui.threshold.value).length > 0;
  }

  colourOfPerson(user: number | null): string {
    if (user === this.me.id) return this.me.colour;
    return this.project.value.members.find((each) => each.user === user)?.colour ?? NO_COLOUR;
  }

  selectedMark(): Resolved | undefined {
    const id = this.ui.selected.value;
    return id === null ? undefined : this.mark(id);
  }

  /** As it holds now; read so that a change is noticed. */
  mark(id: string): Resolved | undefined {
    return this.document.value.version.value < 0 ? undefined : this.document.value.get(id);
  }

  selectedHas(field: string, label: string): boolean {
    const mark = this.selectedMark();
    return mark !== undefined && mark.field === field && mark.label === label;
  }

  hasAnswer(field: string, label: string): boolean {
    return this.answers(field).some((mark) => mark.label === label);
  }

  suggestedAnswer(field: string, label: string): Resolved | undefined {
    return this.suggestions.value.find((mark) => mark.field === field && mark.label === label);
  }

  ratingOf(field: string): number | null {
    return numberOf(this.answers(field)[0]);
  }

  suggestedRating(field: string): number | null {
    return numberOf(this.suggestions.value.find((mark) => mark.field === field));
  }

  /** Free text is read and written in its own editor, not in lists. */
  private listedOf(marks: ReadonlySignal<readonly Resolved[]>): readonly Resolved[] {
    return this.listed.value ? marks.value.filter((mark) => mark.kind !== "text") : [];
  }

  private answers(field: string): readonly Resolved[] {
    return this.accepted.value.filter((mark) => mark.field === field);
  }

  private isAnswered(field: string): boolean {
    return this.document.value.accepted.value.some((mark) => mark.field === field);
  }

  private fieldsWithoutAnswer(): ReadonlySet<string> {
    const wanting = this.project.value.fields.filter((field) => field.required && !field.removed && !this.isAnswered(field.key));
    return new Set(wanting.map((field) => field.key));
  }
}

function numberOf(mark: Resolved | undefined): number | null {
  return typeof mark?.value === "number" ? mark.value : null;
}

function hotkeys(project: Project): LabelHotkey[] {
  const usable = project.fields.filter((field) => !field.removed);
  return usable.flatMap((field) => field.labels.filter((label) => label.hotkey && !label.removed).map((label) => ({ hotkey: label.hotkey, field: field.key, label: label.key })));
}

/** Each person once, however many tabs; my other tabs are me. */
function peopleOf(colleagues: readonly Presence[], me: number): Person[] {
  const people = new Map(colleagues.map(({ user }) => [user.id, user]));
  people.delete(me);
  return [...people.values()];
}

function peopleByMark(colleagues: readonly Presence[]): ReadonlyMap<string, readonly Person[]> {
  const people = new Map<string, Person[]>();
  for (const { lookingAt, user } of colleagues) {
    if (lookingAt !== null) people.set(lookingAt, [...(people.get(lookingAt) ?? []), user]);
  }
  return people;
}
