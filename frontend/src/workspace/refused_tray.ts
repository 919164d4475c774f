/** Edits that the server refused, kept in this browser until they are copied or dropped: a reload or a closed tab loses none.
 * One tray for each person and document, whatever its epoch. Several tabs may hold it. */

import { signal } from "@preact/signals";
import type { Refusal } from "./connection_state";
import { newId } from "./roots";

const PREFIX = "colabel/refused/";

export class RefusedTray {
  readonly refused = signal<readonly Refusal[]>([]);
  /** Everything in the tray is in this browser's storage; false where it has none for us. */
  readonly isKept = signal(true);
  private readonly name: string;
  private readonly heard = (event: StorageEvent): void => {
    if (event.key === this.name) this.refused.value = read(this.name);
  };

  constructor(userId: number, documentId: number) {
    this.name = `${PREFIX}${userId}/${documentId}`;
    this.refused.value = read(this.name);
    if (typeof addEventListener === "function") addEventListener("storage", this.heard);
  }

  put(refusal: Omit<Refusal, "id">): void {
    this.change((refused) => [...refused, { id: newId(), ...refusal }]);
  }

  drop({ id }: Refusal): void {
    this.change((refused) => refused.filter((each) => each.id !== id));
  }

  close(): void {
    if (typeof removeEventListener === "function") removeEventListener("storage", this.heard);
  }

  private change(to: (refused: readonly Refusal[]) => readonly Refusal[]): void {
    // Another tab may have changed it a moment ago: what is stored counts.
    const now = to(this.isKept.peek() ? read(this.name) : this.refused.peek());
    this.refused.value = now;
    this.isKept.value = write(this.name, now);
  }
}

function read(name: string): readonly Refusal[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(name) ?? "[]");
    return Array.isArray(found) ? found.filter(isRefusal) : [];
  } catch {
    return [];
  }
}

function write(name: string, refused: readonly Refusal[]): boolean {
  try {
    if (refused.length) localStorage.setItem(name, JSON.stringify(refused));
    else localStorage.removeItem(name);
    return true;
  } catch {
    return !refused.length;
  }
}

function isRefusal(value: unknown): value is Refusal {
  const { id, sentence, kept } = (value ?? {}) as Partial<Refusal>;
  return typeof id === "string" && typeof sentence === "string" && Array.isArray(kept);
}
