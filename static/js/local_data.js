// What Colabel keeps in this browser, and how logging out removes it. Database names start with "colabel/".

const PREFIX = "colabel/";
const LONGEST_WAIT_MS = 3000; // another tab may hold a database open; logging out does not wait for ever

export async function wipeLocalData() {
  const databases = await indexedDB.databases();
  const ours = databases.map(({ name }) => name).filter((name) => name?.startsWith(PREFIX));
  await Promise.race([Promise.all(ours.map(removed)), new Promise((done) => setTimeout(done, LONGEST_WAIT_MS))]);
}

function removed(name) {
  return new Promise((done) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = done;
    request.onerror = done;
  });
}

/** Before `form` logs out: open workspaces are told to let go of their databases, then these are removed. */
export function wipeBeforeLogout(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    form.querySelector("button[type=submit]")?.setAttribute("disabled", "");
    const tabs = new BroadcastChannel("colabel");
    tabs.postMessage({ type: "logout" });
    try {
      await wipeLocalData();
    } finally {
      tabs.close();
      form.submit();
    }
  });
}
