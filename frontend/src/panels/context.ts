/** How panels reach the workspace that they stand in. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Workspace } from "../workspace/app_actions";

export const WorkspaceContext = createContext<Workspace | null>(null);

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("A panel stands outside of a workspace.");
  return workspace;
}
