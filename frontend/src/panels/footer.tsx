/** The bottom line: what happened last, help, my undo, and how live this is. */

import { useWorkspace } from "./context";

export function Footer() {
  const workspace = useWorkspace();
  const { ui, latency, connected, mayUndo, mayWrite } = workspace;
  return (
    <footer class="foot">
      <Activity />
      <span class="grow" />
      <button type="button" onClick={() => (ui.dialog.value = "help")}>
        <kbd>?</kbd> shortcuts
      </button>
      {mayWrite.value && (
        <button type="button" disabled={!mayUndo.value} onClick={() => workspace.undo()}>
          <kbd>{workspace.keys("undo")[0]}</kbd> undo yours
        </button>
      )}
      <span class="latency" data-live={connected.value}>
        <span class="dot" />
        {connected.value ? "live" : "not live"}
        {connected.value && latency.value !== null && ` · ${Math.max(1, Math.round(latency.value))} ms`}
      </span>
    </footer>
  );
}

function Activity() {
  const { activity } = useWorkspace();
  const last = activity.value;
  return (
    <span class="activity">
      {last && (
        <>
          {last.who} {last.did} <b>{last.what}</b>
        </>
      )}
    </span>
  );
}
