/** A moment as people say it: today its time, else its day too. */

export function when(at: string, now: Date = new Date()): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  const isToday = moment.toDateString() === now.toDateString();
  const isThisYear = moment.getFullYear() === now.getFullYear();
  const day: Intl.DateTimeFormatOptions = isToday ? {} : { day: "numeric", month: "short", ...(isThisYear ? {} : { year: "numeric" }) };
  return new Intl.DateTimeFormat(document.documentElement.lang || "en", { ...day, ...time }).format(moment);
}

/** All of it, for a title. */
export function exactly(at: string): string {
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? at : new Intl.DateTimeFormat(document.documentElement.lang || "en", { dateStyle: "full", timeStyle: "medium" }).format(moment);
}
