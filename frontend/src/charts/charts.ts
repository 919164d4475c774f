/** The two charts of a project's page on Chart.js, of which only bars are loaded. Knows colours and axes; no page. */

import { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip, type ChartConfiguration } from "chart.js";
import { t, tn } from "../words/words";
import { lifted, seriesOf, type Bucket, type Figures, type LabelCount } from "./figures";

Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip);

export type Span = "hours" | "days";
type Bars = ChartConfiguration<"bar", number[], string>;

const MOST_NAMED = 8; // people in the legend; all of them are in the table
const GREY = "#8a95a3";

interface Theme {
  readonly ink: string;
  readonly line: string;
  readonly panel: string;
  readonly font: string;
  readonly lift: number;
}

function themeOf(element: Element): Theme {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: token("--ink-2"),
    line: token("--line"),
    panel: token("--panel"),
    font: style.fontFamily,
    lift: parseFloat(token("--person-lift")) / 100 || 0,
  };
}

function bars(theme: Theme, data: Bars["data"], horizontal: boolean): Bars {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const ticks = { color: theme.ink, font: { family: theme.font, size: 12 } };
  const counts = { beginAtZero: true, stacked: !horizontal, grid: { color: theme.line }, border: { display: false }, ticks: { ...ticks, precision: 0, maxTicksLimit: 5 } };
  const names = { stacked: !horizontal, grid: { display: false }, border: { color: theme.line }, ticks: { ...ticks, maxRotation: 0, autoSkip: !horizontal, autoSkipPadding: 12 } };
  return {
    type: "bar",
    data,
    options: {
      indexAxis: horizontal ? "y" : "x",
      responsive: true,
      maintainAspectRatio: false,
      animation: still ? false : { duration: 250 },
      scales: horizontal ? { x: counts, y: names } : { x: names, y: counts },
      plugins: {
        legend: {
          display: !horizontal && data.datasets.length > 0 && data.datasets.length <= MOST_NAMED,
          position: "bottom",
          align: "start",
          labels: { color: theme.ink, boxWidth: 10, boxHeight: 10, font: { family: theme.font, size: 12 } },
        },
        tooltip: { mode: horizontal ? "nearest" : "index", intersect: horizontal, filter: (item) => item.parsed[horizontal ? "x" : "y"] !== 0 },
      },
    },
  };
}

/** Tasks done in each hour or day, stacked by who did them. */
export function throughput(canvas: HTMLCanvasElement, figures: Figures, span: Span): Bars {
  const theme = themeOf(canvas);
  const buckets = figures[span];
  const datasets = seriesOf(buckets, figures.people, t("former accounts")).map(({ name, colour, counts }) => ({
    label: name,
    data: counts,
    backgroundColor: lifted(colour, theme.lift),
    borderColor: theme.panel,
    borderWidth: { top: 1 },
    borderRadius: 2,
    maxBarThickness: 36,
  }));
  return bars(theme, { labels: buckets.map((bucket) => moment(bucket, span)), datasets }, false);
}

/** Accepted annotations by label, in the labels' own colours. */
export function distribution(canvas: HTMLCanvasElement, labels: readonly LabelCount[]): Bars {
  const fields = new Set(labels.map(({ field }) => field));
  const data = {
    labels: labels.map(({ field, name }) => (fields.size > 1 && labels.filter((other) => other.name === name).length > 1 ? `${field}: ${name}` : name)),
    datasets: [{ label: t("Annotations"), data: labels.map(({ count }) => count), backgroundColor: labels.map(({ colour }) => colour || GREY), borderRadius: 3, maxBarThickness: 16 }],
  };
  canvas.style.cursor = "pointer";
  return bars(themeOf(canvas), data, true);
}

/** An hour as the reader's clock has it; a day as the server counts it. */
export function moment({ start }: Bucket, span: Span): string {
  const language = document.documentElement.lang;
  const shape: Intl.DateTimeFormatOptions = span === "hours" ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } : { day: "numeric", month: "short", timeZone: "UTC" };
  return new Intl.DateTimeFormat(language, shape).format(new Date(start));
}

export function inWords(count: number, span: Span): string {
  return span === "hours" ? tn(count, "{n} task done in the last 24 hours", "{n} tasks done in the last 24 hours") : tn(count, "{n} task done in the last 30 days", "{n} tasks done in the last 30 days");
}

export { Chart };
