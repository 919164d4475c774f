/** The colour of an annotation in a list: a span's is its label's, as in the text; answers have none there and are round. */

import { useWorkspace } from "./context";
import type { Resolved } from "../workspace/model";

export function Swatch({ entry }: { entry: Resolved }) {
  const workspace = useWorkspace();
  const isSpan = entry.kind === "span";
  return <i class={`swatch${isSpan ? "" : " answer"}`} style={{ "--c": isSpan ? workspace.labelOf(entry).colour : "var(--accent)" }} />;
}
