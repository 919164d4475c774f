/** Asks before a restore, and says what it will change as the task is at this moment: colleagues may go on meanwhile. */

import { useMemo } from "preact/hooks";
import { useWorkspace } from "./context";
import type { Workspace } from "../workspace/app_actions";
import { livePlan, type Restoring } from "../workspace/app_history";
import type { Id } from "../workspace/model";
import { Resolution } from "../workspace/resolution";
import { rootsOf } from "../workspace/roots";
import { when } from "../words/when";
import { t, tn } from "../words/words";

const MOST_NAMED = 6;

export default function RestoreQuestion() {
  const { ui } = useWorkspace();
  const restoring = ui.restoring.value;
  return restoring && <Question restoring={restoring} />;
}

function Question({ restoring }: { restoring: Restoring }) {
  const workspace = useWorkspace();
  const { ui, me } = workspace;
  const plan = useMemo(() => livePlan(workspace, restoring), [restoring]).value;
  const schema = workspace.schema.value;
  const then = useMemo(() => new Resolution(rootsOf(restoring.then), schema), [restoring, schema]);
  const others = plan.people.filter((user) => user !== me.id).map((user) => workspace.nameOf(user));
  const close = (): void => void (ui.dialog.value = null);
  return (
    <div class="restore">
      <p>{restoring.ids ? t("This label comes back as it stood before it was deleted:") : restoring.at ? t("The task becomes as it was at {when}:", { when: when(restoring.at) }) : t("The task becomes as it was at its beginning:")}</p>
      <div aria-live="polite">
        {!plan.edits.length && <p class="muted">{t("Nothing: it is like that already.")}</p>}
        <Group title={tn(plan.back.length, "{n} label comes back", "{n} labels come back")} ids={plan.back} from={then} workspace={workspace} />
        <Group title={tn(plan.gone.length, "{n} label is taken away", "{n} labels are taken away")} ids={plan.gone} from={null} workspace={workspace} />
        <Group title={tn(plan.changed.length, "{n} label is changed back", "{n} labels are changed back")} ids={plan.changed} from={then} workspace={workspace} />
        {plan.texts.length > 0 && <p>{t("What was written is put back: {fields}", { fields: plan.texts.map((key) => workspace.field(key)?.name ?? t("a transcript")).join(", ") })}</p>}
      </div>
      {others.length > 0 && <p class="chip warn">{t("This takes back what others did: {people}", { people: others.join(", ") })}</p>}
      <p class="muted">{t("Everybody sees it at once, the history keeps both, and you can undo it. Comments and submissions stay as they are.")}</p>
      <div class="row">
        <span class="grow" />
        <button type="button" class="btn" onClick={close}>
          {t("Cancel")}
        </button>
        <button
          type="button"
          class="btn primary"
          disabled={!plan.edits.length}
          onClick={() => {
            close();
            workspace.restore(plan.edits);
          }}
        >
          {t("Restore")}
        </button>
      </div>
    </div>
  );
}

function Group({ title, ids, from, workspace }: { title: string; ids: readonly Id[]; from: Resolution | null; workspace: Workspace }) {
  if (!ids.length) return null;
  const named = ids.slice(0, MOST_NAMED).flatMap((id) => {
    const mark = from ? from.get(id) : workspace.mark(id);
    return mark ? [mark.kind === "span" ? `${workspace.wording(mark)} · ${workspace.labelOf(mark).name}` : workspace.wording(mark)] : [];
  });
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {named.map((name, i) => (
          <li key={i} class="ellipsis" dir="auto">
            {name}
          </li>
        ))}
        {ids.length > named.length && <li class="muted">{tn(ids.length - named.length, "and one more", "and {n} more")}</li>}
      </ul>
    </>
  );
}
