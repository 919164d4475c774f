/** One open task: its document, its connection, who is there, what can be undone. The one place where these are joined. */

import type { ReadonlySignal } from "@preact/signals";

import { Connection, type ServerEvent } from "./connection";
import { TaskDocument } from "./document";
import type { Person, Task } from "./model";
import type { PresenceView } from "./presence";
import type { Schema } from "./schema";
import { UndoStack } from "./undo";

export interface OpenTask {
  readonly document: TaskDocument;
  readonly connection: Connection;
  readonly presence: PresenceView;
  readonly undo: UndoStack;
  /** Leave: what is unsaved stays in this browser and is sent the next time. */
  close(): void;
}

export interface OpenTaskOptions {
  readonly task: Task;
  readonly schema: ReadonlySignal<Schema>;
  readonly me: Person;
  readonly onEvent?: (event: ServerEvent) => void;
}

export declare function openTask(options: OpenTaskOptions): OpenTask;
