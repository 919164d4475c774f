// What an export will be, shown while it is chosen.

const TYPED_MS = 200;
const form = document.querySelector("form[data-preview]");
const place = document.querySelector(form.dataset.preview);
const button = form.querySelector("[data-look]");
let asking;

button.hidden = true; // it is shown anyway

async function look() {
  asking?.abort();
  asking = new AbortController();
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  const address = `${form.dataset.page}?${chosen}`;
  const waiting = setTimeout(() => place.setAttribute("aria-busy", "true"), 150);
  try {
    const answer = await fetch(address, { headers: { "X-Part": "preview" }, signal: asking.signal });
    if (!answer.ok || answer.redirected) return location.assign(address); // the whole page says what is wrong
    place.innerHTML = await answer.text(); // of our own server, which escapes what people typed
    history.replaceState(null, "", address);
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  } finally {
    clearTimeout(waiting);
    if (!asking.signal.aborted) place.removeAttribute("aria-busy");
  }
}

let typed;
form.addEventListener("input", () => {
  clearTimeout(typed);
  typed = setTimeout(look, TYPED_MS);
});
