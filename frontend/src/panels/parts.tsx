/** Small parts that several panels use: avatars, key caps, dialogs. */

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { t } from "../words/words";
import { Cross } from "./icons";

/** Two letters or digits that tell people apart: "annotator-2" is A2, "Ada Lovelace" is AL. */
export function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter(Boolean);
  const letters = words.length > 1 ? first(words[0]) + first(words[words.length - 1]) : first(words[0], 2);
  return letters.toUpperCase();
}

function first(word = "?", count = 1): string {
  return Array.from(word).slice(0, count).join("");
}

export function Avatar({ name, colour, me = false, small = false }: { name: string; colour: string; me?: boolean; small?: boolean }) {
  return (
    <span class={`avatar${small ? " small" : ""}`} style={{ "--u": colour }} data-initials={me ? t("You") : initials(name)} title={me ? t("{name} (you)", { name }) : name} role="img" aria-label={me ? t("You") : name} />
  );
}

export function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <span>
      {keys.map((key, i) => (
        <>
          {i > 0 && " "}
          <kbd>{key}</kbd>
        </>
      ))}
    </span>
  );
}

export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} aria-labelledby={heading} onClose={close} onClick={(event) => event.target === element.current && close()}>
      <div class="head">
        <h2 id={heading}>{title}</h2>
        <button type="button" class="icon-button" aria-label={t("Close")} onClick={close}>
          <Cross />
        </button>
      </div>
      <div class="body" tabIndex={0}>
        {children}
      </div>
    </dialog>
  );
}
