/** All shortcuts, to read and to change. What a person chooses is kept for that person in this browser. */

import { useState } from "preact/hooks";
import { useWorkspace } from "./context";
import { Dialog, Keys } from "./parts";
import { ALL_COMMANDS, caretKeys, type Chord, type Command, COMMANDS, groups } from "../workspace/commands";
import { chordsOf } from "../workspace/keyboard";
import { type Obstacle, obstacle, withKey, withoutOwn } from "../workspace/own_keys";
import { t } from "../words/words";

/** The command that waits for a key, and the key that was pressed but is not free. */
interface Changing {
  readonly command: Command;
  readonly taken?: { readonly chord: Chord; readonly by: Obstacle };
}

export default function Shortcuts({ close }: { close: () => void }) {
  const { keyboard, preferences, mac } = useWorkspace();
  const [changing, setChanging] = useState<Changing | null>(null);

  const give = (command: Command, chord: Chord): void => {
    preferences.keys.value = withKey(preferences.keys.value, keyboard.value, command, chord);
    setChanging(null);
  };
  const pressed = (event: KeyboardEvent): void => {
    if (!changing || changing.taken) return;
    const [chord] = chordsOf(event);
    if (!chord) return;
    event.preventDefault();
    event.stopPropagation();
    if (chord === "Escape" && changing.command !== "clear") return setChanging(null);
    const by = obstacle(keyboard.value, changing.command, chord);
    if (by) setChanging({ command: changing.command, taken: { chord, by } });
    else give(changing.command, chord);
  };
  const hasOwn = Object.keys(preferences.keys.value).length > 0;

  return (
    <Dialog title={t("Shortcuts")} close={close}>
      <div class="shortcuts" onKeyDownCapture={pressed}>
        <p class="about muted">
          {t("Keys that you change are kept for you in this browser.")}
          <button type="button" class="mini" disabled={!hasOwn} onClick={() => (preferences.keys.value = {})}>
            {t("All usual keys again")}
          </button>
        </p>
        <label class="about">
          <input type="checkbox" checked={preferences.snap.value} onChange={() => (preferences.snap.value = !preferences.snap.value)} />
          {t("Selections take whole words")}
        </label>
        {groups().map(({ group, name }) => (
          <>
            <h3>{name}</h3>
            <ul>
              {ALL_COMMANDS.filter((command) => COMMANDS[command].group === group).map((command) => (
                <Row key={command} command={command} changing={changing?.command === command ? changing : null} change={setChanging} give={give} />
              ))}
              {group === "text" &&
                caretKeys(mac).map(({ title, keys }) => (
                  <li key={title}>
                    <span class="name">{title}</span>
                    <Keys keys={keys} />
                  </li>
                ))}
            </ul>
          </>
        ))}
        <Labels />
      </div>
    </Dialog>
  );
}

interface RowProps {
  readonly command: Command;
  readonly changing: Changing | null;
  readonly change: (changing: Changing | null) => void;
  readonly give: (command: Command, chord: Chord) => void;
}

function Row({ command, changing, change, give }: RowProps) {
  const { keyboard, preferences } = useWorkspace();
  const title = COMMANDS[command].title();
  const isOwn = keyboard.value.isOwn(command);
  return (
    <li data-own={isOwn}>
      <span class="name">
        {title}
        <Moved command={command} />
      </span>
      {changing && !changing.taken ? (
        <em role="status">{t("Press the new keys, or Esc")}</em>
      ) : (
        <Keys keys={keyboard.value.keys(command)} />
      )}
      <button type="button" class="mini" aria-label={t("Change the keys of: {command}", { command: title })} aria-pressed={changing !== null} onClick={() => change(changing ? null : { command })}>
        {t("Change")}
      </button>
      {isOwn && (
        <button type="button" class="mini" aria-label={t("The usual keys of: {command}", { command: title })} onClick={() => (preferences.keys.value = withoutOwn(preferences.keys.value, command))}>
          {t("Reset")}
        </button>
      )}
      {changing?.taken && (
        <p class="conflict" role="alert">
          <Taken {...changing.taken} />
          {changing.taken.by.kind === "command" && (
            <button type="button" class="mini" onClick={() => changing.taken && give(command, changing.taken.chord)}>
              {t("Take it")}
            </button>
          )}
          <button type="button" class="mini" onClick={() => change({ command })}>
            {t("Another key")}
          </button>
          <button type="button" class="mini" onClick={() => change(null)}>
            {t("Leave it")}
          </button>
        </p>
      )}
    </li>
  );
}

function Taken({ chord, by }: { chord: Chord; by: Obstacle }) {
  const workspace = useWorkspace();
  const key = workspace.keyboard.value.cap(chord);
  if (by.kind === "browser") return <span>{t("{key} is needed to get about on the page.", { key })}</span>;
  if (by.kind === "command") return <span>{t("{key} is taken by: {command}.", { key, command: COMMANDS[by.command].title() })}</span>;
  const label = workspace.labelOf({ ...by.label, labelRemoved: false }).name;
  return <span>{t("{key} is the key of the label {label}; labels come first.", { key, label })}</span>;
}

/** A label of this project has the command's letter. */
function Moved({ command }: { command: Command }) {
  const workspace = useWorkspace();
  const keyboard = workspace.keyboard.value;
  const wanted = (workspace.preferences.keys.value[command] ?? COMMANDS[command].keys).find((chord) => !keyboard.chords(command).includes(chord));
  const holder = wanted ? keyboard.holder(wanted) : null;
  if (!wanted || !holder || !("label" in holder)) return null;
  const label = workspace.labelOf({ ...holder.label, labelRemoved: false }).name;
  return <span class="muted">{t("{key} is the label {label}", { key: keyboard.cap(wanted), label })}</span>;
}

function Labels() {
  const { project } = useWorkspace();
  const fields = project.value.fields.filter((field) => !field.removed && field.labels.some((label) => label.hotkey && !label.removed));
  return (
    <>
      {fields.map((field) => (
        <>
          <h3>{field.name}</h3>
          <ul>
            {field.labels
              .filter((label) => label.hotkey && !label.removed)
              .map((label) => (
                <li key={label.key}>
                  <span class="name">{label.name}</span>
                  <Keys keys={[label.hotkey.toUpperCase()]} />
                </li>
              ))}
          </ul>
        </>
      ))}
    </>
  );
}
