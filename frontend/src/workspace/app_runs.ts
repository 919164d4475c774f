/** Runs as a person reads them: one card a backend, its last run in words. Pure. */

import type { Backend, Run } from "./model";
import { t, tn } from "../words/words";

export interface RunView {
  readonly backend: { readonly id: number; readonly name: string };
  readonly id: number | null;
  readonly state: Run["state"] | null;
  readonly active: boolean;
  readonly version: string | null;
  readonly words: string;
  readonly details: string;
  readonly progress: number | null;
  readonly error: string | null;
  readonly problems: readonly string[];
  readonly refused: number;
}

/** A card for every backend that can be asked, and for each that has been. */
export function runViews(backends: readonly Backend[], runs: readonly Run[]): RunView[] {
  const last = new Map<number, Run>();
  for (const run of runs) {
    if (run.id >= (last.get(run.backend.id)?.id ?? 0)) last.set(run.backend.id, run);
  }
  const known = new Set(backends.map((backend) => backend.id));
  const shown = backends.filter((backend) => backend.enabled || last.has(backend.id));
  const gone = [...last.values()].filter((run) => !known.has(run.backend.id));
  return [...shown.map((backend) => view(backend, last.get(backend.id))), ...gone.map((run) => view(run.backend, run))];
}

/** Take in what was heard of a run: its newer state in the place of the older. News may come late, and twice. */
export function withRun(runs: readonly Run[], heard: Run): readonly Run[] {
  const known = runs.find((run) => run.id === heard.id);
  if (known && isActive(heard) && (!isActive(known) || heard.suggestions < known.suggestions)) return runs;
  return [...runs.filter((run) => run.id !== heard.id), heard];
}

function view(backend: { id: number; name: string }, run: Run | undefined): RunView {
  return {
    backend: { id: backend.id, name: backend.name },
    id: run?.id ?? null,
    state: run?.state ?? null,
    active: isActive(run),
    version: run?.version || null,
    words: run ? words(run) : t("not asked yet"),
    details: run ? details(run) : "",
    progress: run?.progress ?? null,
    error: run?.error || null,
    problems: run?.problems.map(sentence) ?? [],
    refused: Math.max(run?.refused ?? 0, run?.problems.length ?? 0),
  };
}

function isActive(run: Run | undefined): boolean {
  return run !== undefined && ["queued", "connecting", "running"].includes(run.state);
}

function words(run: Run): string {
  const known: Readonly<Record<string, string>> = {
    queued: t("waiting"),
    connecting: t("connecting"),
    running: t("streaming"),
    done: t("done"),
    stopped: run.stopped_by ? t("stopped by {who}", { who: run.stopped_by }) : t("stopped"),
    failed: t("failed"),
  };
  return known[run.state] ?? run.state;
}

function details(run: Run): string {
  const count = tn(run.suggestions, "{n} suggestion", "{n} suggestions");
  const first = run.first_ms === null ? null : t("first after {time}", { time: milliseconds(run.first_ms) });
  return [isActive(run) || run.suggestions || run.state === "done" ? count : null, first, run.message].filter(Boolean).join(" · ");
}

function milliseconds(value: number): string {
  return value < 1000 ? `${Math.max(1, Math.round(value))} ms` : `${(value / 1000).toFixed(1)} s`;
}

function sentence(problem: unknown): string {
  return typeof problem === "string" ? problem : JSON.stringify(problem);
}
