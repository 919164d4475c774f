// The choice of a theme in the account menu: system, light or dark, remembered by this browser.

const KEY = "colabel/theme";

export function themeChoice(group) {
  const chosen = document.documentElement.dataset.theme ?? "system";
  for (const button of group.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
    button.addEventListener("click", () => choose(group, button.value));
  }
}

function choose(group, theme) {
  if (theme === "system") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(KEY);
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(KEY, theme);
  }
  for (const button of group.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
}
