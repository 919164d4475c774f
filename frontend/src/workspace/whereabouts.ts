/** My awareness state on its way to the server: only my own, at most 20 times a second. Knows bytes and clocks. */

import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate, removeAwarenessStates } from "y-protocols/awareness";
import type * as Y from "yjs";

const PAUSE_MS = 50;

/** The origin of what others say of themselves. */
const FROM_SERVER = Symbol("from the server");

export class Whereabouts {
  readonly awareness: Awareness;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastSent = -PAUSE_MS;

  constructor(
    doc: Y.Doc,
    private readonly send: (update: Uint8Array) => void,
  ) {
    this.awareness = new Awareness(doc);
    this.awareness.on("update", (_: unknown, origin: unknown) => {
      if (origin !== FROM_SERVER) this.soon();
    });
  }

  /** What the server says of others. */
  hear(update: Uint8Array): void {
    applyAwarenessUpdate(this.awareness, update, FROM_SERVER);
  }

  /** A new connection: the server has forgotten me, and told others so under my next number. */
  again(): void {
    const state = this.awareness.getLocalState();
    for (let twice = 0; twice < 2; twice += 1) this.awareness.setLocalState(state);
    this.flush();
  }

  /** Nobody is known to be there without a connection. */
  alone(): void {
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.awareness.clientID);
    if (others.length) removeAwarenessStates(this.awareness, others, FROM_SERVER);
  }

  destroy(): void {
    clearTimeout(this.timer);
    this.awareness.destroy();
  }

  private soon(): void {
    if (this.timer !== undefined) return;
    const wait = Math.max(0, this.lastSent + PAUSE_MS - performance.now());
    this.timer = setTimeout(() => this.flush(), wait);
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.lastSent = performance.now();
    if (this.awareness.getLocalState()) this.send(encodeAwarenessUpdate(this.awareness, [this.awareness.clientID]));
  }
}
