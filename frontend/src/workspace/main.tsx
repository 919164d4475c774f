/** Where the workspace page begins: the task's document is fetched while the screen's code is still on its way. */

import "../styles/workspace.css";
import { connect } from "./connect";
import type { Connection } from "./connection";
import { readBoot } from "./model";
import { startTheme } from "./theme";

/** Mostly the document is there by then, and the text is laid out once, with its marks. If not, the text comes first. */
const LONGEST_WAIT_MS = 100;

const place = document.getElementById("workspace");
if (place) {
  startTheme();
  const boot = readBoot(document);
  const connection = connect(boot.task, boot.me);
  void import("./page").then(async ({ start }) => {
    await isReady(connection);
    start(place, boot, connection);
  });
}

function isReady(connection: Connection): Promise<void> {
  return new Promise((resolve) => {
    if (connection.ready.peek()) return resolve();
    setTimeout(resolve, LONGEST_WAIT_MS);
    connection.ready.subscribe((ready) => ready && resolve());
  });
}
