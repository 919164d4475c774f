// Who is labelling now, and what it does to the rows of the task table. Draws what /ws/projects/<id>/ says.

import { projectEvents } from "./project_socket.js";

const STATUS_NAMES = { open: "open", in_progress: "in progress", submitted: "done", skipped: "skipped" };
const LOST_MS = 3000;
const SHOWN = 5; // avatars in one place; the rest is a number

/** `element` shows the people of `data-project`; rows and cells below it with data-task follow their tasks. */
export function here(element) {
  let people = [];
  let telling; // that the connection is lost; a short loss is not worth a word
  projectEvents(element.dataset.project, (event) => {
    if (event.type === "found") {
      clearTimeout(telling);
      telling = undefined;
      tellLost(false);
    }
    if (event.type === "lost") telling ??= setTimeout(tellLost, LOST_MS, true);
    if (event.type === "here") showPeople(element, (people = event.people));
    if (event.type === "tasks") {
      for (const task of event.tasks) showTask(element, task);
      element.dispatchEvent(new CustomEvent("tasks"));
    }
  });
  // Rows that came later: the page says so.
  element.addEventListener("rows", () => showPeople(element, people));
}

/** Its way back is by itself: a word, and nothing to do. */
function tellLost(lost) {
  const place = document.querySelector("[data-lost]");
  if (place) place.hidden = !lost;
}

function showPeople(element, people) {
  for (const place of element.querySelectorAll("[data-here]")) {
    const task = place.dataset.here;
    const there = task === "all" ? people : people.filter((person) => String(person.task) === task);
    fill(place, once(there), task === "all");
  }
}

/** A person with several tabs is one person. */
function once(people) {
  return [...new Map(people.map(({ user }) => [user.id, user])).values()];
}

function fill(place, users, inWords) {
  place.replaceChildren(...users.slice(0, SHOWN).map(avatar));
  if (users.length > SHOWN) place.append(`+${users.length - SHOWN}`);
  if (!inWords || users.length === 0) return;
  const words = document.createElement("span");
  words.className = "muted here-words";
  words.textContent = `${users.length} labelling now`;
  place.append(words);
}

function avatar({ name, colour }) {
  const shape = document.createElement("span");
  shape.className = "avatar";
  if (/^#[0-9a-f]{6}$/i.test(colour)) shape.style.setProperty("--u", colour);
  shape.title = name;
  shape.setAttribute("role", "img");
  shape.setAttribute("aria-label", name);
  shape.dataset.initials = initials(name);
  return shape;
}

/** The twin of `projects/people.py`. */
export function initials(name) {
  const parts = name.match(/\p{L}+|\p{N}+/gu) ?? [];
  if (parts.length === 0) return [...name][0] ?? "?";
  if (parts.length === 1) return [...parts[0]].slice(0, 2).join("").toUpperCase();
  return ([...parts[0]][0] + [...parts.at(-1)][0]).toUpperCase();
}

function showTask(element, task) {
  const row = element.querySelector(`tr[data-task="${Number(task.id)}"]`);
  if (!row) return;
  const status = row.querySelector("[data-shows=status]");
  status.textContent = STATUS_NAMES[task.status] ?? task.status;
  status.className = `pill ${task.status}`;
  row.querySelector("[data-shows=annotations]").textContent = task.annotations;
  row.querySelector("[data-shows=suggestions]").textContent = task.suggestions;
  row.querySelector("[data-shows=changed]").textContent = "now";
}
