/** What the server-rendered pages load from here: only what needs a library, and only where a page asks for it. */

import { speak } from "./words/words";

const drawn = document.querySelector<HTMLElement>("[data-figures]");

if (drawn) {
  void Promise.all([import("./charts/page"), speak(document.documentElement.lang)]).then(([{ draw }]) => draw(drawn));
}
