/** A long list of which only the visible rows exist, all of one height. What is being read stays put when others come above it. */

import type { ComponentChild } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

const SPARE_ROWS = 6;

interface Props<Item extends { readonly id: string }> {
  readonly name: string;
  readonly items: readonly Item[];
  readonly rowHeight: number;
  readonly selected: string | null;
  readonly render: (item: Item, place: Place) => ComponentChild;
}

/** Where a row stands in the whole list, for screen readers. */
export interface Place {
  readonly "aria-posinset": number;
  readonly "aria-setsize": number;
}

export function Rows<Item extends { readonly id: string }>({ name, items, rowHeight, selected, render }: Props<Item>) {
  const box = useRef<HTMLDivElement>(null);
  const first = useRef<{ readonly id: string; readonly index: number } | null>(null);
  const held = useRef(-1);
  held.current = items.findIndex((item) => item.id === selected);
  const [seen, setSeen] = useState({ top: 0, height: 600 });

  const look = (): void => {
    if (!box.current) return;
    const { scrollTop: top, clientHeight: height } = box.current;
    const index = Math.floor(top / rowHeight);
    const item = items[index];
    first.current = item ? { id: item.id, index } : null;
    setSeen((was) => (was.top === top && was.height === height ? was : { top, height }));
  };
  /** What stands below the list may grow with what is selected, and must not cover it. Who scrolled elsewhere stays there. */
  const resized = (): void => {
    const was = first.current && seen.height;
    look();
    if (box.current && was && isWithin(box.current, held.current * rowHeight, rowHeight, was)) showRow(box.current, held.current, rowHeight);
  };
  const latest = useRef(resized);
  latest.current = resized;
  // Known before anything is drawn: a row that has the focus must not leave the page meanwhile.
  const shift = box.current && first.current ? shiftOf(box.current, first.current, items) * rowHeight : 0;
  useLayoutEffect(() => {
    if (box.current && shift) box.current.scrollTop += shift;
    look();
  }, [items]);
  useLayoutEffect(() => {
    if (box.current) showRow(box.current, held.current, rowHeight);
  }, [selected]);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(() => latest.current());
    if (box.current) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  const top = seen.top + shift;
  const from = Math.max(0, Math.floor(top / rowHeight) - SPARE_ROWS);
  const to = Math.min(items.length, Math.ceil((top + seen.height) / rowHeight) + SPARE_ROWS);
  return (
    <div class="scrolls rows" ref={box} onScroll={look}>
      <ul aria-label={name} style={{ paddingTop: `${from * rowHeight}px`, paddingBottom: `${Math.max(0, items.length - to) * rowHeight}px` }}>
        {items.slice(from, to).map((item, i) => render(item, { "aria-posinset": from + i + 1, "aria-setsize": items.length }))}
      </ul>
    </div>
  );
}

/** So many rows came (or went) above what is being read. At the very top, what is new is shown, unless a hand is on the list. */
function shiftOf(box: HTMLElement, first: { readonly id: string; readonly index: number }, items: readonly { readonly id: string }[]): number {
  const index = items.findIndex((item) => item.id === first.id);
  const isHeld = box.scrollTop > 0 || box.matches(":hover, :focus-within") || box.querySelector(".entry.on") !== null;
  return index >= 0 && isHeld ? index - first.index : 0;
}

function isWithin(box: HTMLElement, top: number, rowHeight: number, height: number): boolean {
  return top >= box.scrollTop && top + rowHeight <= box.scrollTop + height;
}

function showRow(box: HTMLElement, index: number, rowHeight: number): void {
  if (index < 0) return;
  const top = index * rowHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + rowHeight - box.clientHeight;
}
