// The server-rendered pages come to life: each element that asks by an attribute gets its module. No page needs it to work.

import { here } from "./here.js";
import { wipeBeforeLogout } from "./local_data.js";
import { themeChoice } from "./theme_choice.js";

const BUSY_MS = 300;
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

// What was sent is not sent twice, and a button that takes a while says so.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => submitter?.classList.add("busy"), BUSY_MS);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".busy")) button.classList.remove("busy");
  }
});

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
