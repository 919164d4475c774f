/** Staying with a colleague's view of the text, from a press on his avatar until I scroll, put away, or he leaves. */

import { effect } from "@preact/signals";
import { t } from "../words/words";
import type { Workspace } from "./app_actions";
import type { Presence } from "./presence";

/** Go to where somebody is, and stay with him; pressed again, no more. */
export function toggleFollowing(workspace: Workspace, user: number): void {
  const { following } = workspace.ui;
  following.value = following.value === user ? null : user;
  if (following.value === null) workspace.say(t("You follow nobody any more"));
  else workspace.say(t("You follow {who}", { who: workspace.nameOf(user) }));
}

/** `show` is called with the UTF-16 position that he sees first, whenever that changes. Returns how to stop. */
export function follow(workspace: Workspace, show: (position: number) => void): () => void {
  let shown: string | null = null;
  return effect(() => {
    const user = workspace.ui.following.value;
    if (user === null) {
      shown = null;
      return;
    }
    const tabs = workspace.colleagues.value.filter((each) => each.user.id === user);
    if (!tabs.length) {
      workspace.ui.following.value = null;
      workspace.ui.toast("info", t("{who} has left this task.", { who: workspace.nameOf(user) }));
      return;
    }
    const start = firstSeen(tabs);
    const place = `${user}:${start ?? ""}`;
    if (start === null || place === shown) return;
    shown = place;
    show(workspace.offsets.peek().toUtf16(start));
  });
}

/** Of his tabs the newest that says what it shows. */
function firstSeen(tabs: readonly Presence[]): number | null {
  const saying = tabs.filter((tab) => tab.view !== null);
  return saying[saying.length - 1]?.view?.start ?? null;
}
