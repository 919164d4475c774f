/** Parts of the screen whose code is fetched when they are first shown, or a little before. */

import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../words/words";

export interface Lazy<Props extends object> {
  readonly Shown: ComponentType<Props>;
  /** Fetch it, for it may be wanted soon. */
  fetch(): void;
}

/** What fails to load is tried again the next time it is shown. `waits`: whether its place says that it is on its way, or failed. */
export function lazily<Props extends object>(load: () => Promise<{ readonly default: ComponentType<Props> }>, waits = true): Lazy<Props> {
  let Loaded: ComponentType<Props> | null = null;
  const fetch = async (): Promise<void> => {
    Loaded ??= (await load()).default;
  };
  function Shown(props: Props) {
    const [state, setState] = useState<"loading" | "there" | "failed">("loading");
    useEffect(() => {
      fetch().then(
        () => setState("there"),
        () => setState("failed"),
      );
    }, []);
    if (Loaded) return <Loaded {...props} />;
    if (!waits) return null;
    return <p class="empty">{state === "failed" ? t("This could not be loaded. Is the connection there?") : t("Loading…")}</p>;
  }
  return { Shown, fetch: () => void fetch().catch(() => undefined) };
}
