// The page of an import: asks each second how far it is, and shows the report when it is over.

const SECOND = 1000;
const page = document.getElementById("import-job");
const part = (name) => page.querySelector(`[data-show=${name}]`);

function show(job) {
  part("state").textContent = job.state;
  part("taken").textContent = job.taken;
  part("refused").textContent = job.refused;
  showProgress(job.progress);
}

function showProgress(fraction) {
  part("bar").style.width = `${Math.round(100 * fraction)}%`;
  part("bar").parentElement.setAttribute("aria-valuenow", Math.round(100 * fraction));
}

async function follow() {
  const response = await fetch(page.dataset.state).catch(() => null); // the server may be restarting
  if (response?.ok) {
    const job = await response.json();
    show(job);
    if (!["queued", "running"].includes(job.state)) return location.reload();
  }
  setTimeout(follow, SECOND);
}

showProgress(Number(part("bar").dataset.progress));
if (page.dataset.runs === "yes") setTimeout(follow, SECOND);
