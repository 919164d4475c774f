/** One comment: who, when, what; its author changes it, he or a manager takes it away. */

import { useState } from "preact/hooks";
import { Composer } from "./composer";
import { useWorkspace } from "./context";
import { Bin, Pen } from "./icons";
import { Avatar } from "./parts";
import type { Comment } from "../workspace/discussion";
import { piecesOf } from "../workspace/mentions";
import { exactly, when } from "../words/when";
import { t } from "../words/words";

export function CommentLine({ comment, fresh }: { comment: Comment; fresh: boolean }) {
  const workspace = useWorkspace();
  const [edited, setEdited] = useState<string | null>(null);
  const isMine = comment.author === workspace.me.id;
  const mayRemove = workspace.mayWrite.value && (isMine || workspace.role.value === "manager");
  const name = workspace.nameOf(comment.author);
  const { discussion } = workspace.shown.value.open;
  return (
    <li class="comment" data-comment={comment.id}>
      <Avatar name={isMine ? workspace.me.name : name} colour={workspace.colourOfPerson(comment.author)} small />
      <div class="said">
        <div class="by">
          <b>{isMine ? t("You") : name}</b>
          <time dateTime={comment.created} title={exactly(comment.created)}>
            {when(comment.created)}
          </time>
          {comment.edited && <span title={exactly(comment.edited)}>{t("edited")}</span>}
          {fresh && <span class="chip new">{t("new")}</span>}
          <span class="grow" />
          {isMine && workspace.mayWrite.value && edited === null && (
            <button type="button" class="icon-button" aria-label={t("Edit my comment")} title={t("Edit my comment")} onClick={() => setEdited(comment.body)}>
              <Pen />
            </button>
          )}
          {mayRemove && edited === null && (
            <button type="button" class="icon-button" aria-label={t("Delete the comment")} title={t("Delete the comment")} onClick={() => discussion.remove(comment.id)}>
              <Bin />
            </button>
          )}
        </div>
        {edited === null ? (
          <Body body={comment.body} />
        ) : (
          <Composer
            name={t("Edit my comment")}
            body={edited}
            focused
            submit={t("Save")}
            change={setEdited}
            cancel={() => setEdited(null)}
            send={(body, mentions) => {
              discussion.change(comment.id, body, mentions);
              setEdited(null);
            }}
          />
        )}
      </div>
    </li>
  );
}

export function Body({ body }: { body: string }) {
  const workspace = useWorkspace();
  return (
    <p class="body" dir="auto">
      {piecesOf(body, workspace.project.value.members).map(({ text, user }, i) =>
        user === null ? (
          text
        ) : (
          <span key={i} class={`mention${user === workspace.me.id ? " me" : ""}`}>
            {text}
          </span>
        ),
      )}
    </p>
  );
}
