/** What the header says of the connection and of unsaved edits: the truth, in a few words. Pure. */

import type { ConnectionState } from "./connection_state";

export interface SavedWords {
  readonly state: "connecting" | "saving" | "saved" | "offline" | "closed";
  readonly icon: string;
  readonly words: string;
  /** Left out where there is little room. */
  readonly more: string;
}

/** `unsaved` counts edits that the server has not committed; 0 is what "Saved" means. */
export function savedWords(connection: ConnectionState, unsaved: number): SavedWords {
  const count = unsaved ? ` · ${unsaved} unsaved` : "";
  switch (connection.name) {
    case "connecting":
      return { state: "connecting", icon: "○", words: `Connecting${count}`, more: "" };
    case "synced":
      return unsaved
        ? { state: "saving", icon: "↑", words: `Saving${count}`, more: "" }
        : { state: "saved", icon: "✓", words: "Saved", more: " · everyone is up to date" };
    case "offline":
      return { state: "offline", icon: "⚠", words: `Offline${count}`, more: unsaved ? ", kept in this browser" : "" };
    case "closed":
      return { state: "closed", icon: "✕", words: `Closed${count}`, more: "" };
  }
}
