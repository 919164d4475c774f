/** A short tour of the workspace for who opens the demo project first: a card beside each part, to be read or skipped.
 * It takes no focus and no key of the workspace's: who wants to label labels. */

import { render } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { t } from "../words/words";
import type { Workspace } from "../workspace/app_actions";
import "../styles/tour.css";

interface Stop {
  /** What the card stands beside; the first one that is on the screen. */
  readonly beside: string;
  readonly title: string;
  readonly words: string;
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

const CARD_PX = 320;
const GAP_PX = 12;
const LEAST_HEIGHT_PX = 220;
const SEEN_AS = "colabel-tour/";

/** Whether this person has seen it in this browser; where nothing can be kept, nobody is bothered. */
export function hasSeenTour(user: number): boolean {
  try {
    return localStorage.getItem(SEEN_AS + String(user)) !== null;
  } catch {
    return true;
  }
}

export function startTour(workspace: Workspace): void {
  const place = document.body.appendChild(document.createElement("div"));
  const end = (): void => {
    render(null, place);
    place.remove();
    try {
      localStorage.setItem(SEEN_AS + String(workspace.me.id), "seen");
    } catch {
      // It will be shown again: no harm.
    }
  };
  render(<Tour stops={stops(workspace)} end={end} say={(sentence) => workspace.say(sentence)} />, place);
}

function stops(workspace: Workspace): readonly Stop[] {
  const key = (command: Parameters<Workspace["keys"]>[0]): string => workspace.keys(command)[0] ?? "";
  return [
    {
      beside: ".main .text",
      title: t("Mark words in the text"),
      words: t("Select a few words, then press a label's key or click the label. Or press the label first: every selection after it becomes that label."),
    },
    {
      beside: "aside.left, nav.switch",
      title: t("Labels and their keys"),
      words: t("Each label has a key and says how often it is used here. Below stands the queue: which tasks are next, and who is in them right now."),
    },
    {
      beside: "aside.right, nav.switch",
      title: t("Suggestions come while you work"),
      words: t("A model's suggestions appear dashed, with a score. {accept} accepts, {reject} rejects, {forward} goes to the next one.", { accept: key("accept"), reject: key("reject"), forward: key("forward") }),
    },
    {
      beside: "header .avatars",
      title: t("You are not alone here"),
      words: t("Colleagues in this task see your labels at once, and you see theirs. Press somebody's picture to follow what is on his screen."),
    },
    {
      beside: "header .saved",
      title: t("Saved means saved"),
      words: t("This line tells the truth: what is not yet with the server is counted, and kept in this browser when the connection is gone."),
    },
    {
      beside: "footer.foot, nav.switch",
      title: t("All keys, one key away"),
      words: t("{help} lists every key, {guidelines} shows the guidelines, {undo} takes back what you did, and only that.", { help: key("help"), guidelines: key("guidelines"), undo: key("undo") }),
    },
  ];
}

function Tour({ stops, end, say }: { stops: readonly Stop[]; end: () => void; say: (sentence: string) => void }) {
  const [at, setAt] = useState(0);
  const [box, setBox] = useState<Box | null>(null);
  const stop = stops[at];
  useLayoutEffect(() => {
    if (!stop) return undefined;
    const look = (): void => setBox(boxOf(stop.beside));
    look();
    say(`${stop.title}. ${stop.words}`);
    addEventListener("resize", look);
    return () => removeEventListener("resize", look);
  }, [at]);
  if (!stop) return null;
  const isLast = at === stops.length - 1;
  return (
    <>
      {box && <div class="tour-ring" style={px(box)} aria-hidden="true" />}
      <section class="tour-card" aria-label={t("Tour of the workspace")} style={px(cardBeside(box))}>
        <p class="step">{t("{n} of {all}", { n: at + 1, all: stops.length })}</p>
        <h2>{stop.title}</h2>
        <p>{stop.words}</p>
        <div class="row">
          <button type="button" class="mini" onClick={end}>
            {isLast ? t("Close") : t("Skip the tour")}
          </button>
          <span class="grow" />
          {at > 0 && (
            <button type="button" class="mini" onClick={() => setAt(at - 1)}>
              {t("Back")}
            </button>
          )}
          {!isLast && (
            <button type="button" class="mini primary" onClick={() => setAt(at + 1)}>
              {t("Next")}
            </button>
          )}
        </div>
      </section>
    </>
  );
}

function boxOf(selector: string): Box | null {
  const boxes = [...document.querySelectorAll(selector)].map((element) => element.getBoundingClientRect());
  const { top, left, width, height } = boxes.find((box) => box.width > 0 && box.height > 0 && box.left < innerWidth) ?? {};
  return top === undefined || left === undefined || width === undefined || height === undefined ? null : { top, left, width, height };
}

/** Where there is room: right of it, left of it, below or above it; else over the end of it. Always whole on the screen. */
function cardBeside(box: Box | null): { top: number; left: number } {
  const width = Math.min(CARD_PX, innerWidth - 2 * GAP_PX);
  const lowest = innerHeight - LEAST_HEIGHT_PX - GAP_PX;
  if (!box) return { top: lowest, left: GAP_PX };
  const top = Math.max(GAP_PX, Math.min(box.top + GAP_PX, lowest));
  if (box.left + box.width + width + 2 * GAP_PX < innerWidth) return { top, left: box.left + box.width + GAP_PX };
  if (box.left - width - 2 * GAP_PX > 0 && box.height > LEAST_HEIGHT_PX) return { top, left: box.left - width - GAP_PX };
  const left = Math.max(GAP_PX, Math.min(box.left, innerWidth - width - GAP_PX));
  if (box.height > innerHeight / 2) return { top: lowest, left };
  const below = box.top + box.height + GAP_PX;
  if (below < lowest) return { top: below, left };
  return { top: Math.max(GAP_PX, Math.min(box.top - LEAST_HEIGHT_PX - GAP_PX, lowest)), left };
}

function px(box: Partial<Box>): Record<string, string> {
  return Object.fromEntries(Object.entries(box).map(([side, length]) => [side, `${length}px`]));
}
