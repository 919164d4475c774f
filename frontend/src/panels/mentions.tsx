/** Comments of this project that mention me, the newest first; a click goes there. */

import { useEffect } from "preact/hooks";
import { Body } from "./comment";
import { useWorkspace } from "./context";
import type { Mention } from "../workspace/api";
import { exactly, when } from "../words/when";
import { t } from "../words/words";

export function MentionsList() {
  const { mentions } = useWorkspace();
  useEffect(() => void mentions.load().catch(() => undefined), []);
  if (!mentions.items.value.length) {
    return (
      <p class="empty">
        <b>{t("Nobody has mentioned you yet")}</b>
        {t("When somebody writes your name with an @, it is listed here.")}
      </p>
    );
  }
  return (
    <ul class="scrolls mentions" aria-label={t("Mentions of me")}>
      {mentions.items.value.map((mention) => (
        <MentionLine key={mention.id} mention={mention} />
      ))}
    </ul>
  );
}

function MentionLine({ mention }: { mention: Mention }) {
  const workspace = useWorkspace();
  const isHere = mention.task === workspace.task.value.id;
  const go = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    void workspace.goToComment(mention.task, mention.on);
  };
  return (
    <li>
      <a href={workspace.addressOf(mention.task)} onClick={go}>
        <span class="by">
          <b>{mention.author ?? t("somebody")}</b>
          <time dateTime={mention.created} title={exactly(mention.created)}>
            {when(mention.created)}
          </time>
          {mention.unread && <span class="chip new">{t("new")}</span>}
        </span>
        <Body body={mention.body} />
        <span class="muted ellipsis">
          {isHere ? t("In this task") : mention.excerpt}
          {mention.quote && ` · “${mention.quote}”`}
        </span>
      </a>
    </li>
  );
}
