/** Where the workspace page begins: the task's document is fetched while the screen's code is still on its way. */

import "../styles/workspace.css";
import { connect } from "./connect";
import type { Connection } from "./connection";
import { readBoot } from "./model";
import { startTheme } from "./theme";
import { speak } from "../words/words";

/** Mostly the document is there by then, and the text is laid out once, with its marks. If not, the text comes first. */
const LONGEST_WAIT_MS = 100;

const place = document.getElementById("workspace");
if (place) {
  startTheme();
  const boot = readBoot(document);
  const connection = connect(boot.task, boot.me);
  void Promise.all([import("./page"), speak(document.documentElement.lang)]).then(async ([{ start }]) => {
    await readyOrLate(connection);
    start(place, boot, connection);
  });
}

async function readyOrLate({ ready }: Connection): Promise<void> {
  let stop = (): void => undefined;
  await new Promise<void>((resolve) => {
    setTimeout(resolve, LONGEST_WAIT_MS);
    stop = ready.subscribe((isReady) => isReady && resolve());
  });
  stop();
}
