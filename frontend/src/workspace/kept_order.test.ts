/** A list that changes little is in the same order as one that is sorted anew. */

import { expect, it } from "vitest";
import { KeptOrder } from "./kept_order";

interface Item {
  readonly id: number;
  readonly at: number;
}

const compare = (a: Item, b: Item): number => a.at - b.at || a.id - b.id;

it("orders as sorting would, whatever comes, goes and moves", () => {
  let seed = 11;
  const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  const order = new KeptOrder(compare);
  let items: Item[] = [];
  for (let turn = 0; turn < 300; turn++) {
    const gone = random(4);
    items = items.filter(() => random(40) >= gone).map((item) => (random(20) ? item : { ...item, at: random(50) }));
    for (let i = random(5); i > 0; i--) items.push({ id: turn * 10 + i, at: random(50) });
    expect(order.of([...items].reverse())).toEqual([...items].sort(compare));
  }
  expect(items.length).toBeGreaterThan(10);
});

it("hands out a list of its own: what was given is left as it is", () => {
  const given = [{ id: 1, at: 2 }, { id: 2, at: 1 }];
  expect(new KeptOrder(compare).of(given).map(({ id }) => id)).toEqual([2, 1]);
  expect(given.map(({ id }) => id)).toEqual([1, 2]);
});
