/** Where the workspace page begins: the task's document is fetched while the screen's code is still on its way. */

import "../styles/workspace.css";
import { connect } from "./connect";
import { readBoot } from "./model";
import { startTheme } from "./theme";

const place = document.getElementById("workspace");
if (place) {
  startTheme();
  const boot = readBoot(document);
  const connection = connect(boot.task, boot.me);
  void import("./page").then(({ start }) => start(place, boot, connection));
}
