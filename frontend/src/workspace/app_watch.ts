/** What the workspace notices by itself: colleagues' deeds to tell of, a selected mark that somebody took away, refusals. */

import { effect } from "@preact/signals";
import { afterPaint } from "./after_paint";
import type { Workspace } from "./app_actions";
import { sentenceOf } from "./app_activity";
import type { DocumentChange } from "./document";
import type { Resolved } from "./model";
import { t } from "../words/words";

/** A running model makes many changes a second; a voice tells of the last one in each such while. */
const ANNOUNCE_AFTER_MS = 1200;

/** Start to watch; returns how to stop. */
export function watch(workspace: Workspace): () => void {
  const tellLookingAt = effect(() => workspace.presence.value.setLookingAt(workspace.ui.selected.value));
  const stops = [tellLookingAt, effect(() => listAfterPaint(workspace)), effect(() => beginActivity(workspace)), effect(() => watchSelected(workspace)), watchConnection(workspace), effect(() => announceRuns(workspace)), effect(() => announceDeeds(workspace)), watchRefusals(workspace), warnOfLoss(workspace)];
  return () => stops.forEach((stop) => stop());
}

/** First the text with its marks, then the lists beside it. */
function listAfterPaint(workspace: Workspace): void {
  const connection = workspace.connection.value;
  workspace.listed.value = false;
  if (!connection.ready.value) return;
  afterPaint(() => {
    if (workspace.connection.peek() === connection) workspace.listed.value = true;
  });
}

function watchSelected(workspace: Workspace): () => void {
  const document = workspace.document.value;
  let held: Resolved | undefined;
  const remember = effect(() => {
    held = workspace.selectedMark() ?? held;
  });
  const stop = document.onChange((change) => {
    if (isLost(workspace, change) && held) tellOfLoss(workspace, held);
  });
  return () => {
    remember();
    stop();
  };
}

function isLost(workspace: Workspace, { before, mine }: DocumentChange): boolean {
  const selected = workspace.ui.selected.peek();
  if (mine || selected === null || !before.has(selected)) return false;
  const status = workspace.document.peek().get(selected)?.status;
  return status !== "accepted" && status !== "suggested";
}

/** Somebody deleted or rejected what was selected here: say so, and offer to make it again. */
function tellOfLoss(workspace: Workspace, held: Resolved): void {
  workspace.ui.selected.value = null;
  const what = `“${workspace.wording(held)}” (${workspace.labelOf(held).name})`;
  const who = nameOfDecider(workspace, held) ?? t("A colleague");
  if (held.status === "suggested") {
    workspace.say(t("{who} decided on {what}", { who, what }));
    return;
  }
  const restore = (): void => void workspace.document.peek().add(held.field, held.label, held.value);
  workspace.ui.toast("warn", t("{who} deleted {what}, which you had selected.", { who, what }), { name: t("Restore"), run: restore });
}

/** Whoever deleted, rejected or answered otherwise; unknown where that happened while this window was offline. */
function nameOfDecider(workspace: Workspace, held: Resolved): string | null {
  const now = workspace.document.peek().get(held.id);
  const user = now ? now.decidedBy : workspace.shown.peek().open.authors.removedBy(held.id);
  if (user === null) return null;
  return user === workspace.me.id ? t("You") : workspace.nameOf(user);
}

function beginActivity(workspace: Workspace): void {
  if (workspace.isLive.value) workspace.shown.value.activity.begin();
}

/** A voice tells when the connection goes and comes back, not of every edit that was saved. */
function watchConnection(workspace: Workspace): () => void {
  let before = workspace.connection.peek().state.peek().name;
  return effect(() => {
    const { name } = workspace.connection.value.state.value;
    if (name === "offline") workspace.say(t("Offline. What you do is kept in this browser."));
    if (name === "synced" && before === "offline") workspace.say(t("Online again."));
    if (name !== "connecting") before = name;
  });
}

/** What each model is doing, said when that changes: not its progress, nor its every word. */
function announceRuns(workspace: Workspace): void {
  const active = workspace.runs.value.filter((run) => run.active);
  const said = active.map((run) => `${run.backend.name}: ${run.words}`).join(", ");
  if (said !== workspace.ui.runsSaid) workspace.say(said || t("No model is running any more"));
  workspace.ui.runsSaid = said;
}

function announceDeeds(workspace: Workspace): (() => void) | undefined {
  const deed = workspace.deed.value;
  if (!deed) return undefined;
  const timer = setTimeout(() => workspace.say(sentenceOf(deed)), ANNOUNCE_AFTER_MS);
  return () => clearTimeout(timer);
}

/** Closing the tab is questioned only where something would be lost by it: the browser's storage has the rest. */
function warnOfLoss(workspace: Workspace): () => void {
  const leaving = (event: BeforeUnloadEvent): void => {
    if (!workspace.connection.peek().isKept.peek()) event.preventDefault();
  };
  addEventListener("beforeunload", leaving);
  return () => removeEventListener("beforeunload", leaving);
}

function watchRefusals(workspace: Workspace): () => void {
  let told = workspace.refused.peek();
  return effect(() => {
    const refused = workspace.refused.value;
    for (const refusal of refused.filter((each) => !told.includes(each))) {
      workspace.ui.toast("bad", refusal.sentence, { name: t("Show what was refused"), run: () => (workspace.ui.dialog.value = "refused") });
    }
    told = refused;
  });
}
