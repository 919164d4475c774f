/** A part of the screen whose code comes when it is first wanted. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../words/words";

/** `load` must stay the same function: it is asked again only for another one. */
export function Lazy({ load }: { load: () => Promise<ComponentType> }) {
  const [part, setPart] = useState<{ readonly Part: ComponentType | null; readonly failed: boolean; readonly load: unknown }>({ Part: null, failed: false, load });
  useEffect(() => {
    let isWanted = true;
    load().then(
      (Part) => isWanted && setPart({ Part, failed: false, load }),
      () => isWanted && setPart({ Part: null, failed: true, load }),
    );
    return () => void (isWanted = false);
  }, [load]);
  // A part whose code changes with `load` is never shown in the place of another.
  if (part.Part && part.load === load) return <part.Part />;
  return <p class="empty">{part.failed ? t("This could not be loaded. Is the connection there?") : t("Loading…")}</p>;
}
