/** Parts of the screen whose code is fetched when they are first shown, or a little before. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

export interface Lazy<Props extends object> {
  readonly Shown: ComponentType<Props>;
  /** Fetch it, for it may be wanted soon. */
  fetch(): void;
}

/** Nothing is shown until it is there; what fails to load is tried again the next time it is shown. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): Lazy<Props> {
  let Loaded: ComponentType<Props> | null = null;
  const fetch = (then?: () => void): void => {
    if (Loaded) return;
    load().then(
      (loaded) => {
        Loaded = loaded;
        then?.();
      },
      (error: unknown) => console.warn("A part of the page did not load:", error),
    );
  };
  function Shown(props: Props) {
    const [, again] = useState(0);
    useEffect(() => fetch(() => again(1)), []);
    return Loaded && <Loaded {...props} />;
  }
  return { Shown, fetch: () => fetch() };
}
