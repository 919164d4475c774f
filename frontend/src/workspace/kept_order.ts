/** A long list in order, of which little changes at a time: what stays is not sorted again. Knows objects and a comparison. */

export class KeptOrder<Item extends object> {
  private before: readonly Item[] = [];

  /** `compare` never calls two items equal, so that nothing swaps. */
  constructor(private readonly compare: (a: Item, b: Item) => number) {}

  /** The items in order. An item that changed must be another object. */
  of(items: readonly Item[]): readonly Item[] {
    const fresh = new Set(items);
    const kept = this.before.filter((item) => fresh.delete(item));
    this.before = merged(kept, [...fresh].sort(this.compare), this.compare);
    return this.before;
  }
}

function merged<Item>(kept: readonly Item[], fresh: readonly Item[], compare: (a: Item, b: Item) => number): readonly Item[] {
  if (!kept.length) return fresh;
  if (!fresh.length) return kept;
  const all: Item[] = [];
  let at = 0;
  for (const item of fresh) {
    const place = firstAfter(kept, item, at, compare);
    for (; at < place; at++) all.push(kept[at] as Item);
    all.push(item);
  }
  for (; at < kept.length; at++) all.push(kept[at] as Item);
  return all;
}

/** The first place from `low` on whose item comes after this one. */
function firstAfter<Item>(items: readonly Item[], item: Item, low: number, compare: (a: Item, b: Item) => number): number {
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(items[middle] as Item, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
