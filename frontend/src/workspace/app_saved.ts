/** What the header says of the connection and of unsaved edits: the truth, in a few words. Pure. */

import { t, tn } from "../words/words";
import type { ConnectionState } from "./connection_state";

export interface SavedWords {
  readonly state: "connecting" | "saving" | "saved" | "offline" | "closed";
  readonly icon: string;
  readonly words: string;
  /** Left out where there is little room. */
  readonly more: string;
}

/** `unsaved` counts edits that the server has not committed; 0 is what "Saved" means. `isKept`: this browser's storage has them. */
export function savedWords(connection: ConnectionState, unsaved: number, isKept: boolean): SavedWords {
  const count = unsaved ? ` · ${tn(unsaved, "{n} unsaved", "{n} unsaved")}` : "";
  switch (connection.name) {
    case "connecting":
      return { state: "connecting", icon: "○", words: t("Connecting") + count, more: "" };
    case "synced":
      return unsaved
        ? { state: "saving", icon: "↑", words: t("Saving") + count, more: "" }
        : { state: "saved", icon: "✓", words: t("Saved"), more: ` · ${t("everyone is up to date")}` };
    case "offline":
      return { state: "offline", icon: "⚠", words: t("Offline") + count, more: unsaved ? `, ${isKept ? t("kept in this browser") : t("lost if you close this tab")}` : "" };
    case "closed":
      return { state: "closed", icon: "✕", words: t("Closed") + count, more: "" };
  }
}
