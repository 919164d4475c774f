/** The REST API as the workspace needs it: typed, with the session's cookie, and problems as errors that people can read. */

import type { Project, Run, Task, TaskLine, TaskStatus } from "./model";

/** A refusal or a failure, with a sentence for people. Status 0: the server could not be reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
    this.name = "ApiError";
  }
}

export interface TaskQuery {
  readonly after?: number;
  readonly before?: number;
  readonly limit?: number;
  readonly status?: TaskStatus;
  readonly search?: string;
  readonly label?: string;
  readonly annotator?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next: number | null;
}

export declare function getProject(id: number): Promise<Project>;
export declare function getTask(id: number): Promise<Task>;
export declare function listTasks(project: number, query: TaskQuery): Promise<Page<TaskLine>>;
export declare function nextTask(project: number, after: number): Promise<number | null>;
export declare function submit(task: number): Promise<TaskStatus>;
export declare function skip(task: number): Promise<TaskStatus>;
export declare function reopen(task: number): Promise<TaskStatus>;
export declare function startRun(task: number, backend: number): Promise<Run>;
export declare function stopRun(run: number): Promise<void>;
