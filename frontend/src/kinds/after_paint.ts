/** For what can wait until the screen shows what is there already. */

export function afterPaint(deed: () => void): void {
  requestAnimationFrame(() => setTimeout(deed));
}
