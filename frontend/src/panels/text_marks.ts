/** The marks of the task on screen, as its text draws them. Each is made once, while its annotation and the project stay the same. */

import type { Mark } from "../kinds/span_index";
import type { Workspace } from "../workspace/app_actions";
import { spanOf } from "../workspace/app_entries";
import type { LabelLook } from "../workspace/app_state";
import type { Resolved } from "../workspace/model";
import type { Offsets } from "../workspace/offsets";
import type { Schema } from "../workspace/schema";
import { countKey } from "../workspace/resolution";

export class TextMarks {
  private schema: Schema | null = null;
  private offsets: Offsets | null = null;
  private looks = new Map<string, LabelLook>();
  private made = new WeakMap<Resolved, Mark>();

  constructor(private readonly workspace: Workspace) {}

  /** What holds and what is suggested. */
  all(): Mark[] {
    const { accepted, suggestions } = this.workspace.document.value;
    this.forgetOld(this.workspace.schema.value, this.workspace.offsets.value);
    const marks: Mark[] = [];
    for (const list of [accepted.value, suggestions.value]) {
      for (const said of list) {
        const mark = this.markOf(said);
        if (mark) marks.push(mark);
      }
    }
    return marks;
  }

  private forgetOld(schema: Schema, offsets: Offsets): void {
    if (schema === this.schema && offsets === this.offsets) return;
    this.schema = schema;
    this.offsets = offsets;
    this.looks = new Map();
    this.made = new WeakMap();
  }

  private markOf(said: Resolved): Mark | null {
    const known = this.made.get(said);
    if (known) return known;
    const span = spanOf(said);
    if (!span || !this.offsets) return null;
    const { from, to } = this.offsets.rangeOf(span);
    const { name, colour, removed } = this.lookOf(said);
    const mark = { id: said.id, from, to, label: name, colour, suggestion: said.status === "suggested", score: said.score, labelRemoved: removed };
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
