/** Where a comment is written: @ offers members, Ctrl+Enter sends, Escape leaves. What is typed is the caller's to keep. */

import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { useWorkspace } from "./context";
import { Avatar } from "./parts";
import { completed, mentionsIn, offered, type Typed, typedAt } from "../workspace/mentions";
import { t } from "../words/words";

interface Props {
  readonly name: string;
  readonly body: string;
  readonly focused?: number | boolean;
  readonly submit: string;
  readonly change: (body: string) => void;
  readonly send: (body: string, mentions: number[]) => void;
  readonly cancel?: () => void;
}

/** As in projects/entries.py. */
const LONGEST = 10_000;

export function Composer({ name, body, focused = false, submit, change, send, cancel }: Props) {
  const workspace = useWorkspace();
  const area = useRef<HTMLTextAreaElement>(null);
  const [typed, setTyped] = useState<Typed | null>(null);
  const [at, setAt] = useState(0);
  const list = useId();
  const members = workspace.project.value.members;
  const choices = typed ? offered(typed.name, members) : [];
  const isOpen = choices.length > 0;

  useLayoutEffect(() => {
    if (focused) area.current?.focus();
  }, [focused]);
  useLayoutEffect(() => {
    const box = area.current;
    if (!box) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 2}px`;
  }, [body]);

  const look = (): void => {
    const box = area.current;
    const now = box && box.selectionStart === box.selectionEnd ? typedAt(box.value, box.selectionStart) : null;
    setTyped(now);
    if (now?.name !== typed?.name) setAt(0);
  };
  const choose = (username: string): void => {
    const box = area.current;
    if (!box || !typed) return;
    const done = completed(box.value, typed, username);
    change(done.body);
    setTyped(null);
    box.focus();
    queueMicrotask(() => {
      box.value = done.body;
      box.setSelectionRange(done.caret, done.caret);
    });
  };
  const done = (): void => {
    const said = body.trim();
    if (said) send(said, mentionsIn(said, members));
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    const chosen = choices[at];
    if (isOpen && chosen && (event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey) choose(chosen.username);
    else if (isOpen && event.key === "ArrowDown") setAt((at + 1) % choices.length);
    else if (isOpen && event.key === "ArrowUp") setAt((at + choices.length - 1) % choices.length);
    else if (isOpen && event.key === "Escape") setTyped(null);
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) done();
    else if (event.key === "Escape") leave();
    else return;
    event.preventDefault();
  };
  const leave = (): void => {
    if (cancel) cancel();
    else area.current?.blur();
  };

  return (
    <div class="composer" data-own-keys>
      {isOpen && (
        <ul id={list} class="offered" role="listbox" aria-label={t("Members")}>
          {choices.map((member, i) => (
            <li
              key={member.user}
              id={`${list}-${i}`}
              role="option"
              aria-selected={i === at}
              onPointerDown={(event) => {
                event.preventDefault();
                choose(member.username);
              }}
            >
              <Avatar name={member.username} colour={member.colour} small /> {member.username}
            </li>
          ))}
        </ul>
      )}
      <textarea
        ref={area}
        rows={1}
        maxLength={LONGEST}
        aria-label={name}
        placeholder={name}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={isOpen ? list : undefined}
        aria-activedescendant={isOpen ? `${list}-${at}` : undefined}
        value={body}
        onInput={(event) => {
          change((event.target as HTMLTextAreaElement).value);
          look();
        }}
        onKeyUp={look}
        onClick={look}
        onBlur={() => setTyped(null)}
        onKeyDown={pressed}
      />
      {(body.trim() !== "" || cancel) && (
        <div class="row">
          <span class="muted grow">{t("@ mentions a member")}</span>
          {cancel && (
            <button type="button" class="mini" onClick={cancel}>
              {t("Cancel")}
            </button>
          )}
          <button type="button" class="mini primary" disabled={body.trim() === ""} onClick={done}>
            {submit} <kbd>{workspace.keys("submit")[0]}</kbd>
          </button>
        </div>
      )}
    </div>
  );
}
