// The server-rendered pages come to life: each element that asks by an attribute gets its module. No page needs it to work.

import { here } from "./here.js";
import { wipeBeforeLogout } from "./local_data.js";
import { themeChoice } from "./theme_choice.js";

const MOST_SOCKETS = 12; // a long list of projects does not open a socket for each

for (const element of [...document.querySelectorAll("[data-project]")].slice(0, MOST_SOCKETS)) here(element);
for (const form of document.querySelectorAll("form[data-logout]")) wipeBeforeLogout(form);
for (const group of document.querySelectorAll("[data-theme-choice]")) themeChoice(group);

for (const form of document.querySelectorAll("form[data-at-once]")) {
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, [type=checkbox], [type=number]")) form.requestSubmit();
  });
}
// Filters that are not set have no place in the address.
for (const form of document.querySelectorAll("form[data-lean]")) {
  form.addEventListener("formdata", ({ formData }) => {
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(target)) menu.removeAttribute("open");
  }
});
document.addEventListener("keydown", ({ key }) => {
  const open = key === "Escape" && document.querySelector("details.menu[open]");
  if (!open) return;
  open.removeAttribute("open");
  open.querySelector("summary").focus();
});
