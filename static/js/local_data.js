// What Colabel keeps in this browser (`frontend/src/workspace/offline.ts` writes it), and how logging out removes it.

const PREFIX = "colabel/";
const UNSAVED = "unsaved"; // by tab: how many edits the server has not acknowledged
const LONGEST_WAIT_MS = 3000; // another tab may be slow to let go of a database; logging out does not wait for ever

/** Before `form` logs out, what was kept is removed; where some of it exists nowhere else, only if the person says so. */
export function wipeBeforeLogout(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const unsaved = await countUnsaved(await ourDatabases());
      const refused = countRefused();
      if ((unsaved || refused) && !confirm(question(unsaved, refused))) return;
      await inTime(forgetEverything());
    } catch (error) {
      console.warn("What this browser keeps could not be removed:", error);
    }
    form.submit();
  });
}

/** Delete every document kept in this browser, of whomever. A tab that still holds one is waited for. */
export async function forgetEverything() {
  const names = await ourDatabases();
  await Promise.all(names.map(remove));
  forgetHints();
}

/** `offline.ts` notes in the local storage, too, which documents are kept. */
function forgetHints() {
  try {
    Object.keys(localStorage).forEach((name) => name.startsWith(PREFIX) && localStorage.removeItem(name));
  } catch {
    // Where it cannot be read, nothing was noted in it.
  }
}

function question(unsaved, refused) {
  const told = [];
  if (unsaved) told.push(`${unsaved === 1 ? "One change has" : `${unsaved} changes have`} not reached the server yet.`);
  if (refused) told.push(`${refused === 1 ? "One refused edit is" : `${refused} refused edits are`} kept to be copied.`);
  return `${told.join(" ")} Logging out deletes what this browser keeps. Log out all the same?`;
}

/** `refused_tray.ts` keeps what the server refused, until somebody drops it. */
function countRefused() {
  try {
    const trays = Object.keys(localStorage).filter((name) => name.startsWith(`${PREFIX}refused/`));
    return trays.reduce((sum, name) => sum + JSON.parse(localStorage.getItem(name)).length, 0);
  } catch {
    return 0; // cannot be read, here or anywhere
  }
}

async function ourDatabases() {
  const databases = await indexedDB.databases();
  return databases.map(({ name }) => name).filter((name) => name?.startsWith(PREFIX));
}

async function countUnsaved(names) {
  const counts = await inTime(Promise.all(names.map(unsavedIn)));
  return (counts ?? []).reduce((sum, count) => sum + count, 0);
}

async function unsavedIn(name) {
  const database = await answer(indexedDB.open(name));
  try {
    if (!database.objectStoreNames.contains(UNSAVED)) return 0;
    const counts = await answer(database.transaction(UNSAVED).objectStore(UNSAVED).getAll());
    return counts.reduce((sum, count) => sum + Number(count), 0);
  } finally {
    database.close();
  }
}

function remove(name) {
  return answer(indexedDB.deleteDatabase(name));
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function inTime(promise) {
  return Promise.race([promise, new Promise((resolve) => setTimeout(resolve, LONGEST_WAIT_MS))]);
}
