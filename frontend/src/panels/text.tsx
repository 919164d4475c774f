/** The task's text in the middle: ties the editor's view to what holds, what is selected and who is here. */

import { computed, effect, untracked } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { spanOf } from "../workspace/app_entries";
import type { Workspace } from "../workspace/app_actions";
import { takeWord } from "../workspace/deeds";
import type { ColleagueSelection } from "../kinds/colleagues";
import { MarkIndex } from "../kinds/span_index";
import { TextView } from "../kinds/span_view";
import { follow } from "../workspace/following";
import { useWorkspace } from "./context";
import { TextMarks } from "./text_marks";

export function TextPanel({ nonce }: { nonce: string }) {
  const workspace = useWorkspace();
  const place = useRef<HTMLDivElement>(null);
  const shown = workspace.shown.value;
  // Before anything is painted, not after it.
  useLayoutEffect(() => {
    if (!place.current) return undefined;
    const marks = new TextMarks(workspace, shown);
    const index = computed(() => new MarkIndex(marks.all()));
    const view = new TextView(place.current, shown.task.text, index.peek(), events(workspace), nonce);
    workspace.ui.hand = { caret: () => view.caret(), select: ({ from, to }) => view.select(from, to), focus: () => view.focus() };
    const stop = [
      effect(() => view.show(index.value, workspace.ui.selected.value, workspace.ui.range.value !== null)),
      effect(() => view.setColleagues(selections(workspace))),
      effect(() => reveal(workspace, view)),
      follow(workspace, (position) => view.scrollTo(position)),
    ];
    return () => {
      stop.forEach((end) => end());
      workspace.ui.hand = null;
      view.destroy();
    };
  }, [shown]);
  return <div class="text" ref={place} />;
}

function events(workspace: Workspace) {
  return {
    selected: (from: number, to: number) => workspace.selectText({ from, to }),
    settled: (from: number, to: number) => workspace.settle({ from, to }),
    clicked: (ids: readonly string[]) => workspace.clickMarks(ids),
    visible: (from: number, to: number) => workspace.seeText({ from, to }),
    scrolledByHand: () => void (workspace.ui.following.value = null),
    snapped: (from: number, to: number) => workspace.meant({ from, to }),
    tapped: (at: number) => takeWord(workspace, at),
    draws: () => workspace.ui.armed.peek() !== null,
    byWords: () => workspace.preferences.snap.peek(),
    moved: () => (workspace.ui.selected.value = null),
  };
}

function selections(workspace: Workspace): ColleagueSelection[] {
  return workspace.colleagues.value.flatMap(({ session, user, selection }) =>
    selection && selection.field === undefined
      ? { session: String(session), name: user.name, colour: user.colour, ...workspace.offsets.value.rangeOf(selection) }
      : [],
  );
}

/** Only a new selection moves the text; what others change never does. */
function reveal(workspace: Workspace, view: TextView): void {
  const id = workspace.ui.selected.value;
  const mark = id === null ? undefined : workspace.document.peek().get(id);
  const span = mark && spanOf(mark);
  if (!span) return;
  const { from, to } = workspace.offsets.peek().rangeOf(span);
  untracked(() => view.placeCaret(to));
  view.reveal(from);
}
