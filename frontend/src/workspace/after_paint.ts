/** For what can wait until the screen shows what is there already. */

export function afterPaint(deed: () => void): void {
  // A hidden page is never painted.
  if (document.hidden) setTimeout(deed);
  else requestAnimationFrame(() => setTimeout(deed));
}
