/** Which of my edits the server has committed: the truth behind "Saved". Knows counts and message numbers; no network. */

import { signal } from "@preact/signals";

interface Sent {
  readonly number: number;
  /** How many edits had been made when it was sent; all of them are in it or in messages before it. */
  readonly made: number;
  readonly update: Uint8Array;
  /** With it, everything in the document was sent: what earlier tabs left is in it, too. */
  readonly everything: boolean;
}

export class Ledger {
  /** How many edits are not committed. */
  readonly unsaved = signal(0);
  private made = 0;
  private saved = 0;
  private sentOut = 0; // of the edits made, how many are wholly in messages of this socket
  private carried = 0; // left by earlier tabs
  private number = 0; // of the last message on this socket
  private trusted = 0; // acknowledgements of messages before this one prove nothing
  private sent: Sent[] = [];

  edited(count = 1): void {
    this.made += count;
    this.tell();
  }

  /** Edits that this browser kept from before. */
  carry(count: number): void {
    this.carried = count;
    this.tell();
  }

  /** A new socket counts from 1; what it was not told of must be sent again. */
  reconnected(): void {
    this.number = 0;
    this.sentOut = this.saved;
    this.trusted = 0;
    this.sent = [];
  }

  /** A message went out. What goes in several is sent with the last of them. */
  note(update: Uint8Array, { isLast, everything }: { isLast: boolean; everything: boolean }): void {
    this.number += 1;
    if (isLast) this.sentOut = this.made;
    this.sent.push({ number: this.number, made: this.sentOut, update, everything });
  }

  /** The server lacked something that a message built on: only what is sent from now on tells. */
  distrust(): void {
    this.trusted = this.number + 1;
  }

  /** Everything up to this message is committed. Says whether everything that earlier tabs left is, too. */
  acknowledged(upto: number): boolean {
    const done = this.sent.filter((sent) => sent.number <= upto);
    this.sent = this.sent.filter((sent) => sent.number > upto);
    const last = done[done.length - 1];
    if (!last || last.number < this.trusted) return false;
    this.saved = Math.max(this.saved, last.made);
    const everything = done.some((sent) => sent.everything && sent.number >= this.trusted);
    if (everything) this.carried = 0;
    this.tell();
    return everything;
  }

  /** What was sent as message `number`, if it is not acknowledged yet. */
  updateOf(number: number): Uint8Array | null {
    return this.sent.find((sent) => sent.number === number)?.update ?? null;
  }

  /** Nothing is waiting any more: the document was made anew from what the server has. */
  clear(): void {
    this.saved = this.sentOut = this.made;
    this.carried = 0;
    this.sent = [];
    this.tell();
  }

  /** Edits made in this tab and not committed, without what earlier tabs left. */
  get own(): number {
    return this.made - this.saved;
  }

  private tell(): void {
    this.unsaved.value = this.own + this.carried;
  }
}
