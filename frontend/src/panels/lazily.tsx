/** Parts of the screen whose code is fetched when they are first shown. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

/** Nothing is shown until it is there; what fails to load is tried again the next time it is shown. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let Loaded: ComponentType<Props> | null = null;
  return function Lazily(props: Props) {
    const [, again] = useState(0);
    useEffect(() => {
      if (Loaded) return;
      load().then(
        (loaded) => {
          Loaded = loaded;
          again(1);
        },
        (error: unknown) => console.warn("A part of the page did not load:", error),
      );
    }, []);
    return Loaded && <Loaded {...props} />;
  };
}
