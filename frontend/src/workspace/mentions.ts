/** @names in a comment: whom it mentions, what is being typed, how it is shown. Pure; twin of `mentioned_in` in projects/discussion/reading.py. */

export interface Member {
  readonly user: number;
  readonly username: string;
}

export interface Piece {
  readonly text: string;
  /** The user whom this piece mentions. */
  readonly user: number | null;
}

/** An @name that is being typed: where its @ stands, and what stands behind it up to the caret. */
export interface Typed {
  readonly at: number;
  readonly name: string;
}

const MOST_OFFERED = 6;

/** Of names that begin alike the longest, and none in the midst of a word. */
function pattern(members: readonly Member[]): RegExp | null {
  const names = members.map(({ username }) => username).sort((a, b) => b.length - a.length);
  return names.length ? new RegExp(String.raw`(?<![\p{L}\p{N}_@])@(${names.map(escaped).join("|")})(?![\p{L}\p{N}_-])`, "gu") : null;
}

export function piecesOf(body: string, members: readonly Member[]): Piece[] {
  const names = pattern(members);
  if (!names) return [{ text: body, user: null }];
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of body.matchAll(names)) {
    if (match.index > end) pieces.push({ text: body.slice(end, match.index), user: null });
    pieces.push({ text: match[0], user: members.find(({ username }) => username === match[1])?.user ?? null });
    end = match.index + match[0].length;
  }
  if (end < body.length) pieces.push({ text: body.slice(end), user: null });
  return pieces;
}

export function mentionsIn(body: string, members: readonly Member[]): number[] {
  const users = piecesOf(body, members).flatMap(({ user }) => (user === null ? [] : [user]));
  return [...new Set(users)].sort((a, b) => a - b);
}

export function typedAt(body: string, caret: number): Typed | null {
  const found = /(?<![\p{L}\p{N}_@])@([\p{L}\p{N}_.+-]*)$/u.exec(body.slice(0, caret));
  return found ? { at: found.index, name: found[1] ?? "" } : null;
}

/** Who may be meant: names that begin so, then names that hold it. */
export function offered<M extends Member>(name: string, members: readonly M[]): M[] {
  const wanted = name.toLowerCase();
  const rank = ({ username }: Member): number => username.toLowerCase().indexOf(wanted);
  const order = (a: Member, b: Member): number => Math.min(rank(a), 1) - Math.min(rank(b), 1) || (a.username < b.username ? -1 : 1);
  return members.filter((member) => rank(member) >= 0).sort(order).slice(0, MOST_OFFERED);
}

/** The text with the name that was chosen, and where the caret stands then. */
export function completed(body: string, typed: Typed, username: string): { body: string; caret: number } {
  const end = typed.at + 1 + typed.name.length;
  const space = /^\s/.test(body.slice(end)) ? "" : " ";
  const head = `${body.slice(0, typed.at)}@${username}${space}`;
  return { body: head + body.slice(end), caret: head.length + (space ? 0 : 1) };
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
