/** The project's questions, found by key: fields, labels, and what was removed. Pure; twin of projects/schema.py. */

import type { Field, Label, Project, Resolved } from "./model";

export class Schema {
  private readonly byKey: ReadonlyMap<string, Field>;
  private readonly labels = new Map<string, ReadonlyMap<string, Label>>();

  constructor(readonly fields: readonly Field[]) {
    this.byKey = new Map(fields.map((field) => [field.key, field]));
    for (const field of fields) {
      this.labels.set(field.key, new Map(field.labels.map((label) => [label.key, label])));
    }
  }

  static of(project: Pick<Project, "fields">): Schema {
    return new Schema(project.fields);
  }

  field(key: string): Field | undefined {
    return this.byKey.get(key);
  }

  label(field: string, key: string | null): Label | undefined {
    return key === null ? undefined : this.labels.get(field)?.get(key);
  }

  labelName(field: string, key: string | null): string {
    return this.label(field, key)?.name ?? key ?? "";
  }

  /** One answer at a time: what is decided later takes the place of what was said before. */
  isSingle(fieldKey: string): boolean {
    const field = this.byKey.get(fieldKey);
    return field !== undefined && (field.kind === "rating" || (field.kind === "choice" && !field.multiple));
  }

  /** The field or the label is gone from the project. */
  isRemoved(fieldKey: string, label: string | null): boolean {
    const field = this.byKey.get(fieldKey);
    if (field === undefined || field.removed) return true;
    return label !== null && (this.label(fieldKey, label)?.removed ?? true);
  }

  /** As a person reads an annotation's label, or the value of what has none. */
  wordsFor(said: Pick<Resolved, "field" | "label" | "value">): string {
    if (said.label !== null) return this.labelName(said.field, said.label);
    const name = this.byKey.get(said.field)?.name ?? said.field;
    return typeof said.value === "number" ? `${name} ${said.value}` : name;
  }
}
