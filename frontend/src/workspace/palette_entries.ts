/** What the command palette offers. Knows commands and labels; draws nothing. */

import { t } from "../words/words";
import type { Workspace } from "./app_actions";
import { ALL_COMMANDS, COMMANDS, groups } from "./commands";
import { DEEDS } from "./deeds";
import type { PaletteEntry } from "./palette_search";

/** What makes no sense from within the palette. */
const NOT_OFFERED = new Set(["palette"]);

export function paletteEntries(workspace: Workspace): PaletteEntry[] {
  return [...labels(workspace), ...commands(workspace), ...runs(workspace)];
}

function commands(workspace: Workspace): PaletteEntry[] {
  const names = new Map(groups().map(({ group, name }) => [group, name]));
  const usable = ALL_COMMANDS.filter((command) => !NOT_OFFERED.has(command) && (workspace.mayWrite.value || !COMMANDS[command].writes));
  return usable.map((command) => ({
    id: `command-${command.replaceAll(" ", "-")}`,
    title: COMMANDS[command].title(),
    about: names.get(COMMANDS[command].group) ?? "",
    keys: workspace.keys(command),
    colour: null,
    run: () => void DEEDS[command](workspace),
  }));
}

function labels(workspace: Workspace): PaletteEntry[] {
  if (!workspace.mayWrite.value) return [];
  const fields = workspace.project.value.fields.filter((field) => !field.removed && (field.kind === "span" || field.kind === "choice"));
  return fields.flatMap((field) =>
    field.labels
      .filter((label) => !label.removed)
      .map((label) => ({
        id: `label-${field.id}-${label.id}`,
        title: label.name,
        about: field.name,
        keys: label.hotkey ? [label.hotkey.toUpperCase()] : [],
        colour: field.kind === "span" ? workspace.colourOf(label) : "var(--accent)",
        run: () => workspace.pressLabel({ field: field.key, label: label.key }),
      })),
  );
}

function runs(workspace: Workspace): PaletteEntry[] {
  if (!workspace.mayWrite.value) return [];
  return workspace.runs.value.map(({ backend, active, id }) => ({
    id: `run-${backend.id}`,
    title: active ? t("Stop {name}", { name: backend.name }) : t("Run {name}", { name: backend.name }),
    about: t("Models"),
    keys: [],
    colour: null,
    run: () => void (active && id !== null ? workspace.ways.stopRun(id) : workspace.ways.startRun(backend.id)),
  }));
}
