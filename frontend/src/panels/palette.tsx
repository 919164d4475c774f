/** The command palette: type a few letters of what you want to do, and press Enter. */

import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";
import { useWorkspace } from "./context";
import { Keys, useModal } from "./parts";
import { paletteEntries } from "../workspace/palette_entries";
import { matching, type PaletteEntry } from "../workspace/palette_search";
import { t, tn } from "../words/words";

export default function Palette({ close }: { close: () => void }) {
  const workspace = useWorkspace();
  const dialog = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const all = useMemo(() => paletteEntries(workspace), []);
  const found = matching(all, query);
  const current = found[Math.min(at, found.length - 1)];

  useModal(dialog);
  useEffect(() => {
    document.getElementById(current ? optionId(current) : "")?.scrollIntoView({ block: "nearest" });
  }, [current?.id]);

  const leave = (): void => {
    // The focus goes back to where it was before anything else happens.
    dialog.current?.close();
    close();
  };
  const run = (entry: PaletteEntry | undefined): void => {
    if (!entry) return;
    leave();
    entry.run();
  };
  const pressed = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) setAt((Math.min(at, found.length - 1) + step + found.length) % found.length);
    else if (event.key === "Enter") run(current);
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) leave();
    else return;
    event.preventDefault();
  };

  return (
    <dialog ref={dialog} class="palette" aria-label={t("Find a command or a label")} onCancel={leave} onClose={close} onClick={(event) => event.target === dialog.current && leave()}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={current ? optionId(current) : undefined}
        aria-label={t("Find a command or a label")}
        placeholder={t("Find a command or a label")}
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => {
          setQuery((event.target as HTMLInputElement).value);
          setAt(0);
        }}
        onKeyDown={pressed}
      />
      <ul id={list} role="listbox" aria-label={t("Commands and labels")}>
        {found.map((entry) => (
          <li key={entry.id} id={optionId(entry)} role="option" aria-selected={entry === current} onPointerMove={() => setAt(found.indexOf(entry))} onClick={() => run(entry)}>
            <i class="swatch" style={entry.colour ? { "--c": entry.colour } : undefined} />
            <span class="ellipsis">{entry.title}</span>
            <span class="muted ellipsis">{entry.about}</span>
            <Keys keys={entry.keys} />
          </li>
        ))}
      </ul>
      {!found.length && <p class="empty">{t("Nothing here is called that.")}</p>}
      <p class="sr" role="status">
        {tn(found.length, "{n} found", "{n} found")}
      </p>
    </dialog>
  );
}

function optionId(entry: PaletteEntry): string {
  return `palette-${entry.id}`;
}
