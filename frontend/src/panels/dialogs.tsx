/** What opens over the workspace: the shortcuts, the guidelines, and edits that were refused and kept. */

import type { ComponentType } from "preact";
import { useWorkspace } from "./context";
import { Lazy } from "./lazy";
import { Dialog, Keys } from "./parts";
import { t } from "../words/words";

const restoreQuestion = (): Promise<ComponentType> => import("./restore").then((found) => found.default);

export function Dialogs() {
  const { ui } = useWorkspace();
  const close = (): void => void (ui.dialog.value = null);
  switch (ui.dialog.value) {
    case "help":
      return <Help close={close} />;
    case "guidelines":
      return <Guidelines close={close} />;
    case "refused":
      return <Refused close={close} />;
    case "restore":
      return (
        <Dialog title={t("Restore")} close={close}>
          <Lazy load={restoreQuestion} />
        </Dialog>
      );
    default:
      return null;
  }
}

function Help({ close }: { close: () => void }) {
  const { keyboard, project } = useWorkspace();
  const fields = project.value.fields.filter((field) => !field.removed && field.labels.some((label) => label.hotkey && !label.removed));
  return (
    <Dialog title={t("Shortcuts")} close={close}>
      <div class="shortcuts">
        <h3>{t("Commands")}</h3>
        <ul>
          {keyboard.value.list().map(({ command, title, keys }) => (
            <li key={command}>
              {title} <Keys keys={keys} />
            </li>
          ))}
        </ul>
        {fields.map((field) => (
          <>
            <h3>{field.name}</h3>
            <ul>
              {field.labels
                .filter((label) => label.hotkey && !label.removed)
                .map((label) => (
                  <li key={label.key}>
                    {label.name} <Keys keys={[label.hotkey.toUpperCase()]} />
                  </li>
                ))}
            </ul>
          </>
        ))}
      </div>
    </Dialog>
  );
}

function Guidelines({ close }: { close: () => void }) {
  const { project } = useWorkspace();
  return (
    <Dialog title={t("Guidelines")} close={close}>
      {/* The server made and cleaned this HTML of the manager's Markdown; nothing else is ever set as markup. */}
      <div class="prose" dangerouslySetInnerHTML={{ __html: project.value.guidelines_html }} />
    </Dialog>
  );
}

function Refused({ close }: { close: () => void }) {
  const { refused, connection } = useWorkspace();
  return (
    <Dialog title={t("Refused edits")} close={close}>
      {!refused.value.length && <p class="muted">{t("Nothing is kept any more.")}</p>}
      <ul class="refusals">
        {refused.value.map((refusal, i) => {
          const copy = JSON.stringify(refusal.kept, null, 2);
          return (
            <li key={i}>
              <b>{refusal.sentence}</b>
              <pre>{copy}</pre>
              <span class="row">
                <button type="button" class="mini" onClick={() => void navigator.clipboard.writeText(copy)}>
                  {t("Copy")}
                </button>
                <button type="button" class="mini" onClick={() => connection.value.dismiss(refusal)}>
                  {t("Drop")}
                </button>
              </span>
            </li>
          );
        })}
      </ul>
    </Dialog>
  );
}
