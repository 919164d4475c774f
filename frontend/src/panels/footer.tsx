/** The bottom line: what happened last, help, my undo, and how live this is. */

import { useWorkspace } from "./context";
import { t } from "../words/words";

export function Footer() {
  const workspace = useWorkspace();
  const { ui, latency, isLive, undoWords, mayWrite } = workspace;
  return (
    <footer class="foot">
      <Activity />
      <span class="grow" />
      <button type="button" onClick={() => (ui.dialog.value = "palette")}>
        <kbd>{workspace.keys("palette")[0]}</kbd> {t("commands")}
      </button>
      <button type="button" onClick={() => (ui.dialog.value = "help")}>
        <kbd>?</kbd> {t("shortcuts")}
      </button>
      {mayWrite.value && (
        <button type="button" disabled={!undoWords.value} title={undoWords.value ?? undefined} onClick={() => workspace.undo()}>
          <kbd>{workspace.keys("undo")[0]}</kbd> {t("undo yours")}
        </button>
      )}
      <span class="latency" data-live={isLive.value}>
        <span class="dot" />
        {isLive.value ? t("live") : t("not live")}
        {isLive.value && latency.value !== null && ` · ${Math.max(1, Math.round(latency.value))} ms`}
      </span>
    </footer>
  );
}

function Activity() {
  const { deed } = useWorkspace();
  return (
    <span class="activity">
      {deed.value && (
        <>
          {deed.value.who} {deed.value.did} <b>{deed.value.what}</b>
        </>
      )}
    </span>
  );
}
