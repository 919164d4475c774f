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

export interface Place {
  readonly "aria-posinset": number;
  readonly "aria-setsize": number;
}

export function Rows<Item extends { readonly id: string }>({ name, items, rowHeight, selected, render }: Props<Item>) {
  const box = useRef<HTMLDivElement>(null);
  const anchor = useRef<{ id: string; index: number } | null>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);

  useLayoutEffect(() => observeHeight(box.current!, setHeight), []);
  useLayoutEffect(() => {
    const moved = anchor.current && items.findIndex((item) => item.id === anchor.current!.id) - anchor.current.index;
    if (moved && moved > 0 && box.current!.scrollTop > 0) box.current!.scrollTop += moved * rowHeight;
    remember();
  }, [items]);
  useLayoutEffect(() => showRow(box.current!, items.findIndex((item) => item.id === selected), rowHeight), [selected]);

  const remember = (): void => {
    const index = Math.floor(box.current!.scrollTop / rowHeight);
    const item = items[index];
    anchor.current = item ? { id: item.id, index } : null;
    setTop(box.current!.scrollTop);
  };
  const from = Math.max(0, Math.floor(top / rowHeight) - SPARE_ROWS);
  const to = Math.min(items.length, Math.ceil((top + height) / rowHeight) + SPARE_ROWS);
  return (
    <div class="scrolls rows" ref={box} onScroll={remember}>
      <ul aria-label={name} style={{ paddingTop: `${from * rowHeight}px`, paddingBottom: `${(items.length - to) * rowHeight}px` }}>
        {items.slice(from, to).map((item, i) => render(item, { "aria-posinset": from + i + 1, "aria-setsize": items.length }))}
      </ul>
    </div>
  );
}

function observeHeight(box: HTMLElement, tell: (height: number) => void): () => void {
  const observer = new ResizeObserver(() => tell(box.clientHeight));
  observer.observe(box);
  return () => observer.disconnect();
}

function showRow(box: HTMLElement, index: number, rowHeight: number): void {
  if (index < 0) return;
  const top = index * rowHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + rowHeight - box.clientHeight;
}
