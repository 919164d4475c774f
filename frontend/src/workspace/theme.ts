/** Light or dark: what the system says, unless the person chose; the choice is kept in this browser (as static/js/theme.js has it). */

import { signal } from "@preact/signals";

export type Theme = "light" | "dark";
const STORED_AS = "colabel/theme";

export const theme = signal<Theme>(chosen() ?? fromSystem());

/** Show the theme, and follow the system as long as the person has not chosen. */
export function startTheme(): void {
  show(chosen());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    if (!chosen()) theme.value = fromSystem();
  });
}

export function toggleTheme(): void {
  const next = theme.value === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(STORED_AS, next);
  } catch {
    // Storage may be switched off; the choice then holds until the page is left.
  }
  show(next);
}

function show(choice: Theme | null): void {
  if (choice) document.documentElement.dataset.theme = choice;
  theme.value = choice ?? fromSystem();
}

function chosen(): Theme | null {
  try {
    const stored = localStorage.getItem(STORED_AS);
    return stored === "light" || stored === "dark" ? stored : null;
  } catch {
    return null;
  }
}

function fromSystem(): Theme {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
