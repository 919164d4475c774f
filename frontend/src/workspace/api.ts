/** The REST API as the workspace needs it: typed, with the session's cookie, and problems as errors that people can read. */

import type { Json, Project, Run, Task, TaskLine, TaskStatus } from "./model";
import type { UpdateRow } from "./replay";
import { t } from "../words/words";

const MOST_SECONDS = 30;

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

type Method = "GET" | "POST" | "DELETE";

export function getProject(id: number): Promise<Project> {
  return request<Project>("GET", `/api/projects/${id}`);
}

export function getTask(id: number): Promise<Task> {
  return request<Task>("GET", `/api/tasks/${id}`);
}

export function listTasks(project: number, query: TaskQuery): Promise<Page<TaskLine>> {
  return request<Page<TaskLine>>("GET", `/api/projects/${project}/tasks${asSearch(query)}`);
}

/** The next task that waits for somebody, or null where there is none. */
export async function nextTask(project: number, after: number): Promise<number | null> {
  const found = await request<{ task: number | null }>("GET", `/api/projects/${project}/next${asSearch({ after })}`);
  return found.task;
}

export function submit(task: number): Promise<TaskStatus> {
  return decide(task, "submit");
}

export function skip(task: number): Promise<TaskStatus> {
  return decide(task, "skip");
}

export function reopen(task: number): Promise<TaskStatus> {
  return decide(task, "reopen");
}

export interface WordingOf {
  readonly label: string | null;
  readonly value: Json;
  readonly text: string | null;
}

/** One thing that was done; names as they are today. */
export interface DeedDone extends WordingOf {
  readonly verb: string;
  readonly annotation: string | null;
  readonly field: string | null;
  readonly kind: string | null;
  readonly was: WordingOf | null;
  readonly backend: string | null;
  readonly version: string | null;
  readonly score: number | null;
}

export interface HistoryRow {
  readonly seq: number;
  readonly at: string;
  readonly author: string | null;
  readonly origin: string;
  readonly deeds: readonly DeedDone[];
  readonly more: number;
}

export function listHistory(task: number, query: { before?: number; limit: number; annotation?: string }): Promise<Page<HistoryRow> & { head: number }> {
  return request("GET", `/api/tasks/${task}/history${asSearch(query)}`);
}

export function listUpdates(task: number, after: number): Promise<Page<UpdateRow>> {
  return request("GET", `/api/tasks/${task}/history/updates${asSearch({ after })}`);
}

/** A comment that mentions me. */
export interface Mention {
  readonly id: string;
  readonly task: number;
  readonly on: string | null;
  readonly author: string | null;
  readonly body: string;
  readonly quote: string | null;
  readonly created: string;
  readonly excerpt: string;
  readonly unread: boolean;
}

/** Of this project, the newest. */
export function listMentions(project: number): Promise<{ items: readonly Mention[]; unread: number }> {
  return request("GET", `/api/mentions${asSearch({ project, limit: 50 })}`);
}

/** Ids of a task's comments that I have not read. */
export async function unreadComments(task: number): Promise<string[]> {
  const { items } = await request<Page<{ id: string; unread: boolean }>>("GET", `/api/tasks/${task}/comments`);
  return items.filter(({ unread }) => unread).map(({ id }) => id);
}

export async function readComments(task: number, comments: readonly string[]): Promise<void> {
  await request<unknown>("POST", `/api/tasks/${task}/comments/read`, { comments });
}

export function startRun(task: number, backend: number): Promise<Run> {
  return request<Run>("POST", `/api/tasks/${task}/runs`, { backend });
}

export async function stopRun(run: number): Promise<void> {
  await request<unknown>("DELETE", `/api/runs/${run}`);
}

async function decide(task: number, deed: "submit" | "skip" | "reopen"): Promise<TaskStatus> {
  return (await request<{ status: TaskStatus }>("POST", `/api/tasks/${task}/${deed}`)).status;
}

// What comes back is our own server's: its shape is a promise, checked by the server's tests.
async function request<T>(method: Method, address: string, body?: object): Promise<T> {
  const answer = await reach(method, address, body);
  const text = await answer.text();
  if (!answer.ok) throw new ApiError(answer.status, sentenceOf(answer.status, text));
  return (text ? JSON.parse(text) : null) as T;
}

async function reach(method: Method, address: string, body?: object): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = csrfToken();
  if (body) headers["Content-Type"] = "application/json";
  const signal = AbortSignal.timeout(MOST_SECONDS * 1000);
  try {
    return await fetch(address, { method, headers, signal, credentials: "same-origin", ...(body && { body: JSON.stringify(body) }) });
  } catch {
    throw new ApiError(0, t("The server cannot be reached right now. Please try again in a moment."));
  }
}

/** A problem's own sentence (`detail`, else `title`), or what its status means. */
export function sentenceOf(status: number, body: string): string {
  try {
    const problem = JSON.parse(body) as { detail?: unknown; title?: unknown } | null;
    if (typeof problem?.detail === "string" && problem.detail) return problem.detail;
    if (typeof problem?.title === "string" && problem.title) return problem.title;
  } catch {
    // Not ours, for example a proxy's page: the status has to do.
  }
  if (status === 401) return t("Please log in again.");
  if (status === 403) return t("You are not allowed to do this.");
  if (status === 404) return t("There is no such thing here any more.");
  return `The server could not do this (it answered ${status}). Please try again in a moment.`;
}

/** The cookie is the freshest; the page holds a copy for browsers in which scripts may not read it. */
function csrfToken(): string {
  const cookie = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1];
  return cookie ?? document.querySelector<HTMLElement>("[data-csrf]")?.dataset.csrf ?? "";
}

function asSearch(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}` : "";
}
