/** A browser's storage as tests need it: one that takes its time to open, and one for the hints of what is kept. */

import "fake-indexeddb/auto";

export interface HeldStorage {
  release(): void;
}

/** Nobody else can open the database `name`, or where it is there already read it, until it is released. */
export function holdStorage(name: string): Promise<HeldStorage> {
  let held = true;
  const release = (): void => void (held = false);
  // A transaction lives as long as something is asked in it.
  const hold = (store: IDBObjectStore): void => {
    if (held) store.count().onsuccess = () => hold(store);
  };
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onerror = () => reject(request.error ?? new Error("The storage did not open."));
    request.onupgradeneeded = () => {
      const database = request.result;
      const store = database.createObjectStore("updates", { autoIncrement: true });
      database.createObjectStore("unsaved");
      hold(store);
      resolve({ release });
    };
    request.onsuccess = () => {
      if (held) hold(request.result.transaction(["updates", "unsaved"], "readwrite").objectStore("updates"));
      request.result.close();
      resolve({ release });
    };
  });
}

/** Node has no localStorage of its own. Returns how to take it away again. */
export function keepHints(): () => void {
  const kept = new Map<string, string>();
  const hints = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem(name: string, value: string) {
      kept.set(name, value);
      Object.defineProperty(hints, name, { value, enumerable: true, configurable: true });
    },
    removeItem(name: string) {
      kept.delete(name);
      Reflect.deleteProperty(hints, name);
    },
  };
  Object.defineProperty(globalThis, "localStorage", { value: hints, configurable: true });
  return () => Reflect.deleteProperty(globalThis, "localStorage");
}
