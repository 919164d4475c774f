// Tasks are ticked: one, a row of them with Shift, the page, or all that match. The form's buttons say what then.

export function picks(place, keep = []) {
  const form = place.querySelector("form[data-picks]");
  const bar = form?.querySelector(".picked");
  if (!bar) return;
  const boxes = [...form.querySelectorAll("input[name=task]")];
  const page = form.querySelector("[data-pick-page]");
  const all = bar.querySelector("[data-pick-all]");
  const everything = bar.querySelector("[data-everything]");
  let last = 0;

  for (const box of boxes) box.checked = keep.includes(box.value);

  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    const words = bar.querySelector(".how-many");
    const { one, many, all: said } = words.dataset;
    page.checked = count > 0 && count === boxes.length;
    page.indeterminate = count > 0 && count < boxes.length;
    if (!page.checked) everything.value = "";
    bar.hidden = count === 0;
    words.textContent = everything.value ? said : count === 1 ? one : many.replace("{n}", count);
    if (all) all.hidden = !page.checked || everything.value !== "";
    for (const box of boxes) box.closest("tr").classList.toggle("on", box.checked);
  };

  form.addEventListener("click", (event) => {
    const at = boxes.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey) {
      const [from, to] = [Math.min(at, last), Math.max(at, last)];
      for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
    }
    last = at;
  });
  form.addEventListener("change", (event) => {
    if (event.target === page) for (const box of boxes) box.checked = page.checked;
    tell();
  });
  form.addEventListener("reset", () => {
    everything.value = "";
    setTimeout(tell);
  });
  all?.addEventListener("click", () => {
    everything.value = "1";
    tell();
    bar.querySelector("button[name=action]").focus();
  });
  tell();
}
