/** One line of a list of annotations: its colour, its wording, which a click selects here and in the text, and what its list says of it. */

import type { ComponentChildren } from "preact";
import { useWorkspace } from "./context";
import type { Place } from "./rows";
import { Swatch } from "./swatch";
import type { Resolved } from "../workspace/model";

export interface EntryProps {
  readonly entry: Resolved;
  readonly place: Place;
}

export function Entry({ entry, place, children }: EntryProps & { children: ComponentChildren }) {
  const workspace = useWorkspace();
  const selected = workspace.ui.selected.value === entry.id;
  return (
    <li class={`entry${selected ? " on" : ""}`} data-entry={entry.id} {...place}>
      <Swatch entry={entry} />
      <button type="button" class="wording" aria-pressed={selected} onClick={() => workspace.choose(entry.id)}>
        {workspace.wording(entry)}
      </button>
      {children}
    </li>
  );
}
