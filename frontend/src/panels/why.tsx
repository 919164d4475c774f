/** Why the selected suggestion is there: which model said it, how sure it is, and what it told while it ran. */

import { useWorkspace } from "./context";
import { t } from "../words/words";
import type { Resolved, Run } from "../workspace/model";

export function Why() {
  const workspace = useWorkspace();
  const mark = workspace.selectedMark();
  if (mark?.status !== "suggested") return null;
  const run = runOf(mark, workspace.runList.value);
  const version = mark.version ?? run?.version;
  return (
    <section class="why" aria-label={t("Why this is suggested")}>
      <dl>
        <dt>{t("Model")}</dt>
        <dd>
          {mark.backend ?? t("unknown")}
          {version && <span class="muted"> {version}</span>}
        </dd>
        <dt>{t("Score")}</dt>
        <dd>{mark.score === null ? <span class="muted">{t("none given")}</span> : <Score score={mark.score} />}</dd>
        {run?.message && (
          <>
            <dt>{t("It said")}</dt>
            <dd class="message">{run.message}</dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Score({ score }: { score: number }) {
  return (
    <>
      <span class="number">{score.toFixed(2)}</span>
      <span class="bar" aria-hidden="true">
        <i style={{ transform: `scaleX(${Math.min(1, Math.max(0, score))})` }} />
      </span>
    </>
  );
}

/** The run that made it, while this page knows of it. */
function runOf(mark: Resolved, runs: readonly Run[]): Run | undefined {
  return runs.find((run) => String(run.id) === mark.run);
}
