/** A project's page that stays true while it is open: figures, charts and their tables follow what people do. */

import { Chart, distribution, inWords, moment, throughput, type Span } from "./charts";
import { grouped, percent, seriesOf, total, type Figures } from "./figures";
import { t } from "../words/words";

const AGAIN_MS = 2500; // between two looks at the figures, however much happens

class Page {
  private span: Span = "hours";
  private readonly charts: Chart[] = [];
  private asking = false;
  private askAgain = false;

  constructor(
    private readonly root: HTMLElement,
    private figures: Figures,
  ) {
    if (total(figures.hours) === 0 && total(figures.days) > 0) this.span = "days";
  }

  start(): void {
    for (const button of this.root.querySelectorAll<HTMLButtonElement>("[data-span]")) {
      button.addEventListener("click", () => {
        this.span = button.dataset["span"] === "days" ? "days" : "hours";
        this.show();
      });
    }
    // Whatever happens in the project is told to the element that watches it (static/js/here.js).
    this.root.closest("[data-project]")?.addEventListener("tasks", () => void this.refresh());
    const anew = (): void => this.show();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", anew);
    new MutationObserver(anew).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.show();
  }

  private async refresh(): Promise<void> {
    if (this.asking) {
      this.askAgain = true;
      return;
    }
    this.asking = true;
    try {
      const answer = await fetch(this.root.dataset["figures"] ?? "");
      if (answer.ok) {
        this.figures = (await answer.json()) as Figures;
        this.show();
      }
    } catch {
      // The next event asks again.
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    this.asking = false;
    if (this.askAgain) {
      this.askAgain = false;
      void this.refresh();
    }
  }

  private show(): void {
    this.showNumbers();
    for (const chart of this.charts.splice(0)) chart.destroy();
    this.showThroughput();
    this.showLabels();
  }

  private showNumbers(): void {
    const { progress, said, people } = this.figures;
    const numbers: Record<string, string> = {
      submitted: grouped(progress.submitted),
      percent: String(percent(progress.submitted, progress.tasks)),
      tasks: grouped(progress.tasks),
      in_progress: grouped(progress.in_progress),
      open: grouped(progress.open),
      skipped: grouped(progress.skipped),
      annotations: grouped(said.annotations),
      waiting: grouped(said.waiting),
      model_decided: grouped(said.model_decided),
      model_percent: said.model_decided ? `${percent(said.model_accepted, said.model_decided)} %` : "–",
    };
    for (const person of people) {
      for (const what of ["done", "annotations", "decisions"] as const) numbers[`${what}-${person.id}`] = grouped(person[what]);
    }
    for (const place of document.querySelectorAll<HTMLElement>("[data-number]")) {
      const shown = numbers[place.dataset["number"] ?? ""];
      if (shown !== undefined && place.textContent !== shown) place.textContent = shown;
    }
    const meter = document.querySelector(".stat .meter");
    meter?.querySelector<HTMLElement>(".done")?.style.setProperty("width", `${percent(progress.submitted, progress.tasks)}%`);
    meter?.querySelector<HTMLElement>(".begun")?.style.setProperty("width", `${percent(progress.in_progress, progress.tasks)}%`);
  }

  private showThroughput(): void {
    for (const button of this.root.querySelectorAll<HTMLButtonElement>("[data-span]")) {
      button.setAttribute("aria-pressed", String(button.dataset["span"] === this.span));
    }
    const canvas = this.root.querySelector<HTMLCanvasElement>("canvas[data-chart=throughput]");
    const done = total(this.figures[this.span]);
    const words = inWords(done, this.span);
    const summary = this.root.querySelector("[data-summary]");
    if (summary) summary.textContent = words;
    if (!canvas) return;
    canvas.setAttribute("aria-label", words);
    this.charts.push(new Chart(canvas, throughput(canvas, this.figures, this.span)));
    this.showTable();
  }

  /** The same figures in words, for who does not see the chart. */
  private showTable(): void {
    const table = this.root.querySelector("table[data-table=throughput]");
    if (!table) return;
    const buckets = this.figures[this.span];
    const series = seriesOf(buckets, this.figures.people, t("former accounts"));
    const head = row("th", [this.span === "hours" ? t("Hour") : t("Day"), ...series.map(({ name }) => name)]);
    const busy = buckets.map((bucket, at) => ({ bucket, counts: series.map(({ counts }) => counts[at] ?? 0) })).filter(({ counts }) => counts.some((count) => count > 0));
    const body = busy.map(({ bucket, counts }) => row("td", [moment(bucket, this.span), ...counts.map(grouped)]));
    const sections = [document.createElement("thead"), document.createElement("tbody")] as const;
    sections[0].append(head);
    sections[1].append(...(body.length ? body : [row("td", [t("Nothing was done in this time.")])]));
    table.replaceChildren(...sections);
  }

  private showLabels(): void {
    const canvas = this.root.querySelector<HTMLCanvasElement>("canvas[data-chart=labels]");
    const { labels } = this.figures;
    for (const { key, count } of labels) {
      const place = this.root.querySelector(`[data-label-count="${CSS.escape(key)}"]`);
      if (place) place.textContent = grouped(count);
    }
    if (!canvas?.parentElement) return;
    canvas.parentElement.style.height = `${labels.length * 28 + 34}px`;
    const chart = new Chart(canvas, distribution(canvas, labels));
    canvas.onclick = (event) => {
      const [found] = chart.getElementsAtEventForMode(event, "nearest", { axis: "y", intersect: false }, false);
      const label = found && labels[found.index];
      if (label) location.assign(`${canvas.dataset["tasks"] ?? ""}?${new URLSearchParams({ label: label.key }).toString()}`);
    };
    this.charts.push(chart);
  }
}

function row(kind: "th" | "td", words: readonly string[]): HTMLTableRowElement {
  const made = document.createElement("tr");
  for (const [at, word] of words.entries()) {
    const cell = document.createElement(at === 0 && kind === "td" ? "th" : kind);
    if (kind === "th") cell.setAttribute("scope", "col");
    else if (at === 0) cell.setAttribute("scope", "row");
    cell.textContent = word;
    made.append(cell);
  }
  return made;
}

/** `root` says where the figures are asked for; what they are now stands in the page. */
export function draw(root: HTMLElement): void {
  const told = document.getElementById("figures")?.textContent;
  if (told) new Page(root, JSON.parse(told) as Figures).start();
}
