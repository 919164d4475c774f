/** The top line: where we are, whether all is saved, who is here, and the way on. */

import { useWorkspace } from "./context";
import { Book, Left, Moon, Right, Sun } from "./icons";
import { Avatar } from "./parts";
import { toggleFollowing } from "../workspace/following";
import { theme, toggleTheme } from "../workspace/theme";
import { t } from "../words/words";

const MOST_AVATARS = 5;

export function Header() {
  return (
    <header class="top">
      <Crumb />
      <Status />
      <span class="grow" />
      <Saved />
      <Here />
      <Tools />
      <Verdict />
    </header>
  );
}

function Crumb() {
  const workspace = useWorkspace();
  const { id, name } = workspace.project.value;
  const task = workspace.task.value;
  return (
    <>
      <a class="brand" href={`/projects/${id}/`} aria-label={t("Colabel: the project {name}", { name })}>
        ◐<span class="word"> Colabel</span>
      </a>
      <span class="crumb">
        <a class="project" href={`/projects/${id}/`}>
          {name}
        </a>
        <span class="slash">/</span>
        <b>{t("Task {n}", { n: task.position })}</b>
        <span class="count">{t("of {n}", { n: task.total })}</span>
      </span>
      <nav class="pair" aria-label={t("Tasks")}>
        <button type="button" class="btn square" aria-label={t("Previous task")} title={title(t("Previous task"), workspace.keys("previous task"))} disabled={task.position <= 1} onClick={() => void workspace.goBy(-1)}>
          <Left />
        </button>
        <button type="button" class="btn square" aria-label={t("Next task")} title={title(t("Next task"), workspace.keys("next task"))} disabled={task.position >= task.total} onClick={() => void workspace.goBy(1)}>
          <Right />
        </button>
      </nav>
    </>
  );
}

function title(name: string, keys: readonly string[]): string {
  return keys.length ? `${name} (${keys.join(", ")})` : name;
}

function Status() {
  const { status } = useWorkspace();
  if (status.value === "submitted") return <span class="chip ok">✓ {t("Submitted")}</span>;
  if (status.value === "skipped") return <span class="chip warn">{t("Skipped")}</span>;
  return null;
}

function Saved() {
  const { saved } = useWorkspace();
  const { state, icon, words, more } = saved.value;
  return (
    <span class="saved" data-state={state} title={words + more}>
      <span class="icon" aria-hidden="true">
        {icon}
      </span>
      <span class="words">
        {words}
        <span class="more">{more}</span>
      </span>
    </span>
  );
}

function Here() {
  const workspace = useWorkspace();
  const { ui } = workspace;
  const others = workspace.others.value;
  const shown = others.slice(0, MOST_AVATARS);
  return (
    <span class="avatars" role="group" aria-label={t("Who is in this task")}>
      {shown.map((person) => (
        <button
          key={person.id}
          type="button"
          class="avatar-button"
          aria-label={t("Follow {who}", { who: person.name })}
          aria-pressed={ui.following.value === person.id}
          title={ui.following.value === person.id ? t("You follow {who}; press again or scroll to stop", { who: person.name }) : t("Go to where {who} is, and follow", { who: person.name })}
          onClick={() => toggleFollowing(workspace, person.id)}
        >
          <Avatar name={person.name} colour={person.colour} />
        </button>
      ))}
      {others.length > shown.length && <span class="avatar more-people">+{others.length - shown.length}</span>}
      <Avatar name={workspace.me.name} colour={workspace.me.colour} me />
    </span>
  );
}

function Tools() {
  const { ui, project } = useWorkspace();
  const dark = theme.value === "dark";
  return (
    <span class="row wide-only">
      {project.value.guidelines_html && (
        <button type="button" class="icon-button" aria-label={t("Guidelines")} title={t("Guidelines")} onClick={() => (ui.dialog.value = "guidelines")}>
          <Book />
        </button>
      )}
      <button type="button" class="icon-button" aria-label={dark ? t("Light theme") : t("Dark theme")} title={dark ? t("Light theme") : t("Dark theme")} onClick={toggleTheme}>
        {dark ? <Sun /> : <Moon />}
      </button>
    </span>
  );
}

function Verdict() {
  const workspace = useWorkspace();
  if (!workspace.mayWrite.value) return null;
  if (workspace.status.value === "submitted" || workspace.status.value === "skipped") {
    return (
      <button type="button" class="btn" disabled={workspace.deciding.value} onClick={() => void workspace.ways.reopen()}>
        {t("Reopen")}
      </button>
    );
  }
  return (
    <>
      <button type="button" class="btn skip" disabled={workspace.deciding.value} onClick={() => void workspace.ways.skip()}>
        {t("Skip")}
      </button>
      <button type="button" class="btn primary" disabled={workspace.deciding.value} onClick={() => void workspace.ways.submit()}>
        {t("Submit")} <kbd class="wide-only">{workspace.keys("submit")[0]}</kbd>
      </button>
    </>
  );
}

/** What a narrow header has no room for; stands on top of the fields' sheet. */
export function NarrowTools() {
  const workspace = useWorkspace();
  const { ui, project, undoWords, redoWords, mayWrite, status } = workspace;
  const isOpen = status.value !== "submitted" && status.value !== "skipped";
  return (
    <div class="narrow-tools">
      {mayWrite.value && (
        <>
          <button type="button" class="mini" disabled={!undoWords.value} onClick={() => workspace.undo()}>
            {t("Undo")}
          </button>
          <button type="button" class="mini" disabled={!redoWords.value} onClick={() => workspace.redo()}>
            {t("Redo")}
          </button>
        </>
      )}
      {mayWrite.value && isOpen && (
        <button type="button" class="mini" onClick={() => void workspace.ways.skip()}>
          {t("Skip")}
        </button>
      )}
      {project.value.guidelines_html && (
        <button type="button" class="mini" onClick={() => (ui.dialog.value = "guidelines")}>
          {t("Guidelines")}
        </button>
      )}
      <button type="button" class="mini" onClick={() => (ui.dialog.value = "palette")}>
        {t("Commands")}
      </button>
      <button type="button" class="mini" onClick={toggleTheme}>
        {theme.value === "dark" ? t("Light") : t("Dark")}
      </button>
    </div>
  );
}
