/** Free text, written together character by character; colleagues' carets are seen in it. */

import { effect } from "@preact/signals";
import { defaultKeymap } from "@codemirror/commands";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { useEffect, useId, useRef } from "preact/hooks";
import { useWorkspace } from "../panels/context";
import type { Workspace } from "../workspace/app_actions";
import type { Field } from "../workspace/model";
import { Offsets } from "../workspace/offsets";
import { type ColleagueSelection, colleagues, showColleagues } from "./colleagues";
import { FieldTitle } from "./field_title";
import { lineDirection } from "./line_direction";
import type { Kind, KindProps } from "./registry";
import { textSync } from "./text_sync";
import { t } from "../words/words";

function Palette({ field, nonce }: KindProps) {
  const heading = useId();
  const place = useRef<HTMLDivElement>(null);
  const workspace = useWorkspace();
  const doc = workspace.connection.value.doc.value;
  const mayWrite = workspace.mayWrite.value && !field.removed;
  useEffect(
    () => (place.current ? editor(place.current, workspace, field, mayWrite, nonce) : undefined),
    [doc, field.key, field.name, mayWrite],
  );
  return (
    <section aria-labelledby={heading}>
      <FieldTitle field={field} id={heading} />
      <div class="free-text" ref={place} />
    </section>
  );
}

/** Put an editor of the field's text into `parent`; returns how to take it away. */
function editor(parent: HTMLElement, workspace: Workspace, field: Field, mayWrite: boolean, nonce: string): () => void {
  const { document, undo } = workspace.shown.peek().open;
  const written = document.text(field.key);
  const typist = Symbol(`typing into ${field.key}`);
  undo.track(typist);
  const sync = textSync(written, typist, (deed) => undo.step("paste", deed));
  const extensions = [looks(field.name, mayWrite, nonce), sync, colleagues, tellsCaret(workspace, field.key)];
  const doc = written.toJSON();
  const view = new EditorView({ parent, state: EditorState.create({ doc, extensions }) });
  const stop = effect(() => view.dispatch({ effects: showColleagues.of(carets(workspace, field.key, view)) }));
  return () => {
    stop();
    view.destroy();
  };
}

function looks(name: string, mayWrite: boolean, nonce: string): Extension {
  return [
    EditorState.lineSeparator.of("\n"),
    EditorState.readOnly.of(!mayWrite),
    EditorView.editable.of(mayWrite),
    EditorView.cspNonce.of(nonce),
    EditorView.lineWrapping,
    lineDirection,
    EditorView.contentAttributes.of({ "aria-label": name, spellcheck: "true" }),
    keymap.of(defaultKeymap),
    placeholder(mayWrite ? t("Write here…") : t("Nothing written yet")),
  ];
}

function tellsCaret(workspace: Workspace, field: string): Extension {
  return EditorView.updateListener.of((update) => {
    if (!update.selectionSet && !update.focusChanged && !update.docChanged) return;
    const presence = workspace.presence.peek();
    const { from, to } = update.state.selection.main;
    if (update.view.hasFocus) presence.setSelection({ ...new Offsets(update.state.sliceDoc()).spanOf(from, to), field });
    else if (update.focusChanged) presence.setSelection(null);
  });
}

function carets(workspace: Workspace, field: string, view: EditorView): ColleagueSelection[] {
  const inField = workspace.colleagues.value.filter(({ selection }) => selection?.field === field);
  const offsets = new Offsets(inField.length ? view.state.sliceDoc() : "");
  return inField.flatMap(({ session, user, selection }) =>
    selection ? { session: String(session), name: user.name, colour: user.colour, ...offsets.rangeOf(selection) } : [],
  );
}

export const text: Kind = { Palette };
