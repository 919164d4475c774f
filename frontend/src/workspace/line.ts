/** A WebSocket that comes back by itself: backoff, signs of life, latency, close codes in words. Knows no documents. */

import { signal } from "@preact/signals";
import { t } from "../words/words";

export type LineState =
  | { readonly name: "connecting" }
  | { readonly name: "open" }
  /** No connection; it is tried again by itself. */
  | { readonly name: "offline" }
  /** Sent away: it is not tried again. */
  | { readonly name: "closed"; readonly code: number; readonly sentence: string };

export interface LineOptions {
  /** A path on this site, or a whole address. Asked for at each try. */
  readonly address: () => string;
  readonly protocol?: string;
  readonly onOpen?: () => void;
  readonly onBytes?: (bytes: Uint8Array) => void;
  readonly onEvent?: (event: { readonly type: string } & Readonly<Record<string, unknown>>) => void;
  readonly onLost?: () => void;
}

/** Times in milliseconds; tests take shorter ones. */
export const TIMES = {
  firstRetry: 250,
  longestRetry: 10_000,
  ping: 5_000,
  /** So long after a ping without a word, the connection is dead though nobody said so. */
  silence: 15_000,
};

function sentenceOf(code: number): string {
  const known: Readonly<Record<number, string>> = {
    4401: t("You are logged out. Please log in again."),
    4403: t("You are not allowed to do this any more."),
    4404: t("There is no such task here, or you have no access to it any more."),
    4409: t("This document was restored or reset. Please reload the page."),
    4413: t("The change was larger than the server takes."),
    4422: t("The server refused a change."),
  };
  return known[code] ?? t("The server ended the connection.");
}

export class Line {
  readonly state = signal<LineState>({ name: "connecting" });
  /** Milliseconds there and back; null where it is not known. */
  readonly latency = signal<number | null>(null);
  private socket: WebSocket | null = null;
  private tries = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private pulse: ReturnType<typeof setInterval> | undefined;
  private pinged = 0; // when the first ping was sent since the last word from there; 0 where none was
  private readonly stopListening: () => void;

  constructor(private readonly options: LineOptions) {
    this.stopListening = followNetwork({ back: () => this.hurry(), gone: () => this.giveUp() });
  }

  open(): void {
    if (this.socket || this.state.peek().name === "closed") return;
    clearTimeout(this.retry);
    const socket = new WebSocket(absolute(this.options.address()), this.options.protocol ?? []);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    // A socket that was given up must not speak for the one that came after it.
    const ifCurrent = (deed: () => void): void => {
      if (this.socket === socket) deed();
    };
    socket.onopen = () => ifCurrent(() => this.opened());
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => ifCurrent(() => this.hear(event.data));
    socket.onclose = (event) => ifCurrent(() => this.lost(event.code));
    // A failure is always followed by a close; unheard, it would end a Node process.
    socket.onerror = () => undefined;
  }

  /** Whether it went out. */
  send(data: Uint8Array | string): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(data as Uint8Array<ArrayBuffer> | string);
    return true;
  }

  /** Drop this connection and make a new one at once. */
  restart(): void {
    this.drop();
    this.state.value = { name: "connecting" };
    this.open();
  }

  /** For good. */
  close(): void {
    this.stopListening();
    clearTimeout(this.retry);
    this.drop();
    if (this.state.peek().name !== "closed") this.state.value = { name: "closed", code: 1000, sentence: "" };
  }

  private opened(): void {
    this.state.value = { name: "open" };
    this.pinged = 0;
    clearInterval(this.pulse);
    this.pulse = setInterval(() => this.ping(), TIMES.ping);
    this.options.onOpen?.();
    this.ping();
  }

  private hear(data: string | ArrayBuffer): void {
    this.tries = 0;
    this.pinged = 0;
    if (typeof data !== "string") return this.options.onBytes?.(new Uint8Array(data));
    const event = readEvent(data);
    if (event?.type === "pong") this.latency.value = typeof event.t === "number" ? performance.now() - event.t : null;
    else if (event) this.options.onEvent?.(event);
  }

  private ping(): void {
    const now = performance.now();
    if (this.pinged && now - this.pinged > TIMES.silence) return this.lost(1006);
    this.pinged ||= now;
    this.send(JSON.stringify({ type: "ping", t: now }));
  }

  private lost(code: number): void {
    this.drop();
    this.latency.value = null;
    // 4400 to 4499 say that coming back is of no use.
    if (code >= 4400 && code < 4500) this.state.value = { name: "closed", code, sentence: sentenceOf(code) };
    else this.state.value = { name: "offline" };
    this.options.onLost?.();
    if (this.state.peek().name === "offline") this.retry = setTimeout(() => this.open(), this.nextWait());
  }

  private nextWait(): number {
    const longest = Math.min(TIMES.longestRetry, TIMES.firstRetry * 2 ** this.tries++);
    // Jitter: after a restart of the server, not everybody comes at once.
    return longest * (0.5 + Math.random() / 2);
  }

  /** The network or the window is back: try now; a line that still stands may be dead, so ask. */
  private hurry(): void {
    if (this.state.peek().name === "open") return this.ping();
    if (this.socket || this.state.peek().name !== "offline") return;
    this.tries = 0;
    this.open();
  }

  /** The network is gone: do not wait for the silence. A server on this very machine is found again at the next try. */
  private giveUp(): void {
    if (this.state.peek().name === "open") this.lost(1006);
  }

  private drop(): void {
    clearInterval(this.pulse);
    const socket = this.socket;
    this.socket = null;
    if (socket && socket.readyState < WebSocket.CLOSING) socket.close();
  }
}

function readEvent(text: string): ({ type: string } & Record<string, unknown>) | null {
  const event = JSON.parse(text) as { type?: unknown } | null;
  return typeof event?.type === "string" ? (event as { type: string } & Record<string, unknown>) : null;
}

/** A path becomes an address of this site, http becomes ws. */
function absolute(address: string): string {
  const base = typeof location === "undefined" ? undefined : location.href;
  return new URL(address, base).href.replace(/^http/, "ws");
}

function followNetwork({ back, gone }: { readonly back: () => void; readonly gone: () => void }): () => void {
  if (typeof window === "undefined") return () => undefined;
  const ifVisible = (): void => {
    if (document.visibilityState === "visible") back();
  };
  window.addEventListener("online", back);
  window.addEventListener("offline", gone);
  document.addEventListener("visibilitychange", ifVisible);
  return () => {
    window.removeEventListener("online", back);
    window.removeEventListener("offline", gone);
    document.removeEventListener("visibilitychange", ifVisible);
  };
}
