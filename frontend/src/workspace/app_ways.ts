/** The ways out of this window that a workspace has: other tasks, the server's verdicts, runs. Knows the API and its refusals. */

import type { Ways, Workspace } from "./app_actions";
import * as api from "./api";
import { Navigation } from "./navigation";
import { t } from "../words/words";

/** Edits go by the socket and verdicts by HTTP: a verdict waits so long for the edits before it. */
const LONGEST_WAIT_MS = 5000;
const LOOK_AGAIN_MS = 20;

export function waysOf(workspace: Workspace): Ways {
  const { project, task, deciding } = workspace;
  const tell = (error: unknown): void => workspace.ui.toast("bad", error instanceof Error ? error.message : String(error));
  const trying = async (deed: () => Promise<void>): Promise<void> => deed().catch(tell);

  const navigation: Navigation = new Navigation(project.value.id, task.value.id, (id) =>
    trying(async () => {
      const found = await api.getTask(id);
      if (!navigation.isWanted(id)) return;
      workspace.show(found);
      await workspace.queue.showAround(id);
    }),
  );

  const decide = (verdict: (task: number) => Promise<unknown>, thenOn: boolean): Promise<void> =>
    trying(async () => {
      if (deciding.value) return;
      deciding.value = true;
      try {
        const id = task.value.id;
        await allSaved(workspace);
        await verdict(id);
        if (thenOn) await goOn(id);
      } finally {
        deciding.value = false;
      }
    });

  const goOn = async (from: number): Promise<void> => {
    const next = await api.nextTask(project.value.id, from);
    if (next === null) workspace.ui.toast("info", t("That was the last open task of this project."));
    else if (next !== from) await navigation.goTo(next);
  };

  return {
    goTo: (id) => navigation.goTo(id),
    submit: () => decide(api.submit, true),
    skip: () => decide(api.skip, true),
    reopen: () => decide(api.reopen, false),
    startRun: (backend) => trying(async () => workspace.hearRun(await api.startRun(task.value.id, backend))),
    stopRun: (run) => trying(() => api.stopRun(run)),
  };
}

async function allSaved(workspace: Workspace): Promise<void> {
  const until = performance.now() + LONGEST_WAIT_MS;
  while (workspace.connection.value.unsaved.value > 0) {
    if (!workspace.isLive.value || performance.now() > until) throw new Error(t("Not all of your edits are saved yet. Try again when the connection is back."));
    await new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
  }
}
