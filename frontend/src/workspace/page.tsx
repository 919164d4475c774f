/** The workspace page: joins the project's socket, the open task and the screen. The one place where these meet. */

import { render } from "preact";
import * as api from "./api";
import { App } from "./app";
import { Workspace } from "./app_actions";
import { followDiscussion } from "./app_discussion";
import { watch } from "./app_watch";
import { waysOf } from "./app_ways";
import type { Connection } from "./connection";
import type { Boot } from "./model";
import { openTask } from "./open_task";
import { ProjectSocket } from "./project_socket";
import { t } from "../words/words";

/** `connection` fetches the document of the page's own task already. */
export function start(place: HTMLElement, boot: Boot, connection: Connection): void {
  const projectId = boot.project.id;
  const refresh = (): void => void api.getProject(projectId).then((project) => workspace.hearProject(project), () => undefined);
  const socket = new ProjectSocket({
    address: `/ws/projects/${projectId}/`,
    onTasks: (tasks) => workspace.queue.hear(tasks),
    onComments: (news) => discussed.hear(news),
    onRun: (run) => workspace.hearRun(run),
    onRevision: refresh,
    onReconnected: refresh,
  });
  const workspace = new Workspace({
    boot,
    here: socket.here,
    fetchPage: async (query) => (await api.listTasks(projectId, query)).items,
    open: (task, schema, onRun) =>
      openTask({
        task,
        schema,
        me: boot.me,
        connection: task === boot.task ? connection : undefined,
        onEvent: (event) => (event.type === "run" ? onRun(event.run) : refresh()),
      }),
  });
  workspace.ways = waysOf(workspace);
  watch(workspace);
  const discussed = followDiscussion(workspace);
  render(<App workspace={workspace} nonce={place.nonce} />, place);
  socket.open();
  if (boot.demo) void showAround(workspace);
  void workspace.queue.showAround(boot.task.id).catch(() => workspace.ui.toast("warn", t("The queue could not be loaded.")));
}

/** Newcomers only; nobody else's browser fetches it. */
async function showAround(workspace: Workspace): Promise<void> {
  const { hasSeenTour, startTour } = await import("../panels/tour");
  if (!hasSeenTour(workspace.me.id)) startTour(workspace);
}
