// Jobs under way: how far they are. When one ends, the page is told, which then shows what came of it.

const LOOK_MS = 600;
const LOOK_AGAIN_MS = 3000; // after a failed look

export function jobs(place, ended) {
  for (const shown of place.querySelectorAll("[data-job][data-unfinished]")) follow(shown, ended);
}

async function follow(shown, ended) {
  while (shown.isConnected) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const job = await look(shown.dataset.job);
    if (!shown.isConnected) return;
    if (job === undefined) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    } else if (job === null || job.ended) {
      return ended();
    } else {
      shown.querySelector("progress").value = job.progress;
      shown.querySelector("[data-taken]").textContent = job.taken;
    }
  }
}

/** The job as it stands; null where it is gone, undefined where nobody answered. */
async function look(id) {
  try {
    const answer = await fetch(`/api/jobs/${id}`);
    if (answer.status === 404 || answer.status === 401) return null;
    return answer.ok ? await answer.json() : undefined;
  } catch {
    return undefined;
  }
}
