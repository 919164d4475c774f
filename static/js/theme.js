// The theme that this browser chose, put on <html> before anything is painted. A classic script: modules would come too late.
(() => {
  try {
    const chosen = localStorage.getItem("colabel/theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage is switched off: the system's theme holds.
  }
})();
