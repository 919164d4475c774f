/** Lines over the text that hold for the whole task: submitted, read only, not reachable, edits refused. */

import { useWorkspace } from "./context";
import { t, tn } from "../words/words";

/** As in close_codes.py. */
const NOT_LOGGED_IN = 4401;

export function Banners() {
  const workspace = useWorkspace();
  const { state, refused, role } = workspace;
  const connection = workspace.connection.value.state.value;
  return (
    <>
      {connection.name === "closed" && <Closed code={connection.code} sentence={connection.sentence} />}
      {role.value === "viewer" && (
        <p class="banner">
          <span class="chip">{t("Viewer")}</span> {t("You can look at this task, but not change it.")}
        </p>
      )}
      {(state.value.status === "submitted" || state.value.status === "skipped") && <Verdict status={state.value.status} by={state.value.by} />}
      {refused.value.length > 0 && (
        <p class="banner warn">
          {tn(refused.value.length, "One of your edits was refused and is kept.", "{n} of your edits were refused and are kept.")}
          <button type="button" class="mini" onClick={() => (workspace.ui.dialog.value = "refused")}>
            {t("Show")}
          </button>
        </p>
      )}
    </>
  );
}

function Verdict({ status, by }: { status: "submitted" | "skipped"; by: number | null }) {
  const workspace = useWorkspace();
  const done = status === "submitted";
  return (
    <p class={`banner ${done ? "ok" : "warn"}`}>
      <span>
        {done && "✓ "}
        {verdict(done, by === null ? null : workspace.nameOf(by))}
      </span>
      <span class="grow" />
      {workspace.mayWrite.value && (
        <button type="button" class="mini" disabled={workspace.deciding.value} onClick={() => void workspace.ways.reopen()}>
          {t("Reopen")}
        </button>
      )}
    </p>
  );
}

function verdict(done: boolean, who: string | null): string {
  if (who === null) return done ? t("Submitted.") : t("Skipped.");
  return done ? t("Submitted by {who}.", { who }) : t("Skipped by {who}.", { who });
}

function Closed({ code, sentence }: { code: number; sentence: string }) {
  const { login } = useWorkspace();
  return (
    <p class="banner bad" role="alert">
      <span>{sentence}</span>
      <span class="grow" />
      {code === NOT_LOGGED_IN && (
        <a class="mini" href={login}>
          {t("Log in")}
        </a>
      )}
      <button type="button" class="mini" onClick={() => location.reload()}>
        {t("Load again")}
      </button>
    </p>
  );
}
