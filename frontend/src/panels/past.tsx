/** The task as it was at a moment: its text with the labels of then, and the answers. Nothing here can be changed. */

import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { useWorkspace } from "./context";
import { momentWords } from "./history";
import type { Workspace } from "../workspace/app_actions";
import type { Past } from "../workspace/app_history";
import { spanOf } from "../workspace/app_entries";
import { compareMarks, type Mark, MarkIndex } from "../kinds/span_index";
import { type TextEvents, TextView } from "../kinds/span_view";
import type { Resolved } from "../workspace/model";
import { Resolution } from "../workspace/resolution";
import { rootsOf, textRoot } from "../workspace/roots";
import { t, tn } from "../words/words";

const nothing = (): undefined => undefined;
const NOTHING_HAPPENS: TextEvents = {
  selected: nothing,
  settled: nothing,
  snapped: (from, to) => ({ from, to }),
  byWords: () => false,
  tapped: nothing,
  draws: () => false,
  moved: nothing,
  clicked: nothing,
  visible: nothing,
  scrolledByHand: nothing,
};

export default function PastPanel() {
  const workspace = useWorkspace();
  const past = workspace.ui.past.value;
  return past && <PastView past={past} />;
}

function PastView({ past }: { past: Past }) {
  const workspace = useWorkspace();
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<TextView | null>(null);
  const schema = workspace.schema.value;
  const said = useMemo(() => new Resolution(rootsOf(past.doc), schema).all(), [past, schema]);
  const index = useMemo(() => new MarkIndex(marksOf(said, workspace)), [said]);
  const { shown } = workspace;
  useLayoutEffect(() => {
    if (!place.current) return undefined;
    const nonce = document.getElementById("workspace")?.nonce ?? "";
    view.current = new TextView(place.current, shown.peek().task.text, index, NOTHING_HAPPENS, nonce);
    return () => view.current?.destroy();
  }, [shown.value]);
  useLayoutEffect(() => view.current?.show(index, workspace.ui.selected.value, true), [index, workspace.ui.selected.value]);
  const labels = said.filter(({ status }) => status === "accepted").length;
  return (
    <section class="past" aria-label={t("The task as it was")}>
      <p class="banner warn" role="status">
        <b>{t("The past")}</b>
        <span class="ellipsis">
          {momentWords(past.row?.at, past.row?.author)} · {tn(labels, "{n} label", "{n} labels")} · {t("read only")}
        </span>
        <span class="grow" />
        <button type="button" class="mini" onClick={() => (workspace.ui.past.value = null)}>
          {t("Back to now")}
        </button>
      </p>
      <div class="text" ref={place} />
      <Answers past={past} said={said} />
    </section>
  );
}

function marksOf(said: readonly Resolved[], workspace: Workspace): Mark[] {
  const offsets = workspace.offsets.peek();
  const marks = said.flatMap((mark) => {
    const span = mark.status === "accepted" || mark.status === "suggested" ? spanOf(mark) : null;
    if (!span) return [];
    const { name, colour } = workspace.labelOf(mark);
    const { id, score, labelRemoved } = mark;
    return [{ ...offsets.rangeOf(span), id, label: name, colour, suggestion: mark.status === "suggested", score, labelRemoved, discussed: false }];
  });
  return marks.sort(compareMarks);
}

function Answers({ past, said }: { past: Past; said: readonly Resolved[] }) {
  const workspace = useWorkspace();
  const answers = said.filter((mark) => mark.status === "accepted" && !spanOf(mark)).map((mark) => workspace.wording(mark));
  const texts = workspace.project.value.fields.flatMap(({ kind, key, name }) => {
    const words = kind === "text" ? past.doc.getText(textRoot(key)).toJSON() : "";
    return words ? [`${name}: ${words}`] : [];
  });
  const all = [...answers, ...texts];
  if (!all.length) return null;
  return (
    <ul class="answers" aria-label={t("Answers then")}>
      {all.map((answer) => (
        <li key={answer} dir="auto">
          {answer}
        </li>
      ))}
    </ul>
  );
}
