// The task table without leaving its page: it searches while somebody types, and turns, filters and comes back in place.

import { picks } from "./picks.js";
import { jobs } from "./jobs.js";
import { part } from "./part.js";

const TYPED_MS = 180; // after the last key

const form = document.querySelector("form[data-table]");
const place = document.querySelector(form.dataset.table);
const own = new URL(form.action || location.href).pathname;
const put = part(place, "table");

/** Show what `address` shows, and let the address bar say so. */
async function show(address, { remember = "push", keep = [] } = {}) {
  const menu = menuAsItIs();
  if (!(await put(address))) return;
  if (remember === "push") history.pushState(null, "", address);
  if (remember === "replace") history.replaceState(null, "", address);
  settle(keep);
  menu();
}

/** Somebody may have the menu of views open, and be writing a name: returns how to make it so again. */
function menuAsItIs() {
  const menu = place.querySelector("details.views");
  const name = menu?.querySelector("[name=name]");
  const [open, written, focused] = [menu?.open, name?.value, document.activeElement === name];
  return () => {
    const now = place.querySelector("details.views");
    const field = now?.querySelector("[name=name]");
    if (now && open) now.open = true;
    if (field && written) field.value = written;
    if (field && focused && name) field.focus();
  };
}

/** What came is brought to life. */
function settle(keep) {
  picks(place, keep);
  jobs(place, refresh);
  place.dispatchEvent(new CustomEvent("rows", { bubbles: true }));
}

/** The same tasks as they are now; what was picked stays picked. */
function refresh() {
  const picked = [...place.querySelectorAll("input[name=task]:checked")].map(({ value }) => value);
  return show(location.href, { remember: "no", keep: picked });
}

function wanted() {
  const filled = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(filled).toString();
  return query ? `${own}?${query}` : own;
}

let typed;
form.addEventListener("input", ({ target }) => {
  clearTimeout(typed);
  if (target.matches("[type=search]")) typed = setTimeout(() => show(wanted(), { remember: "replace" }), TYPED_MS);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typed);
  show(wanted());
});
place.addEventListener("click", (event) => {
  const link = event.target.closest("a[rel=next], a[rel=prev]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  show(link.href).then(() => place.scrollIntoView({ block: "nearest" }));
});
window.addEventListener("popstate", () => location.reload());
settle([]);
