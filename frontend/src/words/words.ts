/** The interface's words in the reader's language. English sentences are the keys; a catalogue says what they are elsewhere.
 *
 * Call `t` and `tn` where something is shown, never while a module is loaded: the catalogue is not there yet. */

/** A sentence, or its forms by the language's plural categories (de: one, other). */
export type Catalogue = Readonly<Record<string, string | Readonly<Record<string, string>>>>;
export type Values = Readonly<Record<string, string | number>>;

const CATALOGUES: Readonly<Record<string, () => Promise<{ readonly default: Catalogue }>>> = {
  de: () => import("./de.json"),
};

let catalogue: Catalogue = {};
let plurals = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en");

/** Speak a language from now on ("de", "de-AT"); one without a catalogue is English. */
export async function speak(language: string): Promise<void> {
  const short = language.toLowerCase().split("-")[0] ?? "en";
  const load = CATALOGUES[short];
  const found = load ? (await load()).default : {};
  catalogue = found;
  plurals = new Intl.PluralRules(load ? short : "en");
  numbers = new Intl.NumberFormat(load ? language : "en");
}

/** A sentence with its `{values}` put in. */
export function t(english: string, values: Values = {}): string {
  const said = catalogue[english];
  return fill(typeof said === "string" ? said : english, values);
}

/** A sentence about `n` things; `{n}` in it is the number. The catalogue knows it by its form for many. */
export function tn(n: number, one: string, many: string, values: Values = {}): string {
  const forms = catalogue[many];
  const said = typeof forms === "object" ? forms[plurals.select(n)] : undefined;
  return fill(said ?? (n === 1 ? one : many), { n, ...values });
}

/** A number as the language writes it. */
export function number(n: number): string {
  return numbers.format(n);
}

function fill(sentence: string, values: Values): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? numbers.format(value) : value;
  });
}
