/** The search of the command palette. Pure. */

export interface PaletteEntry {
  readonly id: string;
  readonly title: string;
  /** Where it belongs: a group of commands, a field. */
  readonly about: string;
  readonly keys: readonly string[];
  readonly colour: string | null;
  readonly run: () => void;
}

/** Entries that hold every word of the query, the closest first; all of them, as they are, where there is no query. */
export function matching(entries: readonly PaletteEntry[], query: string): readonly PaletteEntry[] {
  const words = plain(query).split(" ").filter(Boolean);
  if (!words.length) return entries;
  return entries
    .map((entry) => ({ entry, distance: distance(entry, words) }))
    .filter((each) => each.distance < Infinity)
    .sort((a, b) => a.distance - b.distance)
    .map(({ entry }) => entry);
}

function distance({ title, about }: PaletteEntry, words: readonly string[]): number {
  const [name, place] = [plain(title), plain(about)];
  return words.reduce((sum, word) => sum + distanceOf(word, name, place), 0);
}

function distanceOf(word: string, name: string, place: string): number {
  if (name.startsWith(word)) return 0;
  if (name.includes(` ${word}`)) return 1;
  if (name.includes(word)) return 2;
  return place.includes(word) ? 3 : Infinity;
}

/** Small letters without accents and signs. */
function plain(words: string): string {
  return words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
