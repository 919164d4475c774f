/** What happens in a project, live: who is where, which tasks changed, runs. */

import { signal } from "@preact/signals";

import { Line } from "./line";
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

/** Of which task how many comments there are now; whose the new ones are, and whom they mention. */
export interface CommentsNews {
  readonly task: number;
  readonly comments: number;
  readonly new: readonly { readonly id: string; readonly author: number | null; readonly mentions: readonly number[] }[];
}

export interface ProjectSocketOptions {
  /** `/ws/projects/<id>/`. */
  readonly address: string;
  readonly onTasks?: (tasks: readonly TaskChange[]) => void;
  readonly onComments?: (news: CommentsNews) => void;
  readonly onRun?: (run: Run) => void;
  /** The project's questions, labels or members changed: fetch it again. */
  readonly onRevision?: (revision: number) => void;
  /** The connection is back after a break: what was heard before may be old. */
  readonly onReconnected?: () => void;
}

export class ProjectSocket {
  readonly here = signal<readonly Here[]>([]);
  private readonly line: Line;
  private wasOpen = false;

  constructor(private readonly options: ProjectSocketOptions) {
    this.line = new Line({
      address: () => options.address,
      onOpen: () => this.opened(),
      onEvent: (event) => this.told(event),
      onLost: () => (this.here.value = []),
    });
  }

  open(): void {
    this.line.open();
  }

  close(): void {
    this.line.close();
  }

  private opened(): void {
    if (this.wasOpen) this.options.onReconnected?.();
    this.wasOpen = true;
  }

  // The server speaks here, and only to us: its events have the shape that it promises.
  private told(event: Readonly<Record<string, unknown>> & { readonly type: string }): void {
    const { onTasks, onComments, onRun, onRevision } = this.options;
    if (event.type === "here") this.here.value = event.people as readonly Here[];
    else if (event.type === "tasks") onTasks?.(event.tasks as readonly TaskChange[]);
    else if (event.type === "comments") onComments?.(event as unknown as CommentsNews);
    else if (event.type === "run") onRun?.(event.run as Run);
    else if (event.type === "project") onRevision?.(event.revision as number);
  }
}
