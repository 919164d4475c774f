/** Choosing another label for an annotation or a suggestion; for a suggestion that accepts it. */

import { useWorkspace } from "./context";
import type { Resolved } from "../workspace/model";

export function Relabel({ entry }: { entry: Resolved }) {
  const workspace = useWorkspace();
  const labels = workspace.field(entry.field)?.labels.filter((label) => !label.removed || label.key === entry.label) ?? [];
  if (!labels.length || !workspace.mayWrite.value) return <span>{workspace.labelOf(entry).name}</span>;
  const change = (event: Event): void => workspace.relabel(entry.id, (event.target as HTMLSelectElement).value);
  return (
    <select class="relabel" aria-label={`Label of ${workspace.wording(entry)}`} value={entry.label ?? ""} onChange={change}>
      {labels.map((label) => (
        <option key={label.key} value={label.key}>
          {label.name}
        </option>
      ))}
    </select>
  );
}
