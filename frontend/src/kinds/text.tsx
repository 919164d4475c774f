/** Free text, written together character by character; colleagues' carets are seen in it. */

import { effect } from "@preact/signals";
import { defaultKeymap } from "@codemirror/commands";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder } from "@codemirror/view";
import { useEffect, useId, useRef } from "preact/hooks";
import { ySync, YSyncConfig, ySyncFacet } from "y-codemirror.next";
import { useWorkspace } from "../panels/context";
import type { Workspace } from "../workspace/app_actions";
import type { Field } from "../workspace/model";
import { Offsets } from "../workspace/offsets";
import { type ColleagueSelection, colleagues, showColleagues } from "./colleagues";
import { FieldTitle } from "./field_title";
import type { Kind, KindProps } from "./registry";

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
  const text = document.text(field.key);
  const sync = new YSyncConfig(text, null);
  const manager = undo.manager.peek();
  manager.addTrackedOrigin(sync);
  const extensions = [looks(field.name, mayWrite, nonce), ySyncFacet.of(sync), ySync, colleagues, tellsCaret(workspace, field.key)];
  const view = new EditorView({ parent, state: EditorState.create({ doc: text.toString(), extensions }) });
  const stop = effect(() => view.dispatch({ effects: showColleagues.of(carets(workspace, field.key, view)) }));
  return () => {
    stop();
    view.destroy();
    manager.removeTrackedOrigin(sync);
  };
}

function looks(name: string, mayWrite: boolean, nonce: string): Extension {
  return [
    EditorState.lineSeparator.of("\n"),
    EditorState.readOnly.of(!mayWrite),
    EditorView.editable.of(mayWrite),
    EditorView.cspNonce.of(nonce),
    EditorView.lineWrapping,
    EditorView.perLineTextDirection.of(true),
    EditorView.contentAttributes.of({ "aria-label": name, spellcheck: "true" }),
    keymap.of(defaultKeymap),
    placeholder(mayWrite ? "Write here…" : "Nothing written yet"),
  ];
}

function tellsCaret(workspace: Workspace, field: string): Extension {
  return EditorView.updateListener.of((update) => {
    if (!update.selectionSet && !update.focusChanged && !update.docChanged) return;
    if (!update.view.hasFocus) return update.focusChanged ? workspace.presence.peek().setSelection(null) : undefined;
    const { from, to } = update.state.selection.main;
    workspace.presence.peek().setSelection({ ...new Offsets(update.state.doc.toString()).spanOf(from, to), field });
  });
}

function carets(workspace: Workspace, field: string, view: EditorView): ColleagueSelection[] {
  const inField = workspace.colleagues.value.filter(({ selection }) => selection?.field === field);
  const offsets = new Offsets(inField.length ? view.state.doc.toString() : "");
  return inField.flatMap(({ session, user, selection }) =>
    selection ? { session: String(session), name: user.name, colour: user.colour, ...offsets.rangeOf(selection) } : [],
  );
}

export const text: Kind = { Palette };
