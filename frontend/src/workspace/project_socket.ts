/** What happens in a project, live: who is where, which tasks changed, runs. */

import { type ReadonlySignal, signal } from "@preact/signals";

import type { Person, Run, TaskStatus } from "./model";

export interface Here {
  readonly session: string;
  readonly user: Person;
  readonly task: number;
}

export interface TaskChange {
  readonly id: number;
  readonly status: TaskStatus;
  readonly annotations: number;
  readonly suggestions: number;
}

export interface ProjectSocketOptions {
  /** `/ws/projects/<id>/`. */
  readonly address: string;
  readonly onTasks?: (tasks: readonly TaskChange[]) => void;
  readonly onRun?: (run: Run) => void;
  /** The project's questions, labels or members changed: fetch it again. */
  readonly onRevision?: (revision: number) => void;
  /** The connection is back after a break: what was heard before may be old. */
  readonly onReconnected?: () => void;
}

export class ProjectSocket {
  readonly here: ReadonlySignal<readonly Here[]> = signal([]);

  constructor(readonly options: ProjectSocketOptions) {}

  open(): void {}

  close(): void {}
}
