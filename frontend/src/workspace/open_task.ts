/** One open task: its document, its connection, who is there, what can be undone. The one place where these are joined. */

import type { ReadonlySignal } from "@preact/signals";

import { connect } from "./connect";
import type { Connection } from "./connection";
import type { ServerEvent } from "./connection_state";
import { TaskDocument } from "./document";
import { Discussion } from "./discussion";
import type { Person, Task } from "./model";
import { PresenceView } from "./presence";
import type { Authors, Removals } from "./removals";
import type { Schema } from "./schema";
import { UndoStack } from "./undo";
import { keptSteps } from "./undo_kept";

export interface OpenTask {
  readonly document: TaskDocument;
  readonly discussion: Discussion;
  readonly connection: Connection;
  readonly presence: PresenceView;
  readonly undo: UndoStack;
  readonly authors: Authors;
  /** Leave: what is unsaved stays in this browser and is sent the next time. */
  close(): void;
}

export interface OpenTaskOptions {
  readonly task: Pick<Task, "id" | "documents">;
  readonly schema: ReadonlySignal<Schema>;
  readonly me: Person;
  readonly onEvent?: (event: ServerEvent) => void;
  /** Begun already, see `connect`. */
  readonly connection?: Connection | undefined;
}

export function openTask({ task, schema, me, onEvent, connection = connect(task, me) }: OpenTaskOptions): OpenTask {
  const [address] = task.documents;
  const undo = new UndoStack(connection.doc, address && keptSteps(me.id, address.id, address.epoch));
  const goOn = connection.ready.subscribe((isReady) => isReady && undo.restoreOnce());
  const document = new TaskDocument({ doc: connection.doc, schema, me, undo });
  const discussion = new Discussion({ doc: connection.doc, me, undo });
  const presence = new PresenceView(connection.awareness);
  if (onEvent) connection.onEvent(onEvent);
  return {
    document,
    discussion,
    connection,
    presence,
    undo,
    authors: authorsOf(document, connection.removals),
    close(): void {
      document.close();
      discussion.close();
      presence.close();
      goOn();
      undo.close();
      void connection.close();
    },
  };
}

/** What was put back to how it was first made has no correction to read from: there it counts who took that away. */
function authorsOf(document: TaskDocument, removals: Removals): Authors {
  return {
    removedBy: (id) => removals.by("annotations", id),
    correctedBy: (id, what) => document.correctedBy(id, what) ?? removals.by(what, id),
  };
}
