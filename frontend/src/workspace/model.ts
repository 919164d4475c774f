/** The words of a task's document, of the API and of the sockets, as types. Knows no Yjs, no network, no screen. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An annotation's id; a free-text answer goes by its root, `text/<field>`. */
export type Id = string;

export type Role = "manager" | "reviewer" | "annotator" | "viewer";
export type Origin = "human" | "model" | "import" | "api";
export type Status = "accepted" | "rejected" | "suggested" | "superseded" | "duplicate";
export type Decision = "accepted" | "rejected";
export type TaskStatus = "open" | "in_progress" | "submitted" | "skipped";

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly colour: string;
}

/** What the root `annotations` holds under an id: as it was first said, never replaced. */
export interface Statement {
  readonly kind: string;
  readonly field: string;
  readonly label: string | null;
  readonly value: Json;
  readonly author: number | null;
  readonly origin: Origin;
  readonly created: string;
  readonly backend?: string;
  readonly version?: string;
  readonly score?: number;
  readonly run?: string;
}

/** An annotation or suggestion as it holds now: label and value as corrected since, and what was decided of it. */
export interface Resolved {
  readonly id: Id;
  readonly kind: string;
  readonly field: string;
  readonly label: string | null;
  readonly value: Json;
  readonly author: number | null;
  readonly origin: Origin;
  readonly created: string;
  readonly status: Status;
  readonly decidedBy: number | null;
  /** Label or value differ from what was first said. */
  readonly corrected: boolean;
  /** Who said the same thing besides its author: duplicates count once and credit all. */
  readonly alsoBy: readonly number[];
  /** The field or the label was removed from the project; it stays, marked, until somebody decides. */
  readonly labelRemoved: boolean;
  readonly score: number | null;
  readonly backend: string | null;
  readonly version: string | null;
  readonly run: string | null;
}

/** As the mock calls it: what is drawn into the text. */
export type Mark = Resolved;

export interface Span {
  /** Unicode code points into the task's text; end exclusive. */
  readonly start: number;
  readonly end: number;
}

export interface Label {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly description: string;
  readonly colour: string;
  readonly hotkey: string;
  readonly removed: boolean;
}

export interface Field {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  readonly kind: string;
  readonly multiple: boolean;
  readonly required: boolean;
  readonly minimum: number;
  readonly maximum: number;
  readonly removed: boolean;
  readonly labels: readonly Label[];
}

export interface Member {
  readonly id: number;
  readonly user: number;
  readonly username: string;
  readonly colour: string;
  readonly role: Role;
}

export interface Backend {
  readonly id: number;
  readonly name: string;
  readonly kind: string;
  readonly enabled: boolean;
}

/** GET /api/projects/{id}. */
export interface Project {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  readonly guidelines: string;
  readonly guidelines_html: string;
  readonly revision: number;
  readonly role: Role | null;
  readonly fields: readonly Field[];
  readonly members: readonly Member[];
  readonly backends: readonly Backend[];
  readonly counts: Readonly<Record<"tasks" | TaskStatus, number>>;
}

export type RunState = "queued" | "connecting" | "running" | "done" | "stopped" | "failed";

/** One call of a backend for one task. */
export interface Run {
  readonly id: number;
  readonly task: number;
  readonly backend: { readonly id: number; readonly name: string };
  readonly state: RunState;
  /** 0 to 1, where the backend says. */
  readonly progress: number | null;
  readonly message: string | null;
  readonly suggestions: number;
  readonly refused: number;
  readonly problems: readonly Json[];
  readonly first_ms: number | null;
  readonly version: string | null;
  readonly error: string | null;
  readonly started_by: string | null;
  readonly stopped_by: string | null;
}

export interface DocumentAddress {
  readonly id: number;
  readonly epoch: number;
  readonly socket: string;
}

/** GET /api/tasks/{id}. */
export interface Task {
  readonly id: number;
  readonly project: number;
  readonly text: string;
  readonly data: Readonly<Record<string, Json>>;
  readonly meta: Readonly<Record<string, Json>>;
  readonly status: TaskStatus;
  readonly documents: readonly DocumentAddress[];
  readonly runs: readonly Run[];
  /** Its place in the project, counted from 1, of `total`. */
  readonly position: number;
  readonly total: number;
}

/** A task in a list. */
export interface TaskLine {
  readonly id: number;
  readonly excerpt: string;
  readonly status: TaskStatus;
  readonly annotations: number;
  readonly suggestions: number;
  readonly comments: number;
  readonly unread: number;
  readonly changed: string;
}

/** What the server puts into the workspace page. */
export interface Boot {
  readonly project: Project;
  readonly task: Task;
  readonly me: Person;
  readonly login: string;
  /** The demo project, where newcomers are shown around. */
  readonly demo: boolean;
}

/** Read the page's boot data. Throws where the page has none: then it is not the workspace. */
export function readBoot(page: Document): Boot {
  const holder = page.getElementById("boot");
  if (!holder?.textContent) throw new Error("The page holds no boot data.");
  return JSON.parse(holder.textContent) as Boot;
}
