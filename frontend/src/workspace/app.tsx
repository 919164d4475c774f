/** The screen: where each panel stands, and how the side panels become sheets when there is little room. */

import { useLayoutEffect } from "preact/hooks";
import { kindOf } from "../kinds/registry";
import { LabelStrip } from "../kinds/span";
import { Banners } from "../panels/banners";
import { useWorkspace, WorkspaceContext } from "../panels/context";
import { Dialogs } from "../panels/dialogs";
import { Footer } from "../panels/footer";
import { Header, NarrowTools } from "../panels/header";
import { LabelsPanel } from "../panels/labels";
import { Note } from "../panels/note";
import { lazily } from "../panels/lazily";
import { Queue } from "../panels/queue";
import { SuggestionsPanel } from "../panels/suggestions";
import { TextPanel } from "../panels/text";
import { Toasts } from "../panels/toasts";
import type { Workspace } from "./app_actions";
import type { Sheet, Tab } from "./app_ui";
import { placeOf } from "./keyboard";
import { t, tn } from "../words/words";

export function App({ workspace, nonce }: { workspace: Workspace; nonce: string }) {
  useKeys(workspace);
  const { ui } = workspace;
  return (
    <WorkspaceContext.Provider value={workspace}>
      <div class="app" data-sheet={ui.sheet.value ?? undefined} data-armed={ui.armed.value ? "" : undefined} data-past={ui.past.value ? "" : undefined}>
        <Header />
        <aside class="left" aria-label={t("Fields and queue")}>
          <div class="scrolls">
            <NarrowTools />
            <Palette nonce={nonce} />
            <Queue />
          </div>
        </aside>
        <main class="main">
          <Banners />
          <TextPanel nonce={nonce} />
          <Note />
          {ui.past.value && <Past.Shown />}
        </main>
        <Right />
        <LabelStrip />
        <Switch />
        <Footer />
      </div>
      <Toasts />
      <Dialogs />
    </WorkspaceContext.Provider>
  );
}

function Palette({ nonce }: { nonce: string }) {
  const { project } = useWorkspace();
  return (
    <>
      {project.value.fields.map((field) => {
        const kind = kindOf(field);
        return kind && <kind.Palette key={field.key} field={field} nonce={nonce} />;
      })}
    </>
  );
}

const TABS: readonly Tab[] = ["labels", "suggestions", "comments", "history"];
const History = lazily(() => import("../panels/history"));
const Past = lazily(() => import("../panels/past"));
const Comments = lazily(() => import("../panels/comments"));

function nameOf(tab: Tab): string {
  return { labels: t("Labels"), suggestions: t("Suggestions"), comments: t("Comments"), history: t("History") }[tab];
}

function Panel({ tab }: { tab: Tab }) {
  if (tab === "labels") return <LabelsPanel />;
  if (tab === "suggestions") return <SuggestionsPanel />;
  return tab === "comments" ? <Comments.Shown /> : <History.Shown />;
}

function Right() {
  const workspace = useWorkspace();
  const { ui } = workspace;
  const walkTabs = (event: KeyboardEvent): void => {
    // With Shift or Alt an arrow is a command's.
    if (event.defaultPrevented || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
    const step = event.key === "ArrowRight" ? 1 : TABS.length - 1;
    ui.tab.value = TABS[(TABS.indexOf(ui.tab.value) + step) % TABS.length] ?? "labels";
    document.getElementById(`tab-${ui.tab.value}`)?.focus();
  };
  return (
    <aside class="right" aria-label={t("Labels, suggestions, comments and history")}>
      <div class="tabs" role="tablist" onKeyDown={walkTabs}>
        {TABS.map((tab) => (
          <button key={tab} id={`tab-${tab}`} type="button" role="tab" class="tab" aria-selected={ui.tab.value === tab} aria-controls="right-panel" tabIndex={ui.tab.value === tab ? 0 : -1} onClick={() => (ui.tab.value = tab)}>
            {nameOf(tab)} <Badge tab={tab} />
          </button>
        ))}
      </div>
      <div id="right-panel" class="panel" role="tabpanel" aria-labelledby={`tab-${ui.tab.value}`}>
        <Panel tab={ui.tab.value} />
      </div>
    </aside>
  );
}

function Badge({ tab }: { tab: Tab }) {
  const { accepted, suggestions, discussion, mentions } = useWorkspace();
  if (tab === "history") return null;
  if (tab === "comments" && (discussion.value.unread.value.size || mentions.unread.value)) return <Unread />;
  const count = tab === "comments" ? discussion.value.total.value : (tab === "labels" ? accepted : suggestions).value.length;
  return count ? <span class="badge">{count}</span> : null;
}

function Unread() {
  const { discussion, mentions } = useWorkspace();
  const unread = discussion.value.unread.value.size;
  const mentioned = mentions.unread.value;
  const said = [unread && tn(unread, "{n} unread", "{n} unread"), mentioned && tn(mentioned, "One mentions you", "{n} mention you")].filter(Boolean).join(", ");
  return (
    <span class="badge strong" title={said}>
      <span aria-hidden="true">{mentioned ? `@${mentioned}` : unread}</span>
      <span class="sr">{said}</span>
    </span>
  );
}

/** On a narrow screen: which sheet lies over the text. */
function Switch() {
  const { ui } = useWorkspace();
  const is = (sheet: Sheet, tab?: Tab): boolean => ui.sheet.value === sheet && (!tab || ui.tab.value === tab);
  const show = (sheet: Sheet, tab?: Tab): void => {
    ui.sheet.value = is(sheet, tab) ? null : sheet;
    if (tab) ui.tab.value = tab;
  };
  return (
    <nav class="switch" aria-label={t("Panels")}>
      <button type="button" aria-pressed={is(null)} onClick={() => (ui.sheet.value = null)}>
        Text
      </button>
      <button type="button" aria-pressed={is("left")} onClick={() => show("left")}>
        Fields
      </button>
      {TABS.map((tab) => (
        <button key={tab} type="button" aria-pressed={is("right", tab)} onClick={() => show("right", tab)}>
          {nameOf(tab)} <Badge tab={tab} />
        </button>
      ))}
    </nav>
  );
}

/** Keys of the whole window. What an open dialog or a text field wants, it gets. */
function useKeys(workspace: Workspace): void {
  // With the first frame, not after it.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || isOfSlider(event) || hasOwnKeys(event)) return;
      if (workspace.ui.hasDialog) return giveUp(event, workspace);
      const place = placeOf(event.target);
      // Out of the text field, so that the keys mean labels and commands again.
      if (place === "typing" && event.key === "Escape") (event.target as HTMLElement).blur();
      const meant = workspace.keyboard.value.pressed(event, place);
      if (meant && workspace.press(meant)) event.preventDefault();
    };
    // Before the text editor sees them: it would take Backspace and letters for itself.
    addEventListener("keydown", pressed, { capture: true });
    return () => removeEventListener("keydown", pressed, { capture: true });
  }, [workspace]);
}

/** A dialog has its own Escape; one that is still being fetched has none. */
function giveUp(event: KeyboardEvent, { ui }: Workspace): void {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) ui.dialog.value = ui.asking.value = null;
}

/** Where a comment is written, undo and Enter are the text's. */
function hasOwnKeys(event: KeyboardEvent): boolean {
  return event.target instanceof Element && event.target.closest("[data-own-keys]") !== null;
}

function isOfSlider(event: KeyboardEvent): boolean {
  return event.key.startsWith("Arrow") && event.target instanceof HTMLInputElement && event.target.type === "range";
}
