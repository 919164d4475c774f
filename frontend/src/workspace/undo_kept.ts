/** My steps in a task, kept in this browser, so that undo goes on after a reload. Removed when I log out, like all that is kept of tasks. */

import { NO_STEPS, type Step, type Steps } from "./undo_steps";

/** As `static/js/local_data.js` knows them. */
const PREFIX = "colabel/undo/";
const MOST_STEPS = 100;
const MOST_CHARACTERS = 200_000;
const MOST_TASKS = 20;
const WAIT_MS = 200;

interface Kept extends Steps {
  readonly at: number;
}

export interface StepStore {
  load(): Steps;
  save(steps: () => Steps): void;
  close(): void;
}

/** For one person and one document (an epoch of it). */
export function keptSteps(person: number, document: number, epoch: number): StepStore {
  const name = `${PREFIX}${person}/${document}/${epoch}`;
  let waiting: (() => Steps) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting) write(name, waiting());
    waiting = null;
  };
  // Node, where this is tested, has no pages.
  if ("addEventListener" in globalThis) addEventListener("pagehide", flush);
  return {
    load: () => read(name) ?? NO_STEPS,
    save(steps): void {
      waiting = steps;
      // A key must be painted first.
      timer ??= setTimeout(flush, WAIT_MS);
    },
    close(): void {
      flush();
      if ("removeEventListener" in globalThis) removeEventListener("pagehide", flush);
    },
  };
}

/** As many of the last steps as there is room for. */
export function fitting(steps: readonly Step[], most: number = MOST_CHARACTERS): readonly Step[] {
  const kept: Step[] = [];
  let room = most;
  for (const step of [...steps].reverse().slice(0, MOST_STEPS)) {
    if (!step.changes.length) continue;
    room -= JSON.stringify(step).length;
    if (room < 0) break;
    kept.unshift(step);
  }
  return kept;
}

function write(name: string, { done, undone }: Steps): void {
  const kept: Kept = { at: Date.now(), done: fitting(done), undone: fitting(undone) };
  try {
    if (kept.done.length || kept.undone.length) localStorage.setItem(name, JSON.stringify(kept));
    else localStorage.removeItem(name);
    forgetOldest();
  } catch {
    // Storage may be switched off or full: undo then ends with the page.
  }
}

function read(name: string): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(name) ?? "null") as Partial<Kept> | null;
    return Array.isArray(kept?.done) && Array.isArray(kept.undone) ? { at: Number(kept.at), done: kept.done, undone: kept.undone } : null;
  } catch {
    return null;
  }
}

function forgetOldest(): void {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));
  if (names.length <= MOST_TASKS) return;
  const oldest = names.map((name) => ({ name, at: read(name)?.at ?? 0 })).sort((a, b) => a.at - b.at);
  for (const { name } of oldest.slice(0, names.length - MOST_TASKS)) localStorage.removeItem(name);
}
