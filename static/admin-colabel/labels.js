// A new label row gets the next colour of the palette and the next free hotkey of the page. The server decides in the end.

document.addEventListener("formset:added", (event) => {
  const colour = event.target.querySelector("input.label-colour");
  const hotkey = event.target.querySelector("input.label-hotkey");
  if (!colour || !hotkey) return;
  colour.value = leastUsed(colour.dataset.palette.split(" "), valuesOf("input.label-colour", colour));
  hotkey.value = firstFree(hotkey, valuesOf("input.label-hotkey", hotkey));
  event.target.querySelector("input[name$=-name]")?.focus();
});

function valuesOf(selector, except) {
  const inputs = [...document.querySelectorAll(selector)];
  return inputs.filter((input) => input !== except && !input.name.includes("__prefix__")).map((input) => input.value);
}

function leastUsed(palette, used) {
  const count = (colour) => used.filter((value) => value === colour).length;
  return palette.reduce((best, colour) => (count(colour) < count(best) ? colour : best));
}

// What the server proposed is free in the project's other fields, too; keys before it may not be.
function firstFree(input, used) {
  const keys = [...input.dataset.hotkeys];
  const free = keys.slice(Math.max(0, keys.indexOf(input.value))).find((key) => !used.includes(key));
  return free ?? "";
}
