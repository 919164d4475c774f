/** The marks of one task, as its text draws them. Each is made once, while its annotation and the project stay the same. */

import { compareMarks, type Mark } from "../kinds/span_index";
import type { Workspace } from "../workspace/app_actions";
import { spanOf } from "../workspace/app_entries";
import type { LabelLook, Shown } from "../workspace/app_state";
import { KeptOrder } from "../workspace/kept_order";
import type { Resolved } from "../workspace/model";
import type { Schema } from "../workspace/schema";
import { countKey } from "../workspace/resolution";

export class TextMarks {
  private schema: Schema | null = null;
  private looks = new Map<string, LabelLook>();
  private made = new WeakMap<Resolved, Mark>();
  private readonly order = new KeptOrder(compareMarks);

  constructor(
    private readonly workspace: Workspace,
    private readonly shown: Shown,
  ) {}

  /** What holds and what is suggested, in the order of a `MarkIndex`. */
  all(): readonly Mark[] {
    const { accepted, suggestions } = this.shown.open.document;
    const { counts } = this.shown.open.discussion;
    this.forgetOld(this.workspace.schema.value);
    const marks: Mark[] = [];
    for (const list of [accepted.value, suggestions.value]) {
      for (const said of list) {
        const mark = this.workspace.isShown(said) ? this.markOf(said, counts.value.has(said.id)) : null;
        if (mark) marks.push(mark);
      }
    }
    return this.order.of(marks);
  }

  private forgetOld(schema: Schema): void {
    if (schema === this.schema) return;
    this.schema = schema;
    this.looks = new Map();
    this.made = new WeakMap();
  }

  private markOf(said: Resolved, discussed: boolean): Mark | null {
    const known = this.made.get(said);
    if (known?.discussed === discussed) return known;
    const span = spanOf(said);
    if (!span) return null;
    const { from, to } = this.shown.offsets.rangeOf(span);
    const { name, colour } = this.lookOf(said);
    const { id, score, labelRemoved } = said;
    const mark = { id, from, to, label: name, colour, suggestion: said.status === "suggested", score, labelRemoved, discussed };
    this.made.set(said, mark);
    return mark;
  }

  private lookOf(said: Resolved): LabelLook {
    const key = countKey(said.field, said.label);
    const known = this.looks.get(key);
    if (known) return known;
    const look = this.workspace.labelOf(said);
    this.looks.set(key, look);
    return look;
  }
}
