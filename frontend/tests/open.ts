/** Tabs for tests: a task opened as the workspace opens it, on Node's WebSocket and a fake IndexedDB. */

import "fake-indexeddb/auto";

import { signal } from "@preact/signals";
import { WebSocket } from "ws";

import type { Field } from "../src/workspace/model";
import { type OpenTask, openTask } from "../src/workspace/open_task";
import { Schema } from "../src/workspace/schema";

Object.assign(globalThis, { WebSocket });

const label = (key: string): Field["labels"][number] => ({ id: 1, key, name: key, description: "", colour: "", hotkey: "", removed: false });

export function fieldOf(key: string, kind: string, labels: readonly string[], multiple = false): Field {
  const range = { minimum: 1, maximum: 5 };
  return { id: 1, key, name: key, kind, multiple, required: false, removed: false, labels: labels.map(label), ...range };
}

export const FIELDS: readonly Field[] = [
  fieldOf("entities", "span", ["person", "place"]),
  fieldOf("sentiment", "choice", ["positive", "neutral", "negative"]),
  fieldOf("topics", "choice", ["a", "b"], true),
  fieldOf("quality", "rating", []),
  fieldOf("note", "text", []),
];

export type Tab = OpenTask & { leave(): Promise<void> };

const tabs = new Set<Tab>();

export function openTab(socket: string, user: number, document = 1, epoch = 1): Tab {
  const me = { id: user, name: `user-${user}`, colour: "#3557e0" };
  const task = openTask({ task: { id: 1, documents: [{ id: document, epoch, socket }] }, schema: signal(new Schema(FIELDS)), me });
  const leave = (): Promise<void> => {
    tabs.delete(tab);
    task.close();
    return task.connection.close();
  };
  const tab = { ...task, leave };
  tabs.add(tab);
  return tab;
}

export async function leaveAll(): Promise<void> {
  await Promise.all([...tabs].map((tab) => tab.leave()));
}

/** Wait for a fact. */
export async function until(fact: () => boolean, what = fact.toString()): Promise<void> {
  for (const begun = performance.now(); !fact();) {
    if (performance.now() - begun > 20_000) throw new Error(`It did not become true: ${what}`);
    await new Promise((soon) => setTimeout(soon, 2));
  }
}

export async function isSaved(tab: Tab): Promise<void> {
  await until(() => tab.connection.state.value.name === "synced" && tab.connection.unsaved.value === 0, "everything is saved");
}
