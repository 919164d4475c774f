/** The model at work: what it does, how far it is, what it says, what went wrong; anybody who may write can stop it. */

import { useWorkspace } from "./context";
import type { RunView } from "../workspace/app_runs";
import { t, tn } from "../words/words";

export function Runs() {
  const { runs } = useWorkspace();
  return (
    <div class="runs">
      {runs.value.map((run) => (
        <RunCard key={run.backend.id} run={run} />
      ))}
    </div>
  );
}

function RunCard({ run }: { run: RunView }) {
  const workspace = useWorkspace();
  const press = (): void => void (run.active && run.id !== null ? workspace.ways.stopRun(run.id) : workspace.ways.startRun(run.backend.id));
  return (
    <section class={`run${run.state === "failed" ? " failed" : ""}`} aria-label={`Model ${run.backend.name}`}>
      <div class="row">
        <b class="ellipsis">{run.backend.name}</b>
        <span class="muted ellipsis">{[run.version, run.words].filter(Boolean).join(" · ")}</span>
        <span class="grow" />
        {workspace.mayWrite.value && (
          <button type="button" class="mini" onClick={press}>
            {run.active ? t("Stop") : run.state === null ? t("Run") : t("Run again")}
          </button>
        )}
      </div>
      {run.active && <Progress progress={run.progress} />}
      {(run.active || run.details) && (
        <p class="muted ellipsis" title={run.details}>
          {run.details || "\u00a0"}
        </p>
      )}
      {run.error && <p class="error">{run.error}</p>}
      {run.problems.length > 0 && <Problems problems={run.problems} refused={run.refused} />}
    </section>
  );
}

function Progress({ progress }: { progress: number | null }) {
  const known = progress !== null;
  return (
    <div class={`bar${known ? "" : " unknown"}`} role="progressbar" aria-label={t("Progress")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={known ? Math.round(progress * 100) : undefined}>
      <i style={known ? { transform: `scaleX(${progress})` } : undefined} />
    </div>
  );
}

function Problems({ problems, refused }: { problems: readonly string[]; refused: number }) {
  return (
    <details class="muted">
      <summary>{tn(refused, "{n} suggestion was not usable", "{n} suggestions were not usable")}</summary>
      <ul>
        {problems.map((problem, i) => (
          <li key={i}>{problem}</li>
        ))}
      </ul>
    </details>
  );
}
