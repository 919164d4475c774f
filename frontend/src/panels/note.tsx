/** What a key just did, in a few words under the text, where the eye is; gone after a while. Voices hear it elsewhere. */

import { useEffect } from "preact/hooks";
import { useWorkspace } from "./context";

const SECONDS = 4;

export function Note() {
  const { ui } = useWorkspace();
  const note = ui.note.value;
  useEffect(() => {
    if (!note) return undefined;
    const timer = setTimeout(() => (ui.note.value = null), SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [note]);
  return note && <p class="said-note" aria-hidden="true">{note.sentence}</p>;
}
