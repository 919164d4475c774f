// What an export will be, shown while it is chosen.

import { part } from "./part.js";

const TYPED_MS = 200;
const form = document.querySelector("form[data-preview]");
const show = part(document.querySelector(form.dataset.preview), "preview");

form.querySelector("[data-look]").hidden = true; // it is shown anyway

async function look() {
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const address = `${form.dataset.page}?${chosen}`;
  if (await show(address)) history.replaceState(null, "", address);
}

let typed;
form.addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(look, TYPED_MS);
});
